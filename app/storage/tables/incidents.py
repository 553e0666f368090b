"""Tables of incidents: the incident as it stands, and beside it, insert only, all that led there.

The texts people wrote lie sealed; their digests are in the log.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from app.storage.tables.base import KEY, METADATA, UtcTime

INCIDENT_SERIES = Table(
    "incident_series",
    METADATA,
    Column("unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("last_number >= 0", name="last_number"),
    sqlite_strict=True,
)

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("standard", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("opened_by_id", KEY, ForeignKey("users.id")),
    Column("opened_at", UtcTime, nullable=False),
    Column("scan_id", Text, nullable=False),
    Column("owner_id", KEY, ForeignKey("users.id")),
    Column("report_due_at", UtcTime, nullable=False),
    Column("resolve_due_at", UtcTime, nullable=False),
    Column("reported_at", UtcTime),
    Column("resolved_by_id", KEY, ForeignKey("users.id")),
    Column("resolved_at", UtcTime),
    Column("closed_by_id", KEY, ForeignKey("users.id")),
    Column("closed_at", UtcTime),
    Column("steps", Integer, nullable=False),
    Unique("unit_id", "year", "number"),
    CheckConstraint("number >= 1 AND steps >= 1", name="numbers"),
    CheckConstraint("severity IN ('minor', 'serious', 'grave')", name="severity"),
    CheckConstraint("status IN ('open', 'reported', 'resolved', 'closed')", name="status"),
    CheckConstraint("(status = 'open') = (reported_at IS NULL)", name="reported"),
    CheckConstraint(
        "(resolved_by_id IS NULL) = (resolved_at IS NULL)"
        " AND (status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)",
        name="resolved",
    ),
    CheckConstraint(
        "(closed_by_id IS NULL) = (closed_at IS NULL) AND (status = 'closed') = (closed_at IS NOT NULL)",
        name="closed",
    ),
    CheckConstraint("closed_by_id <> resolved_by_id AND closed_by_id <> opened_by_id", name="two_persons"),
    Index(None, "status", "resolve_due_at"),
    Index(None, "opened_at"),
    sqlite_strict=True,
)

INCIDENT_ITEMS = Table(
    "incident_items",
    METADATA,
    Column("incident_id", KEY, ForeignKey("incidents.id"), primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
    Column("consignment_id", KEY, ForeignKey("consignments.id"), index=True),
    sqlite_strict=True,
)

INCIDENT_UNITS = Table(
    "incident_units",
    METADATA,
    Column("incident_id", KEY, ForeignKey("incidents.id"), primary_key=True, autoincrement=False),
    Column("unit_id", KEY, ForeignKey("units.id"), primary_key=True, autoincrement=False, index=True),
    sqlite_strict=True,
)

INCIDENT_NOTES = Table(
    "incident_notes",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("incident_id", KEY, ForeignKey("incidents.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("by_id", KEY, ForeignKey("users.id")),
    Column("noted_at", UtcTime, nullable=False),
    Column("text_sealed", LargeBinary),
    Column("commitment", Text, nullable=False),
    Unique("incident_id", "number"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("(text_sealed IS NULL) = (commitment = '')", name="committed"),
    sqlite_strict=True,
)

INCIDENT_ENTRIES = Table(
    "incident_entries",
    METADATA,
    Column("incident_id", KEY, ForeignKey("incidents.id"), primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, primary_key=True, autoincrement=False),
    sqlite_strict=True,
)
