"""Create the tables of musters, and hold them to what the program promises.

Lists and entries of a muster are only ever added; what it was opened as never changes, and what is closed
stays closed.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
OPEN = sa.text("closed_at IS NULL")
# Of each table what must not meet a row that is there already.
APPEND_ONLY = {
    "muster_lines": "muster_id = NEW.muster_id AND list = NEW.list AND code = NEW.code",
    "muster_entries": "muster_id = NEW.muster_id AND entry_idx = NEW.entry_idx",
}
FIXED = "id, code, unit_id, user_id, opened_by_id, opened_at, expected, drawn"
GUARDS = (
    ("musters_fixed", f"UPDATE OF {FIXED}", ""),
    ("musters_closed_for_good", "UPDATE", "OLD.closed_at IS NOT NULL"),
    ("musters_no_delete", "DELETE", ""),
)
CHANGED = "missing, unexpected, partner_id, closed_at"


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _musters()
    _beside()
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the tables, unless there was a muster: nobody may lose one by going back."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM musters").scalar_one():
        raise RuntimeError("there are musters: an older program would not know of them")
    for table in (*reversed(APPEND_ONLY), "muster_counters", "musters", "muster_series"):
        op.drop_table(table)


def _musters() -> None:
    op.create_table(
        "muster_series",
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_muster_series_last_number")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_muster_series_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_muster_series")),
        sqlite_strict=True,
    )
    op.create_table(
        "musters",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("opened_by_id", KEY, nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("unexpected", sa.Integer(), nullable=False),
        sa.Column("partner_id", KEY, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.CheckConstraint(
            "expected >= 0 AND missing >= 0 AND unexpected >= 0", name=op.f("ck_musters_amounts")
        ),
        sa.CheckConstraint("drawn IN (0, 1)", name=op.f("ck_musters_drawn")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (partner_id IS NULL)", name=op.f("ck_musters_closed_by_two")
        ),
        sa.CheckConstraint("partner_id <> opened_by_id", name=op.f("ck_musters_two_persons")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_musters_{column}"))
            for column, table in (
                ("unit_id", "units"),
                ("user_id", "users"),
                ("opened_by_id", "users"),
                ("partner_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_musters")),
        sa.UniqueConstraint("code", name=op.f("uq_musters_code")),
        sqlite_strict=True,
    )
    op.create_index("ix_musters_open", "musters", ["unit_id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(op.f("ix_musters_unit_id_opened_at"), "musters", ["unit_id", "opened_at"])


def _beside() -> None:
    op.create_table(
        "muster_counters",
        sa.Column("muster_id", KEY, autoincrement=False, nullable=False),
        sa.Column("user_id", KEY, autoincrement=False, nullable=False),
        sa.Column("counts", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.CheckConstraint("counts >= 0 AND parts >= 0", name=op.f("ck_muster_counters_amounts")),
        sa.ForeignKeyConstraint(["muster_id"], ["musters.id"], name=op.f("fk_muster_counters_muster_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_muster_counters_user_id")),
        sa.PrimaryKeyConstraint("muster_id", "user_id", name=op.f("pk_muster_counters")),
        sqlite_strict=True,
    )
    op.create_table(
        "muster_lines",
        sa.Column("muster_id", KEY, autoincrement=False, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "list IN ('expected', 'counted', 'came', 'missing', 'unexpected', 'explained', 'moved_out',"
            " 'moved_in', 'found')",
            name=op.f("ck_muster_lines_list"),
        ),
        sa.ForeignKeyConstraint(["muster_id"], ["musters.id"], name=op.f("fk_muster_lines_muster_id")),
        sa.PrimaryKeyConstraint("muster_id", "list", "code", name=op.f("pk_muster_lines")),
        sqlite_strict=True,
    )
    op.create_table(
        "muster_entries",
        sa.Column("muster_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entry_idx", KEY, autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.CheckConstraint("step IN ('opened', 'counted', 'closed')", name=op.f("ck_muster_entries_step")),
        sa.ForeignKeyConstraint(["muster_id"], ["musters.id"], name=op.f("fk_muster_entries_muster_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_muster_entries_user_id")),
        sa.PrimaryKeyConstraint("muster_id", "entry_idx", name=op.f("pk_muster_entries")),
        sqlite_strict=True,
    )


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, same in APPEND_ONLY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
    keep = "BEGIN SELECT RAISE(ABORT, 'a muster keeps what it was, and is closed once'); END"
    for name, event, when in GUARDS:
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON musters {f'WHEN {when}' if when else ''} {keep}")
    taken = "EXISTS (SELECT 1 FROM musters WHERE id = NEW.id OR code = NEW.code)"
    op.execute(f"CREATE TRIGGER musters_no_replace BEFORE INSERT ON musters WHEN {taken} {keep}")


def _postgresql() -> None:
    for table in APPEND_ONLY:
        _always(table, f"{table}_no_change", f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW")
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    for name, event, when in GUARDS:
        condition = f" WHEN ({when})" if when else ""
        _always("musters", name, f"BEFORE {event} ON musters FOR EACH ROW{condition}")
    _always("musters", "musters_no_truncate", "BEFORE TRUNCATE ON musters FOR EACH STATEMENT")
    if not _have_roles():
        return
    for table in (*APPEND_ONLY, "musters", "muster_counters", "muster_series"):
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
        op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
    op.execute(f"GRANT UPDATE ({CHANGED}) ON musters TO kt1_app")
    op.execute("GRANT UPDATE ON muster_series TO kt1_app")
    op.execute("GRANT UPDATE (counts, parts) ON muster_counters TO kt1_app")
    op.execute("GRANT USAGE ON SEQUENCE musters_id_seq TO kt1_app")


def _always(table: str, name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
