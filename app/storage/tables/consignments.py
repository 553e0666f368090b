"""Tables of consignments, who held them, what was printed for them and how they were delivered.

The checks repeat in the database what the domain decides, for the day when somebody writes past the domain:
Tuyệt mật has no abstract, an offer is whole or absent, exactly one person answers for every item.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from app.storage.tables.base import KEY, METADATA, Day, Flag, UtcTime

_UNDELIVERED = text("state = 'in_custody' AND first_attempt_at IS NULL")
_OFFERED = text("offer_nonce IS NOT NULL")
_UNCLAIMED = text("state = 'in_custody' AND attempts > 0")
_IN_BAG = text("bag_id IS NOT NULL")
# Not `closed_at IS NOT NULL`: SQLite would then take it for what is owed, which has an index of its own.
_ENDED = text("state IN ('delivered', 'returned', 'cancelled')")
_OPEN = text("state IN ('registered', 'in_custody')")
_OWED = text("state = 'delivered' AND acknowledged_at IS NULL")

# The offer's columns carry no foreign keys: each would cost a look-up per scan, and the units and people in
# them were read from their tables by the same transaction.
CONSIGNMENTS = Table(
    "consignments",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False, unique=True),
    Column("sender_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("recipient_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("secrecy", Text, nullable=False),
    Column("express", Flag, nullable=False),
    Column("appointed_at", UtcTime),
    Column("scope", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("custodian_user_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("custodian_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("offer_nonce", Text),
    Column("offer_purpose", Text),
    Column("offer_to_unit_id", KEY),
    Column("offer_to_user_id", KEY),
    Column("offer_place_id", KEY),
    Column("offer_by_id", KEY),
    Column("offered_at", UtcTime),
    Column("named_only", Flag, nullable=False),
    Column("seal", Text, nullable=False),
    Column("accepted_at", UtcTime),
    Column("first_attempt_at", UtcTime),
    Column("attempts", Integer, nullable=False),
    Column("closed_at", UtcTime),
    Column("registered_at", UtcTime, nullable=False),
    Column("item_head", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("registered_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("document_type", Text, nullable=False),
    Column("document_date", Day),
    Column("pieces", Integer, nullable=False),
    Column("weight_g", Integer, nullable=False),
    Column("inner_envelope", Flag, nullable=False),
    Column("outer_envelope", Flag, nullable=False),
    Column("attested_sealed", Flag, nullable=False),
    Column("register_number", Integer, nullable=False),
    Column("register_year", Integer, nullable=False),
    Column("receiver_sealed", LargeBinary),
    Column("document_numbers_sealed", LargeBinary),
    Column("document_index", LargeBinary),
    Column("abstract_sealed", LargeBinary),
    Column("cancel_reason", Text, nullable=False),
    Column("commitments", Text, nullable=False),
    # When the sender filed the slip of the delivery: the second clock stops then.
    Column("acknowledged_at", UtcTime),
    # The bag trip it lies in; no foreign key, like the offer's columns: it is read by the same transaction.
    Column("bag_id", KEY),
    Column("hold", Text, nullable=False, server_default=""),
    CheckConstraint("secrecy IN ('none', 'A', 'B', 'C')", name="secrecy"),
    CheckConstraint("secrecy <> 'A' OR abstract_sealed IS NULL", name="no_abstract"),
    CheckConstraint("CAST(named_only AS INTEGER) = 0 OR receiver_sealed IS NOT NULL", name="named_receiver"),
    CheckConstraint("scope IN ('intra', 'inter')", name="scope"),
    CheckConstraint(
        "state IN ('registered', 'in_custody', 'delivered', 'returned', 'cancelled')", name="state"
    ),
    CheckConstraint(
        "(state IN ('delivered', 'returned', 'cancelled')) = (closed_at IS NOT NULL)", name="closed"
    ),
    CheckConstraint(
        "(offer_nonce IS NULL) = (offer_purpose IS NULL)"
        " AND (offer_nonce IS NULL) = (offer_to_unit_id IS NULL)"
        " AND (offer_nonce IS NULL) = (offer_place_id IS NULL)"
        " AND (offer_nonce IS NULL) = (offer_by_id IS NULL)"
        " AND (offer_nonce IS NULL) = (offered_at IS NULL)"
        " AND (offer_nonce IS NOT NULL OR offer_to_user_id IS NULL)",
        name="offer_whole",
    ),
    CheckConstraint("sender_unit_id <> recipient_unit_id", name="two_parties"),
    CheckConstraint("pieces >= 1 AND weight_g >= 0 AND attempts >= 0", name="amounts"),
    CheckConstraint("length(item_head) IN (0, 64)", name="item_head"),
    Index(None, "sender_unit_id", "registered_at"),
    Index(None, "recipient_unit_id", "registered_at"),
    Index(None, "registered_at"),
    Index(None, "document_index"),
    # What is still owed is little beside what is done, however many years the table holds.
    Index(
        "ix_consignments_undelivered", "accepted_at", sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED
    ),
    Index(
        "ix_consignments_unclaimed",
        "first_attempt_at",
        sqlite_where=_UNCLAIMED,
        postgresql_where=_UNCLAIMED,
    ),
    # All that is counted of what ended lately stands in the index: no row is looked at.
    Index(
        "ix_consignments_ended",
        "closed_at",
        "state",
        "secrecy",
        sqlite_where=_ENDED,
        postgresql_where=_ENDED,
    ),
    *(
        Index(f"ix_consignments_{name}", column, sqlite_where=where, postgresql_where=where)
        for name, column, where in (
            ("open", "state", _OPEN),
            ("held_by_unit", "custodian_unit_id", _OPEN),
            ("held_by_user", "custodian_user_id", _OPEN),
            ("open_from", "sender_unit_id", _OPEN),
            ("open_to", "recipient_unit_id", _OPEN),
            ("offered", "offered_at", _OFFERED),
            ("offered_to", "offer_to_unit_id", _OFFERED),
            ("offered_by", "offer_by_id", _OFFERED),
            ("in_bag", "bag_id", _IN_BAG),
        )
    ),
    Index("ix_consignments_unacknowledged", "closed_at", sqlite_where=_OWED, postgresql_where=_OWED),
    CheckConstraint("acknowledged_at IS NULL OR state = 'delivered'", name="acknowledged"),
    sqlite_strict=True,
)

# Insert only, one row per change of custodian, bound to the log entry that records it.
HOLDINGS = Table(
    "holdings",
    METADATA,
    Column("consignment_id", KEY, primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, primary_key=True, autoincrement=False),
    Column("user_id", KEY, nullable=False),
    Column("unit_id", KEY, nullable=False),
    Index(None, "user_id", "consignment_id"),
    Index(None, "unit_id", "consignment_id"),
    sqlite_strict=True,
)

DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("consignment_id", KEY, nullable=False, index=True),
    Column("entry_idx", KEY, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("giver_id", KEY, nullable=False),
    Column("taker_id", KEY),
    Column("place_id", KEY, nullable=False),
    Column("receiver_sealed", LargeBinary),
    Column("device_at", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    CheckConstraint("outcome IN ('delivered', 'returned', 'failed', 'refused')", name="outcome"),
    sqlite_strict=True,
)

LABEL_PRINTS = Table(
    "label_prints",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("consignment_id", KEY, ForeignKey("consignments.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("form", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("printed_by_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("printed_at", UtcTime, nullable=False),
    Unique("consignment_id", "number"),
    CheckConstraint("number = 1 OR reason <> ''", name="reprint_reason"),
    sqlite_strict=True,
)

IMPORT_BATCHES = Table(
    "import_batches",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("user_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("digest", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("imported_at", UtcTime, nullable=False),
    Unique("unit_id", "digest"),
    sqlite_strict=True,
)
