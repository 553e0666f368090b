"""Tables of couriers' legs and of vehicles: each leg as it stands, its lists and entries beside it.

A list is what was loaded, and what became of it at the end. Nothing about custody is stored here: who answers
for an item is said by items and bags alone.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from app.storage.tables.base import KEY, METADATA, Flag, UtcTime

_UNDER_WAY = text("state = 'departed'")

VEHICLES = Table(
    "vehicles",
    METADATA,
    Column("plate", Text, primary_key=True),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False, index=True),
    Column("dedicated", Flag, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("retired_at", UtcTime),
    sqlite_strict=True,
)

LEG_SERIES = Table(
    "leg_series",
    METADATA,
    Column("unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("last_number >= 0", name="last_number"),
    sqlite_strict=True,
)

LEGS = Table(
    "legs",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False),
    Column("origin_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("destination_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("courier_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("escort_id", KEY, ForeignKey("users.id")),
    Column("vehicle", Text, ForeignKey("vehicles.plate"), nullable=False),
    Column("departs_at", UtcTime, nullable=False),
    Column("arrives_at", UtcTime, nullable=False),
    Column("planned_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("planned_at", UtcTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("departed_at", UtcTime),
    Column("arrived_at", UtcTime),
    Column("cancelled_at", UtcTime),
    Column("cancel_reason", Text),
    Unique("code"),
    CheckConstraint("state IN ('planned', 'departed', 'arrived', 'cancelled')", name="state"),
    CheckConstraint("origin_unit_id <> destination_unit_id", name="two_offices"),
    CheckConstraint("escort_id <> courier_id", name="two_persons"),
    CheckConstraint("arrives_at > departs_at", name="planned_times"),
    CheckConstraint("(state IN ('departed', 'arrived')) = (departed_at IS NOT NULL)", name="departed"),
    CheckConstraint("(state = 'arrived') = (arrived_at IS NOT NULL)", name="arrived"),
    CheckConstraint(
        "(state = 'cancelled') = (cancelled_at IS NOT NULL)"
        " AND (cancelled_at IS NULL) = (cancel_reason IS NULL)",
        name="cancelled",
    ),
    # Nobody and nothing is under way twice.
    Index("uq_legs_courier", "courier_id", unique=True, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    Index("uq_legs_vehicle", "vehicle", unique=True, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    Index(None, "courier_id", "id"),
    Index(None, "escort_id", "id"),
    Index(None, "origin_unit_id", "id"),
    Index(None, "destination_unit_id", "id"),
    Index(None, "state", "arrives_at"),
    sqlite_strict=True,
)

# `aboard` is what was planned and loaded; at the end each of it is `handed`, `kept` or `missing`.
LEG_LINES = Table(
    "leg_lines",
    METADATA,
    Column("leg_id", KEY, ForeignKey("legs.id"), primary_key=True, autoincrement=False),
    Column("list", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    CheckConstraint("list IN ('aboard', 'handed', 'kept', 'missing')", name="list"),
    Index(None, "code", "list"),
    sqlite_strict=True,
)

LEG_ENTRIES = Table(
    "leg_entries",
    METADATA,
    Column("leg_id", KEY, ForeignKey("legs.id"), primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    CheckConstraint("step IN ('planned', 'departed', 'arrived', 'cancelled')", name="step"),
    sqlite_strict=True,
)
