"""Tables of codes that were keyed in, and of the statements that used them. Insert only.

One row for each accepted `key_in`, by its scan, and at most one use of it; an ordinary scan leaves nothing.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from app.storage.tables.base import KEY, METADATA, UtcTime

KEY_INS = Table(
    "key_ins",
    METADATA,
    Column("scan_id", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("user_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("place_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("witness_id", KEY, ForeignKey("users.id")),
    # By the device's clock: what is used offline is used within minutes, however late both arrive.
    Column("said_at", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("reason IN ('label_damaged', 'scanner_failed', 'from_paper')", name="reason"),
    CheckConstraint("witness_id <> user_id", name="two_persons"),
    Index(None, "user_id", "said_at"),
    Index(None, "recorded_at"),
    sqlite_strict=True,
)

KEY_IN_USES = Table(
    "key_in_uses",
    METADATA,
    Column("scan_id", Text, ForeignKey("key_ins.scan_id"), primary_key=True),
    Column("used_by", Text, nullable=False),
    sqlite_strict=True,
)

# Acts of two persons, by their entry: who did it and who stood there.
WITNESSED_ACTS = Table(
    "witnessed_acts",
    METADATA,
    Column("entry_idx", KEY, primary_key=True, autoincrement=False),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("actor_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("witness_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("actor_id <> witness_id", name="two_persons"),
    Index(None, "recorded_at"),
    sqlite_strict=True,
)
