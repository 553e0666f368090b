"""Table of erasures: what one person proposed and what another decided; the decision is written once.

The migrations' triggers let a sealed value of a consignment go only where an approval by two lies here.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text

from app.storage.tables.base import KEY, METADATA, UtcTime

ERASURES = Table(
    "erasures",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("consignment_id", KEY, ForeignKey("consignments.id"), nullable=False, index=True),
    Column("fields", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("proposed_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("decided_by_id", KEY, ForeignKey("users.id")),
    Column("decided_at", UtcTime),
    Column("outcome", Text),
    CheckConstraint("outcome IN ('erased', 'refused')", name="outcome"),
    CheckConstraint(
        "(outcome IS NULL) = (decided_by_id IS NULL) AND (outcome IS NULL) = (decided_at IS NULL)",
        name="decided_whole",
    ),
    CheckConstraint("decided_by_id <> proposed_by_id", name="two_persons"),
    sqlite_strict=True,
)
