"""Let a paper of authority name the highest outer mark that it speaks for.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Add the column; papers from before speak for every mark."""
    op.add_column("authorities", sa.Column("up_to", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop the column, unless a paper is limited: an older program would let it speak for every mark."""
    limited = "SELECT count(*) FROM authorities WHERE up_to IS NOT NULL"
    if op.get_bind().exec_driver_sql(limited).scalar_one():
        raise RuntimeError("there are papers for some marks only: an older program would not know of it")
    op.drop_column("authorities", "up_to")
