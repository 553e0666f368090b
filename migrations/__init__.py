"""Alembic revisions of the database; see ``app/storage/migrate.py``."""
