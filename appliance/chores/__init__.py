"""Work started by the clock or by a button."""
