"""Keep what was done about things in nobody's hands, since when accounts and units are closed, and find both.

Steps are insert only, with the guards of revision 0004.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Of each table what must not meet a row that is there already.
UNIQUE_KEYS = {
    "unattended_steps": (
        "id = NEW.id OR (code = NEW.code AND reason = NEW.reason AND since_at = NEW.since_at"
        " AND step = NEW.step)"
    ),
}
OFFERED = sa.text("offer_nonce IS NOT NULL")
UNDER_WAY = sa.text("state = 'closed'")
INDEXES = (
    ("ix_consignments_offered", "consignments", "offered_at", OFFERED),
    ("ix_bags_offered", "bags", "offered_at", OFFERED),
    ("ix_bags_under_way", "bags", "closed_at", UNDER_WAY),
)


def upgrade() -> None:
    """Create columns, indexes and the table, and put the guards up."""
    for table in ("users", "units"):
        op.add_column(table, sa.Column("closed_at", TIME, nullable=True))
        _date_closed(table)
    for name, table, column, where in INDEXES:
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
    _steps()
    sqlite = op.get_context().dialect.name == "sqlite"
    for table in UNIQUE_KEYS:
        for statement in _sqlite(table) if sqlite else _postgresql(table):
            op.execute(statement)
    if _have_roles():
        op.execute("ALTER TABLE unattended_steps OWNER TO kt1_owner")
        op.execute("GRANT SELECT, INSERT ON unattended_steps TO kt1_app")
        op.execute("GRANT SELECT ON unattended_steps TO kt1_reader")
        op.execute("GRANT USAGE ON SEQUENCE unattended_steps_id_seq TO kt1_app")


def downgrade() -> None:
    """Drop everything; refused where something was written that the log refers to."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM unattended_steps LIMIT 1")).first() is not None:
        raise RuntimeError("unattended_steps has rows that an older program would not know of")
    op.drop_table("unattended_steps")
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
    for table in ("units", "users"):
        op.drop_column(table, "closed_at")


def _date_closed(table: str) -> None:
    """Date what was closed before anybody kept the time: from now on, for nothing else is known."""
    sqlite = op.get_context().dialect.name == "sqlite"
    now, no = ("strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'", "0") if sqlite else ("now()", "false")
    op.execute(f"UPDATE {table} SET closed_at = {now} WHERE active = {no}")  # noqa: S608  # constants of this file


def _steps() -> None:
    op.create_table(
        "unattended_steps",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since_at", TIME, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("custodian_id", KEY, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("incident_id", KEY, nullable=True),
        sa.Column("noted_by_id", KEY, nullable=True),
        sa.Column("noted_at", TIME, nullable=False),
        sa.CheckConstraint(
            "reason IN ('offer_unanswered', 'custodian_closed', 'unit_closed', 'shift_ended',"
            " 'held_at_office', 'bag_overdue')",
            name=op.f("ck_unattended_steps_reason"),
        ),
        sa.CheckConstraint("step IN ('asked', 'answered', 'raised')", name=op.f("ck_unattended_steps_step")),
        sa.CheckConstraint(
            "(step = 'answered') = (noted_by_id IS NOT NULL)", name=op.f("ck_unattended_steps_by_whom")
        ),
        sa.CheckConstraint(
            "(step = 'answered' AND answer IN ('secured', 'handing_over', 'called_back', 'not_found'))"
            " OR (step <> 'answered' AND answer = '')",
            name=op.f("ck_unattended_steps_answer"),
        ),
        sa.CheckConstraint(
            "(step = 'raised') = (incident_id IS NOT NULL)", name=op.f("ck_unattended_steps_incident")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_unattended_steps_{column}"))
            for column, table in (
                ("unit_id", "units"),
                ("custodian_id", "users"),
                ("incident_id", "incidents"),
                ("noted_by_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unattended_steps")),
        sa.UniqueConstraint(
            "code", "reason", "since_at", "step", name=op.f("uq_unattended_steps_code_reason_since_at_step")
        ),
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
