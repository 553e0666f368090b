"""Create the table of time stamps, and find the entries that change a key without reading the log.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
ROTATED = sa.text("kind = 'key_rotated'")


def upgrade() -> None:
    """Create both, and grant what the neighbours of the table have."""
    op.create_index(
        "ix_audit_log_key_rotated", "audit_log", ["idx"], sqlite_where=ROTATED, postgresql_where=ROTATED
    )
    op.create_table(
        "time_tokens",
        sa.Column("hour_at", TIME, nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("token_at", TIME, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stored_at", TIME, nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_time_tokens_size")),
        sa.CheckConstraint(
            "length(checkpoint) BETWEEN 1 AND 1000000", name=op.f("ck_time_tokens_checkpoint")
        ),
        sa.CheckConstraint("length(token) BETWEEN 1 AND 1000000", name=op.f("ck_time_tokens_token")),
        sa.PrimaryKeyConstraint("hour_at", name=op.f("pk_time_tokens")),
        sqlite_strict=True,
    )
    if _have_roles():
        op.execute("ALTER TABLE time_tokens OWNER TO kt1_owner")
        op.execute("GRANT SELECT, INSERT ON time_tokens TO kt1_app")
        op.execute("GRANT SELECT ON time_tokens TO kt1_reader")


def downgrade() -> None:
    """Drop both. A token can be asked for again only for a later time: keep an export of them."""
    op.drop_table("time_tokens")
    op.drop_index("ix_audit_log_key_rotated", table_name="audit_log")


def _have_roles() -> bool:
    if op.get_context().dialect.name != "postgresql":
        return False
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
