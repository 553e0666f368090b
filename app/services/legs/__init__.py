"""A courier's leg: planned, under way, over."""
