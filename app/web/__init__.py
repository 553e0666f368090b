"""The people surface: server-rendered pages for browsers."""
