"""Create the table of handover policies: versions, insert only, none that reaches back.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
TABLE = "handover_policies"


def upgrade() -> None:
    """Create the table and put the guards up."""
    op.create_table(
        TABLE,
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from_at", TIME, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_by_id", KEY, nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_handover_policies_version")),
        sa.CheckConstraint("source <> ''", name=op.f("ck_handover_policies_source")),
        sa.CheckConstraint("valid_from_at > published_at", name=op.f("ck_handover_policies_not_backwards")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["users.id"], name=op.f("fk_handover_policies_published_by_id")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_handover_policies")),
        sa.UniqueConstraint("valid_from_at", name=op.f("uq_handover_policies_valid_from_at")),
        sqlite_strict=True,
    )
    for statement in _sqlite() if op.get_context().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)
    if _have_roles():
        op.execute(f"ALTER TABLE {TABLE} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {TABLE} TO kt1_app")
        op.execute(f"GRANT SELECT ON {TABLE} TO kt1_reader")


def downgrade() -> None:
    """Drop the table; refused where a policy was published, by which handovers were decided."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM handover_policies").scalar_one():
        raise RuntimeError("handover_policies has rows that an older program would not know of")
    op.drop_table(TABLE)


def _sqlite() -> tuple[str, ...]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    same = "version = NEW.version OR valid_from_at = NEW.valid_from_at"
    taken = f"EXISTS (SELECT 1 FROM {TABLE} WHERE {same})"  # noqa: S608  # constants of this file
    return (
        f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} {refuse}",
        f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} {refuse}",
        f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} WHEN {taken} {refuse}",
    )


def _postgresql() -> tuple[str, ...]:
    change, empty = f"{TABLE}_no_change", f"{TABLE}_no_truncate"
    return (
        (
            f"CREATE TRIGGER {change} BEFORE DELETE OR UPDATE ON {TABLE}"
            " FOR EACH ROW EXECUTE FUNCTION kt1_refuse()"
        ),
        f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {change}",
        (
            f"CREATE TRIGGER {empty} BEFORE TRUNCATE ON {TABLE}"
            " FOR EACH STATEMENT EXECUTE FUNCTION kt1_refuse()"
        ),
        f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {empty}",
    )


def _have_roles() -> bool:
    if op.get_context().dialect.name != "postgresql":
        return False
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
