"""Find what is open without reading what is done: indexes that hold nothing else.

An index over every row tells the planner that each value is frequent, since what is done has no offer, no bag
and often the same custodian; it is not used then, or used to read the whole past.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

OFFERED = sa.text("offer_nonce IS NOT NULL")
OPEN_ITEM = sa.text("state IN ('registered', 'in_custody')")
ENDED = sa.text("state IN ('delivered', 'returned', 'cancelled')")
OPEN_BAG = sa.text("state IN ('open', 'closed', 'opened')")
PARTIAL = (
    ("consignments", "open", "state", OPEN_ITEM),
    ("consignments", "held_by_user", "custodian_user_id", OPEN_ITEM),
    ("consignments", "open_from", "sender_unit_id", OPEN_ITEM),
    ("consignments", "open_to", "recipient_unit_id", OPEN_ITEM),
    ("consignments", "offered_to", "offer_to_unit_id", OFFERED),
    ("consignments", "offered_by", "offer_by_id", OFFERED),
    ("consignments", "in_bag", "bag_id", sa.text("bag_id IS NOT NULL")),
    ("bags", "open", "state", OPEN_BAG),
    ("bags", "held_by_user", "custodian_user_id", OPEN_BAG),
    ("bags", "open_from", "origin_unit_id", OPEN_BAG),
    ("bags", "open_to", "destination_unit_id", OPEN_BAG),
    ("bags", "open_trip", "asset", OPEN_BAG),
    ("bags", "offered_to", "offer_to_unit_id", OFFERED),
    ("bags", "nested", "outer_id", sa.text("outer_id IS NOT NULL")),
)
WHOLE = (
    ("consignments", ("custodian_user_id", "state")),
    ("consignments", ("offer_to_unit_id",)),
    ("consignments", ("bag_id",)),
    ("bags", ("custodian_user_id", "state")),
    ("bags", ("offer_to_unit_id",)),
    ("bags", ("asset", "state")),
    ("bags", ("origin_unit_id", "state")),
    ("bags", ("destination_unit_id", "state")),
    ("bags", ("outer_id",)),
)


def upgrade() -> None:
    """Create the new indexes and drop those that they take the place of."""
    for table, name, column, where in PARTIAL:
        op.create_index(f"ix_{table}_{name}", table, [column], sqlite_where=where, postgresql_where=where)
    op.create_index(
        "ix_consignments_ended",
        "consignments",
        ["closed_at", "state", "secrecy"],
        sqlite_where=ENDED,
        postgresql_where=ENDED,
    )
    op.create_index("ix_bags_asset_id", "bags", ["asset", "id"])
    for table, columns in WHOLE:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table_name=table)


def downgrade() -> None:
    """Put the old indexes back."""
    for table, columns in WHOLE:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
    op.drop_index("ix_consignments_ended", table_name="consignments")
    op.drop_index("ix_bags_asset_id", table_name="bags")
    for table, name, _, _ in PARTIAL:
        op.drop_index(f"ix_{table}_{name}", table_name=table)
