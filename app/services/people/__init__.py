"""Accounts, sessions, offices, devices, papers of authority, keys of offices."""
