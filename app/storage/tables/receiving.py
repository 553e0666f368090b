"""Tables of the receiving end: mandates with their revocations, and redirects. Insert only."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text

from app.storage.tables.base import KEY, METADATA, Flag, UtcTime

MANDATES = Table(
    "mandates",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False, index=True),
    Column("user_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("opens_named", Flag, nullable=False),
    Column("basis", Text, nullable=False),
    Column("valid_from_at", UtcTime, nullable=False),
    Column("valid_until_at", UtcTime, nullable=False),
    Column("granted_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("granted_at", UtcTime, nullable=False),
    CheckConstraint("kind IN ('receiver', 'delegate')", name="kind"),
    CheckConstraint("valid_until_at > valid_from_at", name="dates"),
    CheckConstraint("kind = 'delegate' OR CAST(opens_named AS INTEGER) = 0", name="opens_named"),
    CheckConstraint("kind = 'receiver' OR granted_by_id <> user_id", name="not_oneself"),
    sqlite_strict=True,
)

MANDATE_REVOCATIONS = Table(
    "mandate_revocations",
    METADATA,
    Column("mandate_id", KEY, ForeignKey("mandates.id"), primary_key=True, autoincrement=False),
    Column("revoked_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("revoked_at", UtcTime, nullable=False),
    sqlite_strict=True,
)

REDIRECTIONS = Table(
    "redirections",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("consignment_id", KEY, ForeignKey("consignments.id"), nullable=False, index=True),
    Column("from_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("to_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("ordered_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("ordered_at", UtcTime, nullable=False),
    CheckConstraint(
        "reason IN ('wrong_unit', 'office_moved', 'office_merged', 'other_competence')", name="reason"
    ),
    CheckConstraint("from_unit_id <> to_unit_id", name="elsewhere"),
    sqlite_strict=True,
)
