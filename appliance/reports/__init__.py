"""What people look at rather than read: today, trends, and the week as page and paper."""
