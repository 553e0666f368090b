"""Bags, what lies in them, their seals and the pouches they are."""
