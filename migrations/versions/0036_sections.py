"""Create the tables of closed sections, and hold them to what the program promises.

What a section was closed as never changes, and it is reopened once; what lay in the safe is only ever added.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
CLOSED = sa.text("reopened_at IS NULL")
# Of each table what must not meet a row that is there already.
APPEND_ONLY = {
    "section_lines": "closing_id = NEW.closing_id AND code = NEW.code",
    "section_seals": "seal_key = NEW.seal_key",
}
FIXED = (
    "id, code, unit_id, reason, note, instead_unit_id, closed_by_id, closed_at, expected_at, access_key_id,"
    " seal, things"
)
GUARDS = (
    ("section_closings_fixed", f"UPDATE OF {FIXED}", ""),
    ("section_closings_reopened_once", "UPDATE", "OLD.reopened_at IS NOT NULL"),
    ("section_closings_no_delete", "DELETE", ""),
)
CHANGED = "reopened_by_id, reopened_at, seal_state, found_incident_id, raised_at, incident_id"


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _series()
    _closings()
    _beside()
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the tables, unless a section was closed: nobody may lose that by going back."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM section_closings").scalar_one():
        raise RuntimeError("sections were closed: an older program would not know of it")
    for table in (*reversed(APPEND_ONLY), "section_closings", "section_series"):
        op.drop_table(table)


def _series() -> None:
    op.create_table(
        "section_series",
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_section_series_last_number")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_section_series_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_section_series")),
        sqlite_strict=True,
    )


def _closings() -> None:
    name = "section_closings"
    op.create_table(
        name,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("instead_unit_id", KEY, nullable=True),
        sa.Column("closed_by_id", KEY, nullable=False),
        sa.Column("closed_at", TIME, nullable=False),
        sa.Column("expected_at", TIME, nullable=False),
        sa.Column("access_key_id", KEY, nullable=True),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("things", sa.Integer(), nullable=False),
        sa.Column("reopened_by_id", KEY, nullable=True),
        sa.Column("reopened_at", TIME, nullable=True),
        sa.Column("seal_state", sa.Text(), nullable=True),
        sa.Column("found_incident_id", KEY, nullable=True),
        sa.Column("raised_at", TIME, nullable=True),
        sa.Column("incident_id", KEY, nullable=True),
        sa.UniqueConstraint("code", name=op.f(f"uq_{name}_code")),
        *_checks(name),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{name}_{column}"))
            for column, table in (
                ("unit_id", "units"),
                ("instead_unit_id", "units"),
                ("closed_by_id", "users"),
                ("access_key_id", "access_keys"),
                ("reopened_by_id", "users"),
                ("found_incident_id", "incidents"),
                ("incident_id", "incidents"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sqlite_strict=True,
    )
    op.create_index(
        f"uq_{name}_closed", name, ["unit_id"], unique=True, sqlite_where=CLOSED, postgresql_where=CLOSED
    )
    op.create_index(op.f(f"ix_{name}_unit_id_id"), name, ["unit_id", "id"])


def _checks(name: str) -> list[sa.CheckConstraint]:
    reasons = "'break', 'end_of_day', 'errand', 'meeting', 'unforeseen', 'premises', 'other'"
    found = {
        "reason": f"reason IN ({reasons})",
        "expected": "expected_at > closed_at",
        "elsewhere": "instead_unit_id <> unit_id",
        "secured": "things >= 0 AND (things > 0) = (access_key_id IS NOT NULL)",
        "sealed": "(seal = '') = (access_key_id IS NULL)",
        "seal_state": "seal_state IN ('none', 'intact', 'differs')",
        "reopened": "(reopened_at IS NULL) = (reopened_by_id IS NULL)"
        " AND (reopened_at IS NULL) = (seal_state IS NULL)",
        "raised": "(raised_at IS NULL) = (incident_id IS NULL)",
    }
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{name}_{word}")) for word, rule in found.items()]


def _beside() -> None:
    op.create_table(
        "section_lines",
        sa.Column("closing_id", KEY, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closing_id"], ["section_closings.id"], name=op.f("fk_section_lines_closing_id")
        ),
        sa.PrimaryKeyConstraint("closing_id", "code", name=op.f("pk_section_lines")),
        sqlite_strict=True,
    )
    op.create_table(
        "section_seals",
        sa.Column("seal_key", sa.Text(), nullable=False),
        sa.Column("closing_id", KEY, nullable=False),
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("used_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["closing_id"], ["section_closings.id"], name=op.f("fk_section_seals_closing_id")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["seal_issues.id"], name=op.f("fk_section_seals_issue_id")),
        sa.PrimaryKeyConstraint("seal_key", name=op.f("pk_section_seals")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_section_seals_issue_id"), "section_seals", ["issue_id"])


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, same in APPEND_ONLY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
    keep = "BEGIN SELECT RAISE(ABORT, 'a closing keeps what it was, and ends once'); END"
    for name, event, when in GUARDS:
        condition = f"WHEN {when}" if when else ""
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON section_closings {condition} {keep}")
    taken = "EXISTS (SELECT 1 FROM section_closings WHERE id = NEW.id OR code = NEW.code)"
    op.execute(
        f"CREATE TRIGGER section_closings_no_replace BEFORE INSERT ON section_closings WHEN {taken} {keep}"
    )


def _postgresql() -> None:
    for table in APPEND_ONLY:
        _always(table, f"{table}_no_change", f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW")
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    closings = "section_closings"
    for name, event, when in GUARDS:
        condition = f" WHEN ({when})" if when else ""
        _always(closings, name, f"BEFORE {event} ON {closings} FOR EACH ROW{condition}")
    _always(closings, f"{closings}_no_truncate", f"BEFORE TRUNCATE ON {closings} FOR EACH STATEMENT")
    if not _have_roles():
        return
    for table in (*APPEND_ONLY, closings, "section_series"):
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
        op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
    op.execute(f"GRANT UPDATE ({CHANGED}) ON {closings} TO kt1_app")
    op.execute("GRANT UPDATE ON section_series TO kt1_app")
    op.execute(f"GRANT USAGE ON SEQUENCE {closings}_id_seq TO kt1_app")


def _always(table: str, name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
