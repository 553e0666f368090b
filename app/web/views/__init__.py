"""The views of the people surface, one module per area of work."""
