"""Create the tables of shifts, and hold them to what the program promises.

Lists and entries of a shift are only ever added; whose shift it is, where and from when never change, and
what is closed stays closed.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
OPEN = sa.text("closed_at IS NULL")
# Of each table what must not meet a row that is there already.
APPEND_ONLY = {
    "shift_lines": (
        "shift_id = NEW.shift_id AND number = NEW.number AND list = NEW.list AND code = NEW.code"
    ),
    "shift_entries": "shift_id = NEW.shift_id AND entry_idx = NEW.entry_idx",
}
GUARDS = (
    ("shifts_fixed", "UPDATE OF id, code, unit_id, user_id, opened_at, previous_id", ""),
    ("shifts_closed_for_good", "UPDATE", "OLD.closed_at IS NOT NULL"),
    ("shifts_no_delete", "DELETE", ""),
)
CHANGED = "counts, parts, missing, unexpected, supervisor_id, closed_at"


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _shifts()
    _beside()
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the tables, unless there was a shift: nobody may lose one by going back."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM shifts").scalar_one():
        raise RuntimeError("there are shifts: an older program would not know of them")
    for table in (*reversed(APPEND_ONLY), "shifts", "shift_series"):
        op.drop_table(table)


def _shifts() -> None:
    op.create_table(
        "shift_series",
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_shift_series_last_number")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_shift_series_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_shift_series")),
        sqlite_strict=True,
    )
    op.create_table(
        "shifts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("previous_id", KEY, nullable=True),
        sa.Column("counts", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("unexpected", sa.Integer(), nullable=False),
        sa.Column("supervisor_id", KEY, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.CheckConstraint(
            "counts >= 0 AND parts >= 0 AND missing >= 0 AND unexpected >= 0", name=op.f("ck_shifts_amounts")
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (supervisor_id IS NULL)"
            " AND (closed_at IS NULL OR (counts > 0 AND parts = 0 AND missing = 0 AND unexpected = 0))",
            name=op.f("ck_shifts_closed_balanced"),
        ),
        sa.CheckConstraint("supervisor_id <> user_id", name=op.f("ck_shifts_two_persons")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_shifts_{column}"))
            for column, table in (
                ("unit_id", "units"),
                ("user_id", "users"),
                ("previous_id", "shifts"),
                ("supervisor_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sa.UniqueConstraint("code", name=op.f("uq_shifts_code")),
        sa.UniqueConstraint("previous_id", name=op.f("uq_shifts_previous_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_shifts_open", "shifts", ["user_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index(op.f("ix_shifts_unit_id_opened_at"), "shifts", ["unit_id", "opened_at"])
    op.create_index(op.f("ix_shifts_user_id_opened_at"), "shifts", ["user_id", "opened_at"])


def _beside() -> None:
    op.create_table(
        "shift_lines",
        sa.Column("shift_id", KEY, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(list IN ('opening', 'closing') AND number = 0)"
            " OR (list IN ('counted', 'expected', 'explained', 'differing') AND number >= 1)",
            name=op.f("ck_shift_lines_list"),
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_shift_lines_shift_id")),
        sa.PrimaryKeyConstraint("shift_id", "number", "list", "code", name=op.f("pk_shift_lines")),
        sqlite_strict=True,
    )
    op.create_table(
        "shift_entries",
        sa.Column("shift_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entry_idx", KEY, autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("step IN ('opened', 'counted', 'closed')", name=op.f("ck_shift_entries_step")),
        sa.CheckConstraint("number >= 0", name=op.f("ck_shift_entries_number")),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.id"], name=op.f("fk_shift_entries_shift_id")),
        sa.PrimaryKeyConstraint("shift_id", "entry_idx", name=op.f("pk_shift_entries")),
        sqlite_strict=True,
    )


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, same in APPEND_ONLY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
    keep = "BEGIN SELECT RAISE(ABORT, 'a shift keeps what it was, and is closed once'); END"
    for name, event, when in GUARDS:
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON shifts {f'WHEN {when}' if when else ''} {keep}")
    same = (
        "id = NEW.id OR code = NEW.code OR previous_id = NEW.previous_id"
        " OR (user_id = NEW.user_id AND closed_at IS NULL)"
    )
    taken = f"EXISTS (SELECT 1 FROM shifts WHERE {same})"  # noqa: S608  # constants of this file
    op.execute(f"CREATE TRIGGER shifts_no_replace BEFORE INSERT ON shifts WHEN {taken} {keep}")


def _postgresql() -> None:
    for table in APPEND_ONLY:
        _always(table, f"{table}_no_change", f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW")
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    for name, event, when in GUARDS:
        condition = f" WHEN ({when})" if when else ""
        _always("shifts", name, f"BEFORE {event} ON shifts FOR EACH ROW{condition}")
    _always("shifts", "shifts_no_truncate", "BEFORE TRUNCATE ON shifts FOR EACH STATEMENT")
    if not _have_roles():
        return
    for table in (*APPEND_ONLY, "shifts", "shift_series"):
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
        op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
    op.execute(f"GRANT UPDATE ({CHANGED}) ON shifts TO kt1_app")
    op.execute("GRANT UPDATE ON shift_series TO kt1_app")
    op.execute("GRANT USAGE ON SEQUENCE shifts_id_seq TO kt1_app")


def _always(table: str, name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
