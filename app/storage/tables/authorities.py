"""Tables of courier cards and letters of introduction, with their revocations. Insert only."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from app.storage.tables.base import KEY, METADATA, UtcTime

AUTHORITIES = Table(
    "authorities",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("holder_id", KEY, ForeignKey("users.id"), nullable=False, index=True),
    Column("valid_from_at", UtcTime, nullable=False),
    Column("valid_until_at", UtcTime, nullable=False),
    Column("issued_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    Column("up_to", Text),
    # One number is on one paper of a unit, for ever.
    Unique("unit_id", "kind", "number"),
    CheckConstraint("kind IN ('courier_card', 'letter')", name="kind"),
    CheckConstraint("valid_until_at > valid_from_at", name="dates"),
    CheckConstraint("number <> ''", name="number"),
    Index(None, "valid_until_at"),
    sqlite_strict=True,
)

AUTHORITY_REVOCATIONS = Table(
    "authority_revocations",
    METADATA,
    Column("authority_id", KEY, ForeignKey("authorities.id"), primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("revoked_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("revoked_at", UtcTime, nullable=False),
    CheckConstraint(
        "reason IN ('lost', 'holder_left', 'misused', 'replaced', 'issued_wrongly')", name="reason"
    ),
    sqlite_strict=True,
)
