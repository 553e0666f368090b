"""Tables of what is owed: versions of the service standard, slips that came back, tracers and their answers.

Insert only, but for the one row of each series of numbers.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text
from sqlalchemy import UniqueConstraint as Unique

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

# One row for each step raised for one clock of an item. The answer is written once, by the office asked.
TRACERS = Table(
    "tracers",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("consignment_id", KEY, ForeignKey("consignments.id"), nullable=False),
    Column("clock", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("issuer_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("to_unit_id", KEY, ForeignKey("units.id"), nullable=False, index=True),
    Column("raised_at", UtcTime, nullable=False),
    Column("raised_by_id", KEY, ForeignKey("users.id")),
    Column("answer_due_at", UtcTime, index=True),
    Unique("consignment_id", "clock", "step"),
    Unique("issuer_id", "year", "step", "number"),
    CheckConstraint("clock IN ('delivery', 'acknowledgement')", name="clock"),
    CheckConstraint("step IN ('tracer', 'investigation')", name="step"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("(step = 'tracer') = (answer_due_at IS NOT NULL)", name="answer_due"),
    sqlite_strict=True,
)

TRACER_ANSWERS = Table(
    "tracer_answers",
    METADATA,
    Column("tracer_id", KEY, ForeignKey("tracers.id"), primary_key=True, autoincrement=False),
    Column("answer", Text, nullable=False),
    Column("answered_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("answered_at", UtcTime, nullable=False),
    CheckConstraint(
        "answer IN ('slip_sent', 'slip_sent_again', 'held_here', 'passed_on', 'not_received')", name="answer"
    ),
    sqlite_strict=True,
)

TRACER_SERIES = Table(
    "tracer_series",
    METADATA,
    Column("unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("step", Text, primary_key=True),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("step IN ('tracer', 'investigation')", name="step"),
    CheckConstraint("last_number >= 0", name="last_number"),
    sqlite_strict=True,
)
