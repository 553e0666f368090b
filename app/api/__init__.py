"""The device surface: JSON over HTTPS under /api/v1."""
