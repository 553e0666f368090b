"""Tables of the gapless series: the official registers and the serials of consignment codes."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text

from app.storage.tables.base import KEY, METADATA, UtcTime

REGISTER_SERIES = Table(
    "register_series",
    METADATA,
    Column("unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("direction", Text, primary_key=True),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("direction IN ('out', 'in')", name="direction"),
    CheckConstraint("last_number >= 0", name="last_number"),
    sqlite_strict=True,
)

REGISTER_ENTRIES = Table(
    "register_entries",
    METADATA,
    Column("unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("direction", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("consignment_id", KEY, ForeignKey("consignments.id"), nullable=False, index=True),
    Column("registered_at", UtcTime, nullable=False),
    CheckConstraint("direction IN ('out', 'in')", name="direction"),
    CheckConstraint("number >= 1", name="number"),
    sqlite_strict=True,
)

CODE_SERIES = Table(
    "code_series",
    METADATA,
    Column("indicator", Text, primary_key=True),
    Column("next_serial", KEY, nullable=False),
    CheckConstraint("next_serial BETWEEN 0 AND 100000000", name="next_serial"),
    sqlite_strict=True,
)
