"""Tables of what is owed: the versions of the service standard, and the slips that came back. Insert only."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from app.storage.tables.base import KEY, METADATA, UtcTime

SERVICE_STANDARDS = Table(
    "service_standards",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("valid_from_at", UtcTime, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("published_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("published_at", UtcTime, nullable=False),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("source <> ''", name="source"),
    # No version reaches back: a late item cannot be made punctual afterwards.
    CheckConstraint("valid_from_at > published_at", name="not_backwards"),
    sqlite_strict=True,
)

FILED_RECEIPTS = Table(
    "filed_receipts",
    METADATA,
    Column("consignment_id", KEY, ForeignKey("consignments.id"), primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("entry_mode", Text, nullable=False),
    Column("filed_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("filed_at", UtcTime, nullable=False),
    CheckConstraint("kind IN ('delivered', 'returned', 'undelivered', 'destroyed')", name="kind"),
    CheckConstraint("entry_mode IN ('scan', 'typed')", name="entry_mode"),
    sqlite_strict=True,
)
