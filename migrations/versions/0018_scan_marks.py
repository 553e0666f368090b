"""Create the table of scans an auditor counts: with typed codes, or received late. Append-only.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the table and put the guards up."""
    op.create_table(
        "scan_marks",
        sa.Column("entry_idx", KEY, autoincrement=False, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("typed", sa.Integer(), nullable=False),
        sa.Column("delay_s", KEY, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.CheckConstraint(
            "lines >= 1 AND typed >= 0 AND typed <= lines AND delay_s >= 0",
            name=op.f("ck_scan_marks_amounts"),
        ),
        sa.PrimaryKeyConstraint("entry_idx", name=op.f("pk_scan_marks")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_scan_marks_recorded_at"), "scan_marks", ["recorded_at"], unique=False)
    if op.get_context().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        taken = "EXISTS (SELECT 1 FROM scan_marks WHERE entry_idx = NEW.entry_idx)"
        op.execute(f"CREATE TRIGGER scan_marks_no_update BEFORE UPDATE ON scan_marks {refuse}")
        op.execute(f"CREATE TRIGGER scan_marks_no_delete BEFORE DELETE ON scan_marks {refuse}")
        op.execute(f"CREATE TRIGGER scan_marks_no_replace BEFORE INSERT ON scan_marks WHEN {taken} {refuse}")
        return
    for name, event, level in (
        ("scan_marks_no_change", "DELETE OR UPDATE", "ROW"),
        ("scan_marks_no_truncate", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON scan_marks FOR EACH {level}"
            " EXECUTE FUNCTION kt1_refuse()"
        )
        op.execute(f"ALTER TABLE scan_marks ENABLE ALWAYS TRIGGER {name}")
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    if found.scalar_one() == 3:
        op.execute("ALTER TABLE scan_marks OWNER TO kt1_owner")
        op.execute("GRANT SELECT, INSERT ON scan_marks TO kt1_app")
        op.execute("GRANT SELECT ON scan_marks TO kt1_reader")


def downgrade() -> None:
    """Drop it: what it counts stands in the log's own evidence."""
    op.drop_table("scan_marks")
