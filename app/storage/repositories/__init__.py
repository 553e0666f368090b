"""Repositories: one module per area, add, find and list."""
