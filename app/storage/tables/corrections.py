"""Table of corrections: which entry was declared wrong and by whom, and the one decision on it.

The wrong entry itself lies in the log as it was written.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, text

from app.storage.tables.base import KEY, METADATA, UtcTime

_STANDING = text("outcome IS NULL OR outcome = 'confirmed'")

CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("entry_idx", KEY, nullable=False),
    Column("leaf", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("corrective", Text, nullable=False),
    Column("recorded_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("declared_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("declared_at", UtcTime, nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("commitment", Text, nullable=False),
    Column("decided_by_id", KEY, ForeignKey("users.id")),
    Column("decided_at", UtcTime),
    Column("outcome", Text),
    CheckConstraint("reason IN ('did_not_occur', 'incorrect_data')", name="reason"),
    CheckConstraint("outcome IN ('confirmed', 'refused')", name="outcome"),
    CheckConstraint("length(leaf) = 64", name="leaf"),
    CheckConstraint(
        "(outcome IS NULL) = (decided_by_id IS NULL) AND (outcome IS NULL) = (decided_at IS NULL)",
        name="decided_whole",
    ),
    CheckConstraint(
        "decided_by_id <> declared_by_id AND decided_by_id <> recorded_by_id", name="two_persons"
    ),
    # An entry is wrong once: a second declaration waits until the first is refused.
    Index(
        "uq_corrections_standing",
        "entry_idx",
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    ),
    sqlite_strict=True,
)
