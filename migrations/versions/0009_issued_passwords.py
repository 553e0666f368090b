"""Remember of each person whether the present password was issued by somebody else.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the mark; nobody who is there already has to change anything."""
    op.add_column("users", sa.Column("must_change_password", FLAG, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop the mark."""
    op.drop_column("users", "must_change_password")
