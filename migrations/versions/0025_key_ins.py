"""Create the tables of codes keyed in and of acts of two persons; index what an auditor counts by time.

All three are append-only.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Of each table its key.
APPEND_ONLY = {"key_ins": "scan_id", "key_in_uses": "scan_id", "witnessed_acts": "entry_idx"}
COUNTED = (
    ("shifts", "opened_at"),
    ("bags", "opened_at"),
    ("tracers", "answer_due_at"),
    ("incidents", "opened_at"),
)


def upgrade() -> None:
    """Create the tables and indexes, and put the guards up."""
    _key_ins()
    _witnessed_acts()
    for table, column in COUNTED:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop them: what they count stands in the log's own evidence."""
    for table, column in reversed(COUNTED):
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    for table in ("witnessed_acts", "key_in_uses", "key_ins"):
        op.drop_table(table)


def _key_ins() -> None:
    op.create_table(
        "key_ins",
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("place_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("witness_id", KEY, nullable=True),
        sa.Column("said_at", TIME, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.CheckConstraint(
            "reason IN ('label_damaged', 'scanner_failed', 'from_paper')", name=op.f("ck_key_ins_reason")
        ),
        sa.CheckConstraint("witness_id <> user_id", name=op.f("ck_key_ins_two_persons")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_key_ins_user_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_key_ins_unit_id")),
        sa.ForeignKeyConstraint(["place_id"], ["units.id"], name=op.f("fk_key_ins_place_id")),
        sa.ForeignKeyConstraint(["witness_id"], ["users.id"], name=op.f("fk_key_ins_witness_id")),
        sa.PrimaryKeyConstraint("scan_id", name=op.f("pk_key_ins")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_key_ins_user_id_said_at"), "key_ins", ["user_id", "said_at"], unique=False)
    op.create_index(op.f("ix_key_ins_recorded_at"), "key_ins", ["recorded_at"], unique=False)
    op.create_table(
        "key_in_uses",
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("used_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scan_id"], ["key_ins.scan_id"], name=op.f("fk_key_in_uses_scan_id")),
        sa.PrimaryKeyConstraint("scan_id", name=op.f("pk_key_in_uses")),
        sqlite_strict=True,
    )


def _witnessed_acts() -> None:
    op.create_table(
        "witnessed_acts",
        sa.Column("entry_idx", KEY, autoincrement=False, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("actor_id", KEY, nullable=False),
        sa.Column("witness_id", KEY, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.CheckConstraint("actor_id <> witness_id", name=op.f("ck_witnessed_acts_two_persons")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_witnessed_acts_unit_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_witnessed_acts_actor_id")),
        sa.ForeignKeyConstraint(["witness_id"], ["users.id"], name=op.f("fk_witnessed_acts_witness_id")),
        sa.PrimaryKeyConstraint("entry_idx", name=op.f("pk_witnessed_acts")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_witnessed_acts_recorded_at"), "witnessed_acts", ["recorded_at"], unique=False)


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, key in APPEND_ONLY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")


def _postgresql() -> None:
    for table in APPEND_ONLY:
        for name, event in ((f"{table}_no_change", "DELETE OR UPDATE"), (f"{table}_no_truncate", "TRUNCATE")):
            level = "STATEMENT" if event == "TRUNCATE" else "ROW"
            what = f"BEFORE {event} ON {table} FOR EACH {level}"
            op.execute(f"CREATE TRIGGER {name} {what} EXECUTE FUNCTION kt1_refuse()")
            op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    if found.scalar_one() == 3:
        for table in APPEND_ONLY:
            op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
            op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
            op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
