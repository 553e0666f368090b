"""Create the tables of tracer letters and investigations, their gapless numbers, and the answers to letters.

Letters and answers are insert only, with the guards of revision 0004; only the row of a series moves.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
STEPS = "step IN ('tracer', 'investigation')"
UNIQUE_KEYS = {
    "tracers": (
        "id = NEW.id OR (consignment_id = NEW.consignment_id AND clock = NEW.clock AND step = NEW.step)"
        " OR (issuer_id = NEW.issuer_id AND year = NEW.year AND step = NEW.step AND number = NEW.number)"
    ),
    "tracer_answers": "tracer_id = NEW.tracer_id",
}


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _tracers()
    _answers()
    _series()
    sqlite = op.get_context().dialect.name == "sqlite"
    for table in UNIQUE_KEYS:
        for statement in _sqlite(table) if sqlite else _postgresql(table):
            op.execute(statement)
    if _have_roles():
        for table in (*UNIQUE_KEYS, "tracer_series"):
            op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
            op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
            op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
        op.execute("GRANT UPDATE (last_number) ON tracer_series TO kt1_app")
        op.execute("GRANT USAGE ON SEQUENCE tracers_id_seq TO kt1_app")


def downgrade() -> None:
    """Drop the tables; refused where a letter was issued, which the log refers to."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM tracers LIMIT 1")).first() is not None:
        raise RuntimeError("tracers has rows that an older program would not know of")
    for table in ("tracer_answers", "tracers", "tracer_series"):
        op.drop_table(table)


def _tracers() -> None:
    op.create_table(
        "tracers",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("consignment_id", KEY, nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("issuer_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("to_unit_id", KEY, nullable=False),
        sa.Column("raised_at", TIME, nullable=False),
        sa.Column("raised_by_id", KEY, nullable=True),
        sa.Column("answer_due_at", TIME, nullable=True),
        sa.CheckConstraint("clock IN ('delivery', 'acknowledgement')", name=op.f("ck_tracers_clock")),
        sa.CheckConstraint(STEPS, name=op.f("ck_tracers_step")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_tracers_number")),
        sa.CheckConstraint(
            "(step = 'tracer') = (answer_due_at IS NOT NULL)", name=op.f("ck_tracers_answer_due")
        ),
        sa.ForeignKeyConstraint(
            ["consignment_id"], ["consignments.id"], name=op.f("fk_tracers_consignment_id")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["units.id"], name=op.f("fk_tracers_issuer_id")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["units.id"], name=op.f("fk_tracers_to_unit_id")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["users.id"], name=op.f("fk_tracers_raised_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracers")),
        sa.UniqueConstraint(
            "consignment_id", "clock", "step", name=op.f("uq_tracers_consignment_id_clock_step")
        ),
        sa.UniqueConstraint(
            "issuer_id", "year", "step", "number", name=op.f("uq_tracers_issuer_id_year_step_number")
        ),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_tracers_to_unit_id"), "tracers", ["to_unit_id"], unique=False)


def _answers() -> None:
    op.create_table(
        "tracer_answers",
        sa.Column("tracer_id", KEY, autoincrement=False, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", KEY, nullable=False),
        sa.Column("answered_at", TIME, nullable=False),
        sa.CheckConstraint(
            "answer IN ('slip_sent', 'slip_sent_again', 'held_here', 'passed_on', 'not_received')",
            name=op.f("ck_tracer_answers_answer"),
        ),
        sa.ForeignKeyConstraint(["tracer_id"], ["tracers.id"], name=op.f("fk_tracer_answers_tracer_id")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["users.id"], name=op.f("fk_tracer_answers_answered_by_id")
        ),
        sa.PrimaryKeyConstraint("tracer_id", name=op.f("pk_tracer_answers")),
        sqlite_strict=True,
    )


def _series() -> None:
    op.create_table(
        "tracer_series",
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint(STEPS, name=op.f("ck_tracer_series_step")),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_tracer_series_last_number")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_tracer_series_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "year", "step", name=op.f("pk_tracer_series")),
        sqlite_strict=True,
    )


def _sqlite(table: str) -> tuple[str, ...]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {UNIQUE_KEYS[table]})"  # noqa: S608  # constants of this file
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}",
    )


def _postgresql(table: str) -> tuple[str, ...]:
    change, empty = f"{table}_no_change", f"{table}_no_truncate"
    return (
        (
            f"CREATE TRIGGER {change} BEFORE DELETE OR UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION kt1_refuse()"
        ),
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {change}",
        (
            f"CREATE TRIGGER {empty} BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION kt1_refuse()"
        ),
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {empty}",
    )


def _have_roles() -> bool:
    if op.get_context().dialect.name != "postgresql":
        return False
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
