"""Let items be held back: a column on the item for every scan to see, and who placed and lifted each hold.

A hold is lifted once, by somebody else than placed it; what it was placed as never changes.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
ACTIVE = sa.text("lifted_at IS NULL")
FIXED = "id, hold, code, consignment_id, incident_id, reason, unit_id, placed_by_id, placed_at"
GUARDS = (
    ("holds_fixed", f"UPDATE OF {FIXED}", ""),
    ("holds_lifted_once", "UPDATE OF lifted_by_id, lifted_at", "OLD.lifted_at IS NOT NULL"),
    ("holds_no_delete", "DELETE", ""),
)


def upgrade() -> None:
    """Add the column, create the table, put the guards up."""
    op.add_column("consignments", sa.Column("hold", sa.Text(), server_default="", nullable=False))
    _table()
    if op.get_context().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'a hold is lifted once, by a second person'); END"
        for name, event, when in GUARDS:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON holds {f'WHEN {when}' if when else ''} {refuse}"
            )
        taken = "EXISTS (SELECT 1 FROM holds WHERE id = NEW.id)"
        op.execute(f"CREATE TRIGGER holds_no_replace BEFORE INSERT ON holds WHEN {taken} {refuse}")
    else:
        _postgresql()


def downgrade() -> None:
    """Drop both, unless something was ever held back: an older program would let it go."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM holds").scalar_one():
        raise RuntimeError("items were held back: an older program would let them go")
    op.drop_table("holds")
    op.drop_column("consignments", "hold")


def _table() -> None:
    people = ("placed_by_id", "lifted_by_id")
    op.create_table(
        "holds",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("hold", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("consignment_id", KEY, nullable=True),
        sa.Column("incident_id", KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("placed_by_id", KEY, nullable=False),
        sa.Column("placed_at", TIME, nullable=False),
        sa.Column("placed_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lifted_by_id", KEY, nullable=True),
        sa.Column("lifted_at", TIME, nullable=True),
        sa.Column("lifted_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("hold IN ('quarantined', 'stopped')", name=op.f("ck_holds_hold")),
        sa.CheckConstraint(
            "hold = 'stopped' OR consignment_id IS NOT NULL", name=op.f("ck_holds_quarantine")
        ),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by_id IS NULL) AND (lifted_at IS NULL) = (lifted_sealed IS NULL)",
            name=op.f("ck_holds_lifted_whole"),
        ),
        sa.CheckConstraint("lifted_by_id <> placed_by_id", name=op.f("ck_holds_two_persons")),
        sa.ForeignKeyConstraint(
            ["consignment_id"], ["consignments.id"], name=op.f("fk_holds_consignment_id")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_holds_incident_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_holds_unit_id")),
        *(sa.ForeignKeyConstraint([name], ["users.id"], name=op.f(f"fk_holds_{name}")) for name in people),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_holds_consignment_id"), "holds", ["consignment_id"], unique=False)
    op.create_index(
        "uq_holds_active",
        "holds",
        ["code", "hold"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )


def _postgresql() -> None:
    guards = [
        (name, f"BEFORE {event} ON holds FOR EACH ROW{f' WHEN ({when})' if when else ''}")
        for name, event, when in GUARDS
    ]
    for name, rest in (
        *guards,
        ("holds_no_truncate", "BEFORE TRUNCATE ON holds FOR EACH STATEMENT"),
    ):
        op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
        op.execute(f"ALTER TABLE holds ENABLE ALWAYS TRIGGER {name}")
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    if found.scalar_one() == 3:
        op.execute("ALTER TABLE holds OWNER TO kt1_owner")
        changed = "lifted_by_id, lifted_at, lifted_sealed, placed_sealed"
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({changed}) ON holds TO kt1_app")
        op.execute("GRANT USAGE ON SEQUENCE holds_id_seq TO kt1_app")
        op.execute("GRANT SELECT ON holds TO kt1_reader")
