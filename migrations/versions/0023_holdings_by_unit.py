"""Find what a unit held without reading every holding there ever was.

This revision is history: it must never import anything of ours, and never change.
"""

from alembic import op

revision = "0023"
down_revision = "0022"

INDEXES = (("holdings", "consignment_id"), ("bag_holdings", "bag_id"))


def upgrade() -> None:
    """Create the indexes."""
    for table, thing in INDEXES:
        op.create_index(op.f(f"ix_{table}_unit_id_{thing}"), table, ["unit_id", thing])


def downgrade() -> None:
    """Drop them."""
    for table, thing in INDEXES:
        op.drop_index(op.f(f"ix_{table}_unit_id_{thing}"), table_name=table)
