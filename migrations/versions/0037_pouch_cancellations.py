"""Create the tables of returns of empties that were cancelled before anybody answered them; insert only.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
TABLES = ("pouch_list_cancellations", "pouch_cancel_entries")


def upgrade() -> None:
    """Create the tables and put the guards up."""
    op.create_table(
        "pouch_list_cancellations",
        sa.Column("list_id", KEY, autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cancelled_by_id", KEY, nullable=False),
        sa.Column("cancelled_at", TIME, nullable=False),
        sa.CheckConstraint(
            "reason IN ('mistake', 'wrong_office', 'wrong_pouches', 'not_sent')",
            name=op.f("ck_pouch_list_cancellations_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["pouch_lists.id"], name=op.f("fk_pouch_list_cancellations_list_id")
        ),
        sa.ForeignKeyConstraint(
            ["cancelled_by_id"], ["users.id"], name=op.f("fk_pouch_list_cancellations_cancelled_by_id")
        ),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_pouch_list_cancellations")),
        sqlite_strict=True,
    )
    op.create_table(
        "pouch_cancel_entries",
        sa.Column("list_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entry_idx", KEY, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["pouch_lists.id"], name=op.f("fk_pouch_cancel_entries_list_id")
        ),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_pouch_cancel_entries")),
        sqlite_strict=True,
    )
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the tables, unless a list was cancelled: an older program would wait for its answer."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM pouch_list_cancellations").scalar_one():
        raise RuntimeError("returns of pouches were cancelled: an older program would not know of it")
    for table in reversed(TABLES):
        op.drop_table(table)


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table in TABLES:
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE list_id = NEW.list_id)"  # noqa: S608  # constants
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _postgresql() -> None:
    for table in TABLES:
        _always(table, f"{table}_no_change", f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW")
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    if not _have_roles():
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
        op.execute(f"GRANT SELECT ON {table} TO kt1_reader")


def _always(table: str, name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
