"""The kt1 command."""
