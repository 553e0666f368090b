"""What was done about things in nobody's hands: each step once for each time that it happened. Insert only.

That something is unattended is stored nowhere: it follows from custody and from now.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from app.storage.tables.base import KEY, METADATA, UtcTime

UNATTENDED_STEPS = Table(
    "unattended_steps",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since_at", UtcTime, nullable=False),
    Column("step", Text, nullable=False),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("custodian_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("answer", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("incident_id", KEY, ForeignKey("incidents.id")),
    Column("noted_by_id", KEY, ForeignKey("users.id")),
    Column("noted_at", UtcTime, nullable=False),
    Unique("code", "reason", "since_at", "step"),
    CheckConstraint(
        "reason IN ('offer_unanswered', 'custodian_closed', 'unit_closed', 'shift_ended', 'held_at_office',"
        " 'bag_overdue')",
        name="reason",
    ),
    CheckConstraint("step IN ('asked', 'answered', 'raised')", name="step"),
    CheckConstraint("(step = 'answered') = (noted_by_id IS NOT NULL)", name="by_whom"),
    CheckConstraint(
        "(step = 'answered' AND answer IN ('secured', 'handing_over', 'called_back', 'not_found'))"
        " OR (step <> 'answered' AND answer = '')",
        name="answer",
    ),
    CheckConstraint("(step = 'raised') = (incident_id IS NOT NULL)", name="incident"),
    sqlite_strict=True,
)
