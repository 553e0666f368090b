"""Table of scans an auditor counts: with codes typed by hand, or received long after they were made.

Insert only, one row for such a scan and none for any other, so that an ordinary scan costs nothing here.
"""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table

from app.storage.tables.base import KEY, METADATA, UtcTime

SCAN_MARKS = Table(
    "scan_marks",
    METADATA,
    Column("entry_idx", KEY, primary_key=True, autoincrement=False),
    Column("unit_id", KEY, nullable=False),
    Column("user_id", KEY, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("typed", Integer, nullable=False),
    Column("delay_s", KEY, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("lines >= 1 AND typed >= 0 AND typed <= lines AND delay_s >= 0", name="amounts"),
    Index(None, "recorded_at"),
    sqlite_strict=True,
)
