"""Table of holds: who held which code back and why, and who let it go; lifted once, by somebody else.

The item's own row carries what counts now, so that a scan pays nothing to know it.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, text

from app.storage.tables.base import KEY, METADATA, UtcTime

_ACTIVE = text("lifted_at IS NULL")

HOLDS = Table(
    "holds",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("hold", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("consignment_id", KEY, ForeignKey("consignments.id"), index=True),
    Column("incident_id", KEY, ForeignKey("incidents.id")),
    Column("reason", Text, nullable=False),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("placed_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("placed_at", UtcTime, nullable=False),
    Column("placed_sealed", LargeBinary, nullable=False),
    Column("lifted_by_id", KEY, ForeignKey("users.id")),
    Column("lifted_at", UtcTime),
    Column("lifted_sealed", LargeBinary),
    CheckConstraint("hold IN ('quarantined', 'stopped')", name="hold"),
    CheckConstraint("hold = 'stopped' OR consignment_id IS NOT NULL", name="quarantine"),
    CheckConstraint(
        "(lifted_at IS NULL) = (lifted_by_id IS NULL) AND (lifted_at IS NULL) = (lifted_sealed IS NULL)",
        name="lifted_whole",
    ),
    CheckConstraint("lifted_by_id <> placed_by_id", name="two_persons"),
    # One of each kind at a time; and the few codes that are stopped are found at once.
    Index("uq_holds_active", "code", "hold", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    sqlite_strict=True,
)
