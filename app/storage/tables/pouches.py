"""Tables of pouches: the register of physical bags, and the returns of empties from office to office.

Where a pouch is while it is on a trip is said by the bag alone. A return list keeps what was sent and what
was answered; its lines and entries are insert only.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from app.storage.tables.base import KEY, METADATA, UtcTime

POUCH_SERIES = Table(
    "pouch_series",
    METADATA,
    Column("sender_unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("receiver_unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last_number", Integer, nullable=False),
    CheckConstraint("last_number >= 0", name="last_number"),
    sqlite_strict=True,
)

POUCH_LISTS = Table(
    "pouch_lists",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False),
    Column("sender_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("receiver_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("sent_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Column("received_by_id", KEY, ForeignKey("users.id")),
    Column("received_at", UtcTime),
    Unique("code"),
    Unique("sender_unit_id", "receiver_unit_id", "year", "number"),
    CheckConstraint("sender_unit_id <> receiver_unit_id", name="two_offices"),
    CheckConstraint("(received_at IS NULL) = (received_by_id IS NULL)", name="received"),
    CheckConstraint("received_by_id <> sent_by_id", name="two_persons"),
    Index(None, "receiver_unit_id", "id"),
    sqlite_strict=True,
)

POUCHES = Table(
    "pouches",
    METADATA,
    Column("asset", Text, primary_key=True),
    Column("owner_unit_id", KEY, ForeignKey("units.id"), nullable=False, index=True),
    Column("holder_unit_id", KEY, ForeignKey("units.id"), nullable=False, index=True),
    Column("since_at", UtcTime, nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    Column("entered_by_id", KEY, ForeignKey("users.id")),
    Column("state", Text, nullable=False),
    Column("list_id", KEY, ForeignKey("pouch_lists.id")),
    Column("incident_id", KEY, ForeignKey("incidents.id")),
    Column("proposed_by_id", KEY, ForeignKey("users.id")),
    Column("proposed_reason", Text),
    Column("proposed_at", UtcTime),
    Column("retired_at", UtcTime),
    Column("retire_reason", Text),
    CheckConstraint("state IN ('held', 'sent', 'missing', 'retired')", name="state"),
    CheckConstraint("(state = 'sent') = (list_id IS NOT NULL)", name="sent"),
    CheckConstraint(
        "(state = 'retired') = (retired_at IS NOT NULL)"
        " AND (retired_at IS NULL) = (retire_reason IS NULL)"
        " AND (retire_reason IS NULL OR retire_reason IN ('lost', 'worn', 'damaged'))",
        name="retired",
    ),
    CheckConstraint(
        "(proposed_by_id IS NULL) = (proposed_at IS NULL)"
        " AND (proposed_by_id IS NULL) = (proposed_reason IS NULL)"
        " AND (proposed_reason IS NULL OR proposed_reason IN ('lost', 'worn', 'damaged'))",
        name="proposed",
    ),
    sqlite_strict=True,
)

# `sent` is what the list says; of it each is answered `received` or `missing`; `excess` came besides.
POUCH_LIST_LINES = Table(
    "pouch_list_lines",
    METADATA,
    Column("list_id", KEY, ForeignKey("pouch_lists.id"), primary_key=True, autoincrement=False),
    Column("list", Text, primary_key=True),
    Column("asset", Text, primary_key=True),
    CheckConstraint("list IN ('sent', 'received', 'missing', 'excess')", name="list"),
    Index(None, "asset", "list"),
    sqlite_strict=True,
)

POUCH_LIST_ENTRIES = Table(
    "pouch_list_entries",
    METADATA,
    Column("list_id", KEY, ForeignKey("pouch_lists.id"), primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    CheckConstraint("step IN ('sent', 'received')", name="step"),
    sqlite_strict=True,
)

# A list that its sender took back before anybody answered it; its number stays used.
POUCH_LIST_CANCELLATIONS = Table(
    "pouch_list_cancellations",
    METADATA,
    Column("list_id", KEY, ForeignKey("pouch_lists.id"), primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("cancelled_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("cancelled_at", UtcTime, nullable=False),
    CheckConstraint("reason IN ('mistake', 'wrong_office', 'wrong_pouches', 'not_sent')", name="reason"),
    sqlite_strict=True,
)

POUCH_CANCEL_ENTRIES = Table(
    "pouch_cancel_entries",
    METADATA,
    Column("list_id", KEY, ForeignKey("pouch_lists.id"), primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, nullable=False),
    sqlite_strict=True,
)
