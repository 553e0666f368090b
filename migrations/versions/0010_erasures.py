"""Create the table of erasures, and let a sealed value go only by two persons and for good.

An erased value is the empty blob: unlike NULL it tells "was given, is gone" from "was never given". The
triggers hold whoever has the connection to three things: a decision is written once, a value becomes empty
only where an approval of that very field lies beside it, and what is empty stays so.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Column of a consignment and the name of its field.
SEALED = {
    "abstract_sealed": "abstract",
    "receiver_sealed": "receiver_name",
    "document_numbers_sealed": "document_numbers",
}
COLUMNS = ", ".join(SEALED)
GUARDS = (
    (
        "erasures_fixed",
        "UPDATE OF id, consignment_id, fields, reason, decision, proposed_by_id, proposed_at",
        "",
    ),
    ("erasures_decided_once", "UPDATE OF decided_by_id, decided_at, outcome", "OLD.outcome IS NOT NULL"),
    ("erasures_no_delete", "DELETE", ""),
)
BACK = " OR ".join(f"(length(OLD.{c}) = 0 AND (NEW.{c} IS NULL OR length(NEW.{c}) > 0))" for c in SEALED)


def upgrade() -> None:
    """Create the table and put the guards up."""
    _table()
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Take the guards down and drop the table; refused where something was erased."""
    found = sa.text("SELECT 1 FROM erasures WHERE outcome = 'erased' LIMIT 1")
    if op.get_bind().execute(found).first() is not None:
        raise RuntimeError(
            "values were erased by this schema: an older program would show them as never given"
        )
    sqlite = op.get_context().dialect.name == "sqlite"
    for name in ("consignments_erased_for_good", "consignments_erased_by_two"):
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON consignments")
    op.drop_table("erasures")
    if not sqlite:
        op.execute("DROP FUNCTION kt1_erased_by_two()")


def _table() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("consignment_id", KEY, nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", KEY, nullable=False),
        sa.Column("proposed_at", TIME, nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('erased', 'refused')", name=op.f("ck_erasures_outcome")),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_by_id IS NULL) AND (outcome IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_erasures_decided_whole"),
        ),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_erasures_two_persons")),
        sa.ForeignKeyConstraint(
            ["consignment_id"], ["consignments.id"], name=op.f("fk_erasures_consignment_id")
        ),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["users.id"], name=op.f("fk_erasures_proposed_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_erasures_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_erasures_consignment_id"), "erasures", ["consignment_id"], unique=False)


def _approved(table: str) -> str:
    """Say that a value becomes empty although no approval of its field lies in `table`."""
    parts = [
        f"(length(NEW.{column}) = 0 AND (OLD.{column} IS NULL OR length(OLD.{column}) > 0) AND NOT EXISTS"  # noqa: S608  # constants of this file
        f" (SELECT 1 FROM {table} e WHERE e.consignment_id = NEW.id AND e.outcome = 'erased'"
        f" AND ',' || e.fields || ',' LIKE '%,{field},%'))"
        for column, field in SEALED.items()
    ]
    return " OR ".join(parts)


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'an erasure is decided once, by two persons, for good'); END"
    for name, event, when in GUARDS:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON erasures {f'WHEN {when}' if when else ''} {refuse}"
        )
    taken = "EXISTS (SELECT 1 FROM erasures WHERE id = NEW.id)"
    op.execute(f"CREATE TRIGGER erasures_no_replace BEFORE INSERT ON erasures WHEN {taken} {refuse}")
    for name, when in (
        ("consignments_erased_for_good", BACK),
        ("consignments_erased_by_two", _approved("erasures")),
    ):
        op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE OF {COLUMNS} ON consignments WHEN {when} {refuse}")


def _postgresql() -> None:
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar_one()
    op.execute(
        "CREATE FUNCTION kt1_erased_by_two() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {_approved(f'{schema}.erasures')} THEN RAISE EXCEPTION 'nobody approved this erasure'"
        " USING ERRCODE = 'insufficient_privilege'; END IF; RETURN NEW; END $$"
    )
    for name, event, when in GUARDS:
        condition = f" WHEN ({when})" if when else ""
        _always("erasures", name, f"BEFORE {event} ON erasures FOR EACH ROW{condition}")
    _always("erasures", "erasures_no_truncate", "BEFORE TRUNCATE ON erasures FOR EACH STATEMENT")
    update = f"BEFORE UPDATE OF {COLUMNS} ON consignments FOR EACH ROW"
    _always("consignments", "consignments_erased_for_good", f"{update} WHEN ({BACK})")
    _always("consignments", "consignments_erased_by_two", update, function="kt1_erased_by_two")
    if _have_roles():
        op.execute("ALTER FUNCTION kt1_erased_by_two() OWNER TO kt1_owner")
        op.execute("ALTER TABLE erasures OWNER TO kt1_owner")
        op.execute("GRANT SELECT, INSERT, UPDATE (decided_by_id, decided_at, outcome) ON erasures TO kt1_app")
        op.execute("GRANT USAGE ON SEQUENCE erasures_id_seq TO kt1_app")
        op.execute("GRANT SELECT ON erasures TO kt1_reader")


def _always(table: str, name: str, rest: str, *, function: str = "kt1_refuse") -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION {function}()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
