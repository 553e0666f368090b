"""Create the tables of reliefs: the list of a count made out to a successor, and its entry. Insert only.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Of each table what must not meet a row that is there already.
APPEND_ONLY = {"reliefs": "id = NEW.id", "relief_entries": "relief_id = NEW.relief_id"}


def upgrade() -> None:
    """Create the tables and put the guards up."""
    op.create_table(
        "reliefs",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("shift_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("successor_id", KEY, nullable=False),
        sa.Column("listed_at", TIME, nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1 AND lines >= 1", name=op.f("ck_reliefs_amounts")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_reliefs_shift_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["users.id"], name=op.f("fk_reliefs_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reliefs")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_reliefs_shift_id"), "reliefs", ["shift_id"])
    op.create_index(op.f("ix_reliefs_successor_id_listed_at"), "reliefs", ["successor_id", "listed_at"])
    op.create_table(
        "relief_entries",
        sa.Column("relief_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entry_idx", KEY, nullable=False),
        sa.ForeignKeyConstraint(["relief_id"], ["reliefs.id"], name=op.f("fk_relief_entries_relief_id")),
        sa.PrimaryKeyConstraint("relief_id", name=op.f("pk_relief_entries")),
        sqlite_strict=True,
    )
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the tables, unless there was a relief: nobody may lose one by going back."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM reliefs").scalar_one():
        raise RuntimeError("there are reliefs: an older program would not know of them")
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, same in APPEND_ONLY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _postgresql() -> None:
    for table in APPEND_ONLY:
        _always(table, f"{table}_no_change", f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW")
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    if not _have_roles():
        return
    for table in APPEND_ONLY:
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
        op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
    op.execute("GRANT USAGE ON SEQUENCE reliefs_id_seq TO kt1_app")


def _always(table: str, name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
