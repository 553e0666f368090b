"""Create the table of corrections: errors that one person declared and another confirmed, each once.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
STANDING = sa.text("outcome IS NULL OR outcome = 'confirmed'")
FIXED = (
    "id, entry_idx, leaf, kind, reason, corrective, recorded_by_id, declared_by_id, declared_at, commitment"
)
GUARDS = (
    ("corrections_fixed", f"UPDATE OF {FIXED}", ""),
    ("corrections_decided_once", "UPDATE OF decided_by_id, decided_at, outcome", "OLD.outcome IS NOT NULL"),
    ("corrections_no_delete", "DELETE", ""),
)


def upgrade() -> None:
    """Create the table and put the guards up."""
    _table()
    if op.get_context().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'an error is declared once, and decided by a second person'); END"
        for name, event, when in GUARDS:
            condition = f"WHEN {when}" if when else ""
            op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON corrections {condition} {refuse}")
        taken = "EXISTS (SELECT 1 FROM corrections WHERE id = NEW.id)"
        op.execute(
            f"CREATE TRIGGER corrections_no_replace BEFORE INSERT ON corrections WHEN {taken} {refuse}"
        )
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the table, unless an error was declared: an older program would show it as right."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM corrections").scalar_one():
        raise RuntimeError("errors were declared: an older program would show them as right")
    op.drop_table("corrections")


def _table() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("entry_idx", KEY, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("leaf", "kind", "reason", "corrective")),
        sa.Column("recorded_by_id", KEY, nullable=False),
        sa.Column("declared_by_id", KEY, nullable=False),
        sa.Column("declared_at", TIME, nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('did_not_occur', 'incorrect_data')", name=op.f("ck_corrections_reason")
        ),
        sa.CheckConstraint("outcome IN ('confirmed', 'refused')", name=op.f("ck_corrections_outcome")),
        sa.CheckConstraint("length(leaf) = 64", name=op.f("ck_corrections_leaf")),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_by_id IS NULL) AND (outcome IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_corrections_decided_whole"),
        ),
        sa.CheckConstraint(
            "decided_by_id <> declared_by_id AND decided_by_id <> recorded_by_id",
            name=op.f("ck_corrections_two_persons"),
        ),
        *(
            sa.ForeignKeyConstraint([name], ["users.id"], name=op.f(f"fk_corrections_{name}"))
            for name in ("recorded_by_id", "declared_by_id", "decided_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_corrections_standing",
        "corrections",
        ["entry_idx"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def _postgresql() -> None:
    guards = [
        (name, f"BEFORE {event} ON corrections FOR EACH ROW{f' WHEN ({when})' if when else ''}")
        for name, event, when in GUARDS
    ]
    truncate = ("corrections_no_truncate", "BEFORE TRUNCATE ON corrections FOR EACH STATEMENT")
    for name, rest in (*guards, truncate):
        op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
        op.execute(f"ALTER TABLE corrections ENABLE ALWAYS TRIGGER {name}")
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    if found.scalar_one() == 3:
        op.execute("ALTER TABLE corrections OWNER TO kt1_owner")
        changed = "decided_by_id, decided_at, outcome, text_sealed"
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({changed}) ON corrections TO kt1_app")
        op.execute("GRANT USAGE ON SEQUENCE corrections_id_seq TO kt1_app")
        op.execute("GRANT SELECT ON corrections TO kt1_reader")
