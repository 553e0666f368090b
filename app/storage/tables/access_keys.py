"""Tables of the keys and codes of offices: each as it stands, every step with its persons, seals of copies.

What opens a lock is stored nowhere.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from app.storage.tables.base import KEY, METADATA, UtcTime

ACCESS_KEYS = Table(
    "access_keys",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("registered_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("registered_at", UtcTime, nullable=False),
    Column("seal", Text, nullable=False),
    Column("holder_id", KEY, ForeignKey("users.id"), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("staff_left_at", UtcTime),
    Column("retired_at", UtcTime),
    CheckConstraint("kind IN ('key', 'combination', 'override')", name="kind"),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("round >= 1", name="round"),
    CheckConstraint("due_at > changed_at", name="due"),
    sqlite_strict=True,
)

ACCESS_KEY_STEPS = Table(
    "access_key_steps",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("access_key_id", KEY, ForeignKey("access_keys.id"), nullable=False),
    Column("step", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("user_id", KEY, ForeignKey("users.id"), nullable=False, index=True),
    Column("partner_id", KEY, ForeignKey("users.id"), index=True),
    Column("at", UtcTime, nullable=False),
    CheckConstraint("step IN ('registered', 'handed', 'changed', 'left', 'retired')", name="step"),
    CheckConstraint("(partner_id IS NULL) = (step IN ('registered', 'left'))", name="by_two"),
    CheckConstraint("partner_id <> user_id", name="two_persons"),
    Index(None, "access_key_id", "id"),
    sqlite_strict=True,
)

# The seal of an envelope is of the office's stock, and spent like one on a bag.
ACCESS_KEY_SEALS = Table(
    "access_key_seals",
    METADATA,
    Column("seal_key", Text, primary_key=True),
    Column("access_key_id", KEY, ForeignKey("access_keys.id"), nullable=False),
    Column("issue_id", KEY, ForeignKey("seal_issues.id"), nullable=False, index=True),
    Column("used_at", UtcTime, nullable=False),
    sqlite_strict=True,
)
