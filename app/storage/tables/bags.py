"""Tables of bags: each trip of a pouch, who held it, what was in it, its manifest, the seals that are spent.

The bag's custodian is the one of everything in it, so nothing about custody is stored with the contents.
Dispatch numbers are drawn like register numbers: the row of the series is locked by whoever draws.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from app.storage.tables.base import KEY, METADATA, Flag, UtcTime

_OPEN = text("state IN ('open', 'closed', 'opened')")
_NESTED = text("outer_id IS NOT NULL")
_OFFERED = text("offer_nonce IS NOT NULL")
_UNDER_WAY = text("state = 'closed'")

BAGS = Table(
    "bags",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=True),
    Column("code", Text, nullable=False, unique=True),
    Column("asset", Text, nullable=False),
    Column("origin_unit_id", KEY, ForeignKey("units.id"), nullable=False),
    Column("destination_unit_id", KEY, ForeignKey("units.id"), nullable=False),
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
    Column("outer_id", KEY, ForeignKey("bags.id")),
    Column("pieces", Integer, nullable=False),
    Column("seal", Text, nullable=False),
    Column("weight_g", Integer, nullable=False),
    Column("dispatch_year", Integer),
    Column("dispatch_number", Integer),
    Column("dispatch_serial", Integer),
    Column("dispatch_last", Flag),
    Column("manifest", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("opened_at", UtcTime),
    Column("emptied_at", UtcTime),
    Column("item_head", Text, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("state IN ('open', 'closed', 'opened', 'emptied')", name="state"),
    CheckConstraint(
        "(offer_nonce IS NULL) = (offer_purpose IS NULL)"
        " AND (offer_nonce IS NULL) = (offer_to_unit_id IS NULL)"
        " AND (offer_nonce IS NULL) = (offer_place_id IS NULL)"
        " AND (offer_nonce IS NULL) = (offer_by_id IS NULL)"
        " AND (offer_nonce IS NULL) = (offered_at IS NULL)"
        " AND (offer_nonce IS NOT NULL OR offer_to_user_id IS NULL)",
        name="offer_whole",
    ),
    # Only a closed bag moves, and a closed bag has its seal, weight, dispatch and manifest.
    CheckConstraint("offer_nonce IS NULL OR state = 'closed'", name="offered_closed"),
    CheckConstraint(
        "(state = 'open') = (closed_at IS NULL) AND (closed_at IS NULL) = (seal = '')"
        " AND (closed_at IS NULL) = (manifest = '') AND (closed_at IS NULL) = (weight_g = 0)"
        " AND (closed_at IS NULL) = (dispatch_number IS NULL)",
        name="closed_whole",
    ),
    CheckConstraint(
        "(dispatch_number IS NULL) = (dispatch_year IS NULL)"
        " AND (dispatch_number IS NULL) = (dispatch_serial IS NULL)"
        " AND (dispatch_number IS NULL) = (dispatch_last IS NULL)",
        name="dispatch_whole",
    ),
    CheckConstraint("(state IN ('opened', 'emptied')) = (opened_at IS NOT NULL)", name="opened"),
    CheckConstraint("(state = 'emptied') = (emptied_at IS NOT NULL)", name="emptied"),
    CheckConstraint("state <> 'emptied' OR pieces = 0", name="emptied_empty"),
    CheckConstraint("origin_unit_id <> destination_unit_id", name="two_offices"),
    CheckConstraint("outer_id IS NULL OR (outer_id <> id AND state = 'closed')", name="outer"),
    CheckConstraint("pieces >= 0 AND weight_g >= 0", name="amounts"),
    CheckConstraint("length(item_head) IN (0, 64)", name="item_head"),
    Index(None, "asset", "id"),
    Index(None, "opened_at"),
    *(
        Index(f"ix_bags_{name}", column, sqlite_where=where, postgresql_where=where)
        for name, column, where in (
            ("open", "state", _OPEN),
            ("held_by_unit", "custodian_unit_id", _OPEN),
            ("held_by_user", "custodian_user_id", _OPEN),
            ("open_from", "origin_unit_id", _OPEN),
            ("open_to", "destination_unit_id", _OPEN),
            ("open_trip", "asset", _OPEN),
            ("offered", "offered_at", _OFFERED),
            ("offered_to", "offer_to_unit_id", _OFFERED),
            ("under_way", "closed_at", _UNDER_WAY),
            ("nested", "outer_id", _NESTED),
        )
    ),
    Index(
        None,
        "origin_unit_id",
        "destination_unit_id",
        "dispatch_year",
        "dispatch_number",
        "dispatch_serial",
        unique=True,
    ),
    sqlite_strict=True,
)

# Insert only, one row per change of a bag's custodian.
BAG_HOLDINGS = Table(
    "bag_holdings",
    METADATA,
    Column("bag_id", KEY, primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, primary_key=True, autoincrement=False),
    Column("user_id", KEY, nullable=False),
    Column("unit_id", KEY, nullable=False),
    Index(None, "user_id", "bag_id"),
    Index(None, "unit_id", "bag_id"),
    sqlite_strict=True,
)

# What lay in a bag, from which entry to which; `mark` is the receiver's answer, "" where it was taken out
# again before the bag was closed. Excess comes and goes with one entry: it was never packed here.
PACKINGS = Table(
    "packings",
    METADATA,
    Column("bag_id", KEY, primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
    Column("packed_idx", KEY, primary_key=True, autoincrement=False),
    Column("removed_idx", KEY),
    Column("mark", Text),
    CheckConstraint("(removed_idx IS NULL) = (mark IS NULL)", name="removed_whole"),
    CheckConstraint(
        "removed_idx IS NULL OR removed_idx > packed_idx OR mark = 'excess'", name="removed_later"
    ),
    Index(None, "code"),
    sqlite_strict=True,
)

# The frozen manifest of a closed bag, byte for byte as its digest was written into the log.
MANIFESTS = Table(
    "manifests",
    METADATA,
    Column("bag_id", KEY, primary_key=True, autoincrement=False),
    Column("entry_idx", KEY, nullable=False),
    Column("data", LargeBinary, nullable=False),
    sqlite_strict=True,
)

DISPATCH_SERIES = Table(
    "dispatch_series",
    METADATA,
    Column("origin_unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("destination_unit_id", KEY, ForeignKey("units.id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last_number", Integer, nullable=False),
    Column("last_serial", Integer, nullable=False),
    Column("is_complete", Flag, nullable=False),
    CheckConstraint("last_number >= 0 AND last_serial >= 0", name="amounts"),
    sqlite_strict=True,
)

# Every seal number that was ever put on a bag; a seal is used once.
SEAL_USES = Table(
    "seal_uses",
    METADATA,
    Column("seal_key", Text, primary_key=True),
    Column("bag_id", KEY, nullable=False, index=True),
    Column("used_at", UtcTime, nullable=False),
    # The issue it came from; none only for what was used before there was a stock.
    Column("issue_id", KEY),
    Index(None, "issue_id"),
    sqlite_strict=True,
)

# A second person proved who they are for one act of one colleague; good for a few minutes and one scan.
WITNESS_TICKETS = Table(
    "witness_tickets",
    METADATA,
    Column("nonce", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("actor_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("witness_id", KEY, ForeignKey("users.id"), nullable=False),
    Column("granted_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    CheckConstraint("actor_id <> witness_id", name="two_persons"),
    sqlite_strict=True,
)
