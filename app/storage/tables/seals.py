"""Tables of seals as stock: ranges issued to offices, and numbers that will never be used.

The numbers that were used are in ``seal_uses``, with the bags.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from app.storage.tables.base import KEY, METADATA, UtcTime

# One row per form of number; whoever issues locks it, so that two ranges can never overlap.
SEAL_FORMS = Table(
    "seal_forms",
    METADATA,
    Column("prefix", Text, primary_key=True),
    Column("width", Integer, primary_key=True, autoincrement=False),
    Column("issues", Integer, nullable=False),
    sqlite_strict=True,
)

SEAL_ISSUES = Table(
    "seal_issues",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False, index=True),
    Column("prefix", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("first_number", KEY, nullable=False),
    Column("last_number", KEY, nullable=False),
    Column("issued_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    CheckConstraint("0 <= first_number AND first_number <= last_number", name="range"),
    Index(None, "prefix", "width", "first_number", unique=True),
    sqlite_strict=True,
)

SEAL_VOIDS = Table(
    "seal_voids",
    METADATA,
    Column("seal_key", Text, primary_key=True),
    Column("issue_id", KEY, ForeignKey("seal_issues.id"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("voided_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("voided_at", UtcTime, nullable=False),
    CheckConstraint("reason IN ('spoiled', 'lost', 'defective')", name="reason"),
    sqlite_strict=True,
)
