"""Tables of musters: each as it stands, and beside it, insert only, its entries and its lists of codes.

A list is what was frozen, what was scanned, what of that was in hand by then, or what the closing said of
each code. Who has come how far with
counting is kept apart. Nothing about custody is stored here.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from app.storage.tables.base import KEY, METADATA, UtcTime

_OPEN = text("closed_at IS NULL AND withdrawn_at IS NULL")

MUSTER_SERIES = Table(
    "muster_series",
    METADATA,
    Column("unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("last_number >= 0", name="last_number"),
    sqlite_strict=True,
)

MUSTERS = Table(
    "musters",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("user_id", KEY, ForeignKey("users.id")),
    Column("opened_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("unexpected", Integer, nullable=False),
    Column("partner_id", KEY, ForeignKey("users.id")),
    Column("closed_at", UtcTime),
    Column("withdrawn_by_id", KEY),
    Column("withdrawn_at", UtcTime),
    Column("withdrawn_reason", Text),
    Unique("code"),
    CheckConstraint("expected >= 0 AND missing >= 0 AND unexpected >= 0", name="amounts"),
    CheckConstraint("drawn IN (0, 1)", name="drawn"),
    CheckConstraint("(closed_at IS NULL) = (partner_id IS NULL)", name="closed_by_two"),
    CheckConstraint("partner_id <> opened_by_id", name="two_persons"),
    CheckConstraint(
        "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)"
        " AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"
        " AND (withdrawn_at IS NULL OR closed_at IS NULL)",
        name="withdrawn",
    ),
    Index("ix_musters_open", "unit_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index(None, "unit_id", "opened_at"),
    sqlite_strict=True,
)

MUSTER_COUNTERS = Table(
    "muster_counters",
    METADATA,
    Column("muster_id", KEY, ForeignKey("musters.id"), primary_key=True, autoincrement=False),
    Column("user_id", KEY, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("counts", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    CheckConstraint("counts >= 0 AND parts >= 0", name="amounts"),
    sqlite_strict=True,
)

MUSTER_LINES = Table(
    "muster_lines",
    METADATA,
    Column("muster_id", KEY, ForeignKey("musters.id"), primary_key=True, autoincrement=False),
    Column("list", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    CheckConstraint(
        "list IN ('expected', 'counted', 'came', 'missing', 'unexpected', 'explained', 'moved_out',"
        " 'moved_in', 'found')",
        name="list",
    ),
    sqlite_strict=True,
)

MUSTER_ENTRIES = Table(
    "muster_entries",
    METADATA,
    Column("muster_id", KEY, ForeignKey("musters.id"), primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("user_id", KEY, ForeignKey("users.id"), nullable=False),
    CheckConstraint("step IN ('opened', 'counted', 'closed', 'withdrawn')", name="step"),
    sqlite_strict=True,
)
