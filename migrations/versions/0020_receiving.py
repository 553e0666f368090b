"""Create the tables of the receiving end: mandates, their revocations, redirects; and find what is unclaimed.

All three tables are insert only, with the guards of revision 0004.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
UNIQUE_KEYS = {
    "mandates": "id = NEW.id",
    "mandate_revocations": "mandate_id = NEW.mandate_id",
    "redirections": "id = NEW.id",
}
UNCLAIMED = sa.text("state = 'in_custody' AND attempts > 0")


def upgrade() -> None:
    """Create tables and index, and put the guards up."""
    _mandates()
    _redirections()
    op.create_index(
        "ix_consignments_unclaimed",
        "consignments",
        ["first_attempt_at"],
        sqlite_where=UNCLAIMED,
        postgresql_where=UNCLAIMED,
    )
    sqlite = op.get_context().dialect.name == "sqlite"
    for table in UNIQUE_KEYS:
        for statement in _sqlite(table) if sqlite else _postgresql(table):
            op.execute(statement)
    if _have_roles():
        for table in UNIQUE_KEYS:
            op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
            op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
            op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
        op.execute("GRANT USAGE ON SEQUENCE mandates_id_seq, redirections_id_seq TO kt1_app")


def downgrade() -> None:
    """Drop everything; refused where something was written that the log refers to."""
    for table in UNIQUE_KEYS:
        found = sa.text(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608  # constants of this file
        if op.get_bind().execute(found).first() is not None:
            raise RuntimeError(f"{table} has rows that an older program would not know of")
    op.drop_index("ix_consignments_unclaimed", table_name="consignments")
    for table in ("mandate_revocations", "mandates", "redirections"):
        op.drop_table(table)


def _mandates() -> None:
    op.create_table(
        "mandates",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("opens_named", FLAG, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("valid_from_at", TIME, nullable=False),
        sa.Column("valid_until_at", TIME, nullable=False),
        sa.Column("granted_by_id", KEY, nullable=False),
        sa.Column("granted_at", TIME, nullable=False),
        sa.CheckConstraint("kind IN ('receiver', 'delegate')", name=op.f("ck_mandates_kind")),
        sa.CheckConstraint("valid_until_at > valid_from_at", name=op.f("ck_mandates_dates")),
        sa.CheckConstraint(
            "kind = 'delegate' OR CAST(opens_named AS INTEGER) = 0", name=op.f("ck_mandates_opens_named")
        ),
        sa.CheckConstraint(
            "kind = 'receiver' OR granted_by_id <> user_id", name=op.f("ck_mandates_not_oneself")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_mandates_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mandates_user_id")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["users.id"], name=op.f("fk_mandates_granted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandates")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_mandates_unit_id"), "mandates", ["unit_id"], unique=False)
    op.create_table(
        "mandate_revocations",
        sa.Column("mandate_id", KEY, autoincrement=False, nullable=False),
        sa.Column("revoked_by_id", KEY, nullable=False),
        sa.Column("revoked_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandates.id"], name=op.f("fk_mandate_revocations_mandate_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["users.id"], name=op.f("fk_mandate_revocations_revoked_by_id")
        ),
        sa.PrimaryKeyConstraint("mandate_id", name=op.f("pk_mandate_revocations")),
        sqlite_strict=True,
    )


def _redirections() -> None:
    op.create_table(
        "redirections",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("consignment_id", KEY, nullable=False),
        sa.Column("from_unit_id", KEY, nullable=False),
        sa.Column("to_unit_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ordered_by_id", KEY, nullable=False),
        sa.Column("ordered_at", TIME, nullable=False),
        sa.CheckConstraint(
            "reason IN ('wrong_unit', 'office_moved', 'office_merged', 'other_competence')",
            name=op.f("ck_redirections_reason"),
        ),
        sa.CheckConstraint("from_unit_id <> to_unit_id", name=op.f("ck_redirections_elsewhere")),
        sa.ForeignKeyConstraint(
            ["consignment_id"], ["consignments.id"], name=op.f("fk_redirections_consignment_id")
        ),
        sa.ForeignKeyConstraint(["from_unit_id"], ["units.id"], name=op.f("fk_redirections_from_unit_id")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["units.id"], name=op.f("fk_redirections_to_unit_id")),
        sa.ForeignKeyConstraint(["ordered_by_id"], ["users.id"], name=op.f("fk_redirections_ordered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redirections")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_redirections_consignment_id"), "redirections", ["consignment_id"], unique=False)


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
