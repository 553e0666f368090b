"""Create the tables of what is owed: versions of the service standard, and slips that came back.

Both are insert only, with the guards of revision 0004. A consignment gets the time at which its delivery was
acknowledged, and two small indexes find what is still owed among years of what is done.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
UNIQUE_KEYS = {
    "service_standards": "version = NEW.version OR valid_from_at = NEW.valid_from_at",
    "filed_receipts": "consignment_id = NEW.consignment_id AND kind = NEW.kind",
}
UNDELIVERED = sa.text("state = 'in_custody' AND first_attempt_at IS NULL")
OWED = sa.text("state = 'delivered' AND acknowledged_at IS NULL")
ACKNOWLEDGED = "acknowledged_at IS NULL OR state = 'delivered'"


def upgrade() -> None:
    """Create tables, column and indexes, and put the guards up."""
    _tables()
    sqlite = op.get_context().dialect.name == "sqlite"
    if sqlite:
        op.execute(
            "ALTER TABLE consignments ADD COLUMN acknowledged_at TEXT"
            f" CONSTRAINT ck_consignments_acknowledged CHECK ({ACKNOWLEDGED})"
        )
    else:
        op.add_column("consignments", sa.Column("acknowledged_at", TIME, nullable=True))
        op.create_check_constraint(op.f("ck_consignments_acknowledged"), "consignments", ACKNOWLEDGED)
    for name, column, where in (
        ("ix_consignments_undelivered", "accepted_at", UNDELIVERED),
        ("ix_consignments_unacknowledged", "closed_at", OWED),
    ):
        op.create_index(name, "consignments", [column], sqlite_where=where, postgresql_where=where)
    for table in UNIQUE_KEYS:
        for statement in _sqlite(table) if sqlite else _postgresql(table):
            op.execute(statement)
    if _have_roles():
        for table in UNIQUE_KEYS:
            op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
            op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
            op.execute(f"GRANT SELECT ON {table} TO kt1_reader")


def downgrade() -> None:
    """Drop everything; refused where a standard was published or a slip filed, which the log refers to."""
    for table in UNIQUE_KEYS:
        found = sa.text(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608  # constants of this file
        if op.get_bind().execute(found).first() is not None:
            raise RuntimeError(f"{table} has rows that an older program would not know of")
    for name in ("ix_consignments_undelivered", "ix_consignments_unacknowledged"):
        op.drop_index(name, table_name="consignments")
    if op.get_context().dialect.name == "sqlite":
        op.execute("ALTER TABLE consignments DROP COLUMN acknowledged_at")
    else:
        op.drop_constraint("ck_consignments_acknowledged", "consignments")
        op.drop_column("consignments", "acknowledged_at")
    for table in UNIQUE_KEYS:
        op.drop_table(table)


def _tables() -> None:
    op.create_table(
        "service_standards",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from_at", TIME, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_by_id", KEY, nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_service_standards_version")),
        sa.CheckConstraint("source <> ''", name=op.f("ck_service_standards_source")),
        sa.CheckConstraint("valid_from_at > published_at", name=op.f("ck_service_standards_not_backwards")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["users.id"], name=op.f("fk_service_standards_published_by_id")
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_service_standards")),
        sa.UniqueConstraint("valid_from_at", name=op.f("uq_service_standards_valid_from_at")),
        sqlite_strict=True,
    )
    op.create_table(
        "filed_receipts",
        sa.Column("consignment_id", KEY, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("entry_mode", sa.Text(), nullable=False),
        sa.Column("filed_by_id", KEY, nullable=False),
        sa.Column("filed_at", TIME, nullable=False),
        sa.CheckConstraint(
            "kind IN ('delivered', 'returned', 'undelivered', 'destroyed')",
            name=op.f("ck_filed_receipts_kind"),
        ),
        sa.CheckConstraint("entry_mode IN ('scan', 'typed')", name=op.f("ck_filed_receipts_entry_mode")),
        sa.ForeignKeyConstraint(
            ["consignment_id"], ["consignments.id"], name=op.f("fk_filed_receipts_consignment_id")
        ),
        sa.ForeignKeyConstraint(["filed_by_id"], ["users.id"], name=op.f("fk_filed_receipts_filed_by_id")),
        sa.PrimaryKeyConstraint("consignment_id", "kind", name=op.f("pk_filed_receipts")),
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
