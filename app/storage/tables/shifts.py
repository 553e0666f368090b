"""Tables of shifts: each shift as it stands, and beside it, insert only, its entries and its lists of codes.

A list is what a shift opened with, what one count read, what stood against that count, or what it closed
with. A relief is the list of one count made out to a successor. Nothing about custody is stored here: who
answers for an item is said by items and bags alone.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from app.storage.tables.base import KEY, METADATA, UtcTime

_OPEN = text("closed_at IS NULL")

SHIFT_SERIES = Table(
    "shift_series",
    METADATA,
    Column("unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("last_number >= 0", name="last_number"),
    sqlite_strict=True,
)

SHIFTS = Table(
    "shifts",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("user_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("previous_id", KEY, ForeignKey("shifts.id")),
    Column("counts", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("unexpected", Integer, nullable=False),
    Column("supervisor_id", KEY, ForeignKey("users.id")),
    Column("closed_at", UtcTime),
    Column("counting_at", UtcTime),
    Unique("code"),
    # Each shift goes on from one, so that no closing is the beginning of two.
    Unique("previous_id"),
    CheckConstraint("counts >= 0 AND parts >= 0 AND missing >= 0 AND unexpected >= 0", name="amounts"),
    CheckConstraint(
        "(closed_at IS NULL) = (supervisor_id IS NULL)"
        " AND (closed_at IS NULL OR (counts > 0 AND parts = 0 AND missing = 0 AND unexpected = 0))",
        name="closed_balanced",
    ),
    CheckConstraint("supervisor_id <> user_id", name="two_persons"),
    Index("uq_shifts_open", "user_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index(None, "unit_id", "opened_at"),
    Index(None, "user_id", "opened_at"),
    Index(None, "opened_at"),
    sqlite_strict=True,
)

# `number` is which count: 0 for the opening and the closing list.
SHIFT_LINES = Table(
    "shift_lines",
    METADATA,
    Column("shift_id", KEY, ForeignKey("shifts.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("list", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    CheckConstraint(
        "(list IN ('opening', 'closing') AND number = 0)"
        " OR (list IN ('counted', 'expected', 'explained', 'differing') AND number >= 1)",
        name="list",
    ),
    sqlite_strict=True,
)

# `number` is which count the entry belongs to: 0 for the opening and the closing.
SHIFT_ENTRIES = Table(
    "shift_entries",
    METADATA,
    Column("shift_id", KEY, ForeignKey("shifts.id"), primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("number", Integer, nullable=False),
    CheckConstraint("step IN ('opened', 'counted', 'closed')", name="step"),
    CheckConstraint("number >= 0", name="number"),
    sqlite_strict=True,
)

# Written at once, so that a shift opened in the same transaction knows it; its entry follows at the commit.
RELIEFS = Table(
    "reliefs",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("shift_id", KEY, ForeignKey("shifts.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("successor_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("listed_at", UtcTime, nullable=False),
    Column("lines", Integer, nullable=False),
    CheckConstraint("number >= 1 AND lines >= 1", name="amounts"),
    Index(None, "shift_id"),
    Index(None, "successor_id", "listed_at"),
    sqlite_strict=True,
)

RELIEF_ENTRIES = Table(
    "relief_entries",
    METADATA,
    Column("relief_id", KEY, ForeignKey("reliefs.id"), primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, nullable=False),
    sqlite_strict=True,
)
