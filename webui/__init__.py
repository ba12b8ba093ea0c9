"""The pages: a room of windows; it shows what the store holds and never computes."""
