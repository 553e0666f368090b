"""Tables of the log: entries, which items they name, the head, and the receipts of scans.

The application inserts and selects here and nothing else; triggers and privileges of the migrations hold it
to that. Only the one row of `audit_head` is ever updated.
"""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, text

from app.storage.tables.base import KEY, METADATA, UtcTime

_ROTATED = text("kind = 'key_rotated'")
_REVOKED = text("kind = 'device_revoked'")

AUDIT_LOG = Table(
    "audit_log",
    METADATA,
    Column("idx", KEY, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("data", LargeBinary, nullable=False),
    CheckConstraint("idx >= 0", name="idx"),
    CheckConstraint("length(leaf) = 32", name="leaf"),
    CheckConstraint("length(data) BETWEEN 2 AND 65535", name="data"),
    # The few entries that change a key are looked up at every page that shows a signature.
    Index("ix_audit_log_key_rotated", "idx", sqlite_where=_ROTATED, postgresql_where=_ROTATED),
    Index("ix_audit_log_device_revoked", "idx", sqlite_where=_REVOKED, postgresql_where=_REVOKED),
    sqlite_strict=True,
)

AUDIT_ITEMS = Table(
    "audit_items",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("idx", KEY, primary_key=True, autoincrement=False),
    Index(None, "idx"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", KEY, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint("length(leaf) = 32", name="leaf"),
    sqlite_strict=True,
)

SCANS = Table(
    "scans",
    METADATA,
    Column("scan_id", Text, primary_key=True),
    Column("envelope_digest", Text, nullable=False),
    Column("lines", Text, nullable=False),
    Column("entry_idx", KEY, nullable=False),
    CheckConstraint("length(scan_id) = 36", name="scan_id"),
    CheckConstraint("length(envelope_digest) = 64", name="envelope_digest"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
