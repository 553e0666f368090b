"""Tables of closed sections: each closing as it stands, and beside it, insert only, what lay in the safe.

Nothing about custody is stored here: who answers for an item is said by items and bags alone.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from app.storage.tables.base import KEY, METADATA, UtcTime

_CLOSED = text("reopened_at IS NULL")

SECTION_SERIES = Table(
    "section_series",
    METADATA,
    Column("unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("last_number >= 0", name="last_number"),
    sqlite_strict=True,
)

SECTION_CLOSINGS = Table(
    "section_closings",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("instead_unit_id", KEY, ForeignKey("units.id")),
    Column("closed_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("closed_at", UtcTime, nullable=False),
    Column("expected_at", UtcTime, nullable=False),
    Column("access_key_id", KEY, ForeignKey("access_keys.id")),
    Column("seal", Text, nullable=False),
    Column("things", Integer, nullable=False),
    Column("reopened_by_id", KEY, ForeignKey("users.id")),
    Column("reopened_at", UtcTime),
    Column("seal_state", Text),
    Column("found_incident_id", KEY, ForeignKey("incidents.id")),
    Column("raised_at", UtcTime),
    Column("incident_id", KEY, ForeignKey("incidents.id")),
    Unique("code"),
    CheckConstraint(
        "reason IN ('break', 'end_of_day', 'errand', 'meeting', 'unforeseen', 'premises', 'other')",
        name="reason",
    ),
    CheckConstraint("expected_at > closed_at", name="expected"),
    CheckConstraint("instead_unit_id <> unit_id", name="elsewhere"),
    # What is left lies in a safe under a seal, and nothing is sealed for nothing.
    CheckConstraint("things >= 0 AND (things > 0) = (access_key_id IS NOT NULL)", name="secured"),
    CheckConstraint("(seal = '') = (access_key_id IS NULL)", name="sealed"),
    CheckConstraint("seal_state IN ('none', 'intact', 'differs')", name="seal_state"),
    CheckConstraint(
        "(reopened_at IS NULL) = (reopened_by_id IS NULL) AND (reopened_at IS NULL) = (seal_state IS NULL)",
        name="reopened",
    ),
    CheckConstraint("(raised_at IS NULL) = (incident_id IS NULL)", name="raised"),
    # A section is closed once at a time, whoever is faster.
    Index(
        "uq_section_closings_closed", "unit_id", unique=True, sqlite_where=_CLOSED, postgresql_where=_CLOSED
    ),
    Index(None, "unit_id", "id"),
    sqlite_strict=True,
)

SECTION_LINES = Table(
    "section_lines",
    METADATA,
    Column("closing_id", KEY, ForeignKey("section_closings.id"), primary_key=True),
    Column("code", Text, primary_key=True),
    sqlite_strict=True,
)

# The seal on a safe's door is of the office's stock, and spent like one on a bag.
SECTION_SEALS = Table(
    "section_seals",
    METADATA,
    Column("seal_key", Text, primary_key=True),
    Column("closing_id", KEY, ForeignKey("section_closings.id"), nullable=False),
    Column("issue_id", KEY, ForeignKey("seal_issues.id"), nullable=False, index=True),
    Column("used_at", UtcTime, nullable=False),
    sqlite_strict=True,
)
