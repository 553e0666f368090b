"""Find what a unit holds now without reading what it ever held.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

OPEN = {
    "consignments": sa.text("state IN ('registered', 'in_custody')"),
    "bags": sa.text("state IN ('open', 'closed', 'opened')"),
}


def upgrade() -> None:
    """Create the indexes."""
    for table, where in OPEN.items():
        op.create_index(
            f"ix_{table}_held_by_unit",
            table,
            ["custodian_unit_id"],
            sqlite_where=where,
            postgresql_where=where,
        )


def downgrade() -> None:
    """Drop them."""
    for table in OPEN:
        op.drop_index(f"ix_{table}_held_by_unit", table_name=table)
