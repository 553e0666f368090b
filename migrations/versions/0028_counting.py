"""Remember since when the person of a shift sits at a count, so that they are told nothing of what they hold.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Add the column; no shift is being counted while the program stands still."""
    op.add_column("shifts", sa.Column("counting_at", TIME, nullable=True))
    if op.get_context().dialect.name == "postgresql" and _have_roles():
        op.execute("GRANT UPDATE (counting_at) ON shifts TO kt1_app")


def downgrade() -> None:
    """Drop the column: a count that was begun is begun again."""
    op.drop_column("shifts", "counting_at")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
