"""The table of handover policies: versions, insert only."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from app.storage.tables.base import KEY, METADATA, UtcTime

HANDOVER_POLICIES = Table(
    "handover_policies",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("valid_from_at", UtcTime, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("published_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("published_at", UtcTime, nullable=False),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("source <> ''", name="source"),
    # No version reaches back: a handover is judged by what was in force then.
    CheckConstraint("valid_from_at > published_at", name="not_backwards"),
    sqlite_strict=True,
)
