"""Incidents, holds and corrections."""
