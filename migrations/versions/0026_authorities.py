"""Create the tables of papers of authority: courier cards, letters of introduction, their revocations.

Both tables are insert only, with the guards of revision 0004.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Of each table what must not meet a row that is there already.
UNIQUE_KEYS = {
    "authorities": "id = NEW.id OR (unit_id = NEW.unit_id AND kind = NEW.kind AND number = NEW.number)",
    "authority_revocations": "authority_id = NEW.authority_id",
}


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _authorities()
    sqlite = op.get_context().dialect.name == "sqlite"
    for table in UNIQUE_KEYS:
        for statement in _sqlite(table) if sqlite else _postgresql(table):
            op.execute(statement)
    if _have_roles():
        for table in UNIQUE_KEYS:
            op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
            op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
            op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
        op.execute("GRANT USAGE ON SEQUENCE authorities_id_seq TO kt1_app")


def downgrade() -> None:
    """Drop everything; refused where something was written that the log refers to."""
    for table in UNIQUE_KEYS:
        found = sa.text(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608  # constants of this file
        if op.get_bind().execute(found).first() is not None:
            raise RuntimeError(f"{table} has rows that an older program would not know of")
    for table in ("authority_revocations", "authorities"):
        op.drop_table(table)


def _authorities() -> None:
    op.create_table(
        "authorities",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("holder_id", KEY, nullable=False),
        sa.Column("valid_from_at", TIME, nullable=False),
        sa.Column("valid_until_at", TIME, nullable=False),
        sa.Column("issued_by_id", KEY, nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.CheckConstraint("kind IN ('courier_card', 'letter')", name=op.f("ck_authorities_kind")),
        sa.CheckConstraint("valid_until_at > valid_from_at", name=op.f("ck_authorities_dates")),
        sa.CheckConstraint("number <> ''", name=op.f("ck_authorities_number")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_authorities_unit_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["users.id"], name=op.f("fk_authorities_holder_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["users.id"], name=op.f("fk_authorities_issued_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorities")),
        sa.UniqueConstraint("unit_id", "kind", "number", name=op.f("uq_authorities_unit_id_kind_number")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_authorities_holder_id"), "authorities", ["holder_id"], unique=False)
    op.create_index(op.f("ix_authorities_valid_until_at"), "authorities", ["valid_until_at"], unique=False)
    op.create_table(
        "authority_revocations",
        sa.Column("authority_id", KEY, autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_by_id", KEY, nullable=False),
        sa.Column("revoked_at", TIME, nullable=False),
        sa.CheckConstraint(
            "reason IN ('lost', 'holder_left', 'misused', 'replaced', 'issued_wrongly')",
            name=op.f("ck_authority_revocations_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authorities.id"], name=op.f("fk_authority_revocations_authority_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["users.id"], name=op.f("fk_authority_revocations_revoked_by_id")
        ),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_authority_revocations")),
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
