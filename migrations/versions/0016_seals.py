"""Create the stock of seals: forms, issues to offices, voided numbers; a used number names its issue.

Issues and voids are only ever added to.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
APPENDED = {
    "seal_issues": "id = NEW.id OR (prefix = NEW.prefix AND width = NEW.width"
    " AND first_number = NEW.first_number)",
    "seal_voids": "seal_key = NEW.seal_key",
}


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _tables()
    op.add_column("seal_uses", sa.Column("issue_id", KEY, nullable=True))
    op.create_index(op.f("ix_seal_uses_issue_id"), "seal_uses", ["issue_id"], unique=False)
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    """Drop the tables; refused where a seal was issued: an older program would take any number."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM seal_issues LIMIT 1")).first() is not None:
        raise RuntimeError("seals were issued by this schema: an older program would accept any number")
    op.drop_index(op.f("ix_seal_uses_issue_id"), table_name="seal_uses")
    op.drop_column("seal_uses", "issue_id")
    for table in ("seal_voids", "seal_issues", "seal_forms"):
        op.drop_table(table)


def _tables() -> None:
    op.create_table(
        "seal_forms",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("issues", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "width", name=op.f("pk_seal_forms")),
        sqlite_strict=True,
    )
    op.create_table(
        "seal_issues",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("first_number", KEY, nullable=False),
        sa.Column("last_number", KEY, nullable=False),
        sa.Column("issued_by_id", KEY, nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.CheckConstraint(
            "0 <= first_number AND first_number <= last_number", name=op.f("ck_seal_issues_range")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_seal_issues_unit_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["users.id"], name=op.f("fk_seal_issues_issued_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_issues")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_seal_issues_unit_id"), "seal_issues", ["unit_id"], unique=False)
    op.create_index(
        op.f("ix_seal_issues_prefix_width_first_number"),
        "seal_issues",
        ["prefix", "width", "first_number"],
        unique=True,
    )
    op.create_table(
        "seal_voids",
        sa.Column("seal_key", sa.Text(), nullable=False),
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voided_by_id", KEY, nullable=False),
        sa.Column("voided_at", TIME, nullable=False),
        sa.CheckConstraint("reason IN ('spoiled', 'lost', 'defective')", name=op.f("ck_seal_voids_reason")),
        sa.ForeignKeyConstraint(["issue_id"], ["seal_issues.id"], name=op.f("fk_seal_voids_issue_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["users.id"], name=op.f("fk_seal_voids_voided_by_id")),
        sa.PrimaryKeyConstraint("seal_key", name=op.f("pk_seal_voids")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_seal_voids_issue_id"), "seal_voids", ["issue_id"], unique=False)


def _guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, key in APPENDED.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _guard_postgresql() -> None:
    for table in APPENDED:
        _always(table, "no_change", "BEFORE DELETE OR UPDATE", each="ROW")
        _always(table, "no_truncate", "BEFORE TRUNCATE", each="STATEMENT")
    if not _have_roles():
        return
    for table in ("seal_forms", *APPENDED):
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
    op.execute("GRANT SELECT, INSERT, UPDATE ON seal_forms TO kt1_app")
    op.execute("GRANT SELECT, INSERT ON seal_issues, seal_voids TO kt1_app")
    op.execute("GRANT USAGE ON SEQUENCE seal_issues_id_seq TO kt1_app")
    op.execute("GRANT SELECT ON seal_forms, seal_issues, seal_voids TO kt1_reader")


def _always(table: str, name: str, event: str, *, each: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_{name} {event} ON {table} FOR EACH {each} EXECUTE FUNCTION kt1_refuse()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
