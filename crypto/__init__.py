"""The only door to cryptographic libraries."""
