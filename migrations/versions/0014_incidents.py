"""Create the tables of incidents, and hold them to what the program promises.

What was done about an incident is only ever added; of the incident itself, who opened it, what it is and when
it was due never change, and what is closed stays closed. A sealed text follows the vault's key, nothing else.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Of each table what must not meet a row that is there already.
APPEND_ONLY = {
    "incident_items": "incident_id = NEW.incident_id AND code = NEW.code",
    "incident_units": "incident_id = NEW.incident_id AND unit_id = NEW.unit_id",
    "incident_notes": "id = NEW.id OR (incident_id = NEW.incident_id AND number = NEW.number)",
    "incident_entries": "incident_id = NEW.incident_id AND entry_idx = NEW.entry_idx",
}
NOTE_FIXED = " OF id, incident_id, number, step, word, by_id, noted_at, commitment"
ORIGIN = (
    "id, unit_id, year, number, kind, severity, standard, opened_by_id, opened_at, scan_id,"
    " report_due_at, resolve_due_at"
)
GUARDS = (
    (
        "incidents_fixed",
        "UPDATE OF " + ORIGIN,
        "",
    ),
    ("incidents_closed_for_good", "UPDATE", "OLD.closed_at IS NOT NULL"),
    ("incidents_no_delete", "DELETE", ""),
)
CHANGED = "status, owner_id, reported_at, resolved_by_id, resolved_at, closed_by_id, closed_at, steps"


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _series_and_incidents()
    _beside()
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the tables, unless there was an incident: nobody may lose one by going back."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM incidents").scalar_one():
        raise RuntimeError("there are incidents: an older program would not know of them")
    for table in (*reversed(APPEND_ONLY), "incidents", "incident_series"):
        op.drop_table(table)


def _series_and_incidents() -> None:
    op.create_table(
        "incident_series",
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_incident_series_last_number")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_incident_series_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_incident_series")),
        sqlite_strict=True,
    )
    op.create_table(
        "incidents",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_by_id", KEY, nullable=True),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("scan_id", sa.Text(), nullable=False),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("report_due_at", TIME, nullable=False),
        sa.Column("resolve_due_at", TIME, nullable=False),
        sa.Column("reported_at", TIME, nullable=True),
        sa.Column("resolved_by_id", KEY, nullable=True),
        sa.Column("resolved_at", TIME, nullable=True),
        sa.Column("closed_by_id", KEY, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1 AND steps >= 1", name=op.f("ck_incidents_numbers")),
        sa.CheckConstraint("severity IN ('minor', 'serious', 'grave')", name=op.f("ck_incidents_severity")),
        sa.CheckConstraint(
            "status IN ('open', 'reported', 'resolved', 'closed')", name=op.f("ck_incidents_status")
        ),
        sa.CheckConstraint("(status = 'open') = (reported_at IS NULL)", name=op.f("ck_incidents_reported")),
        sa.CheckConstraint(
            "(resolved_by_id IS NULL) = (resolved_at IS NULL)"
            " AND (status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)",
            name=op.f("ck_incidents_resolved"),
        ),
        sa.CheckConstraint(
            "(closed_by_id IS NULL) = (closed_at IS NULL) AND (status = 'closed') = (closed_at IS NOT NULL)",
            name=op.f("ck_incidents_closed"),
        ),
        sa.CheckConstraint(
            "closed_by_id <> resolved_by_id AND closed_by_id <> opened_by_id",
            name=op.f("ck_incidents_two_persons"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_incidents_{column}"))
            for column, table in (
                ("unit_id", "units"),
                ("opened_by_id", "users"),
                ("owner_id", "users"),
                ("resolved_by_id", "users"),
                ("closed_by_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("unit_id", "year", "number", name=op.f("uq_incidents_unit_id_year_number")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_incidents_status_resolve_due_at"), "incidents", ["status", "resolve_due_at"])


def _beside() -> None:
    op.create_table(
        "incident_items",
        sa.Column("incident_id", KEY, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("consignment_id", KEY, nullable=True),
        *_to_incident("incident_items"),
        sa.ForeignKeyConstraint(
            ["consignment_id"], ["consignments.id"], name=op.f("fk_incident_items_consignment_id")
        ),
        sa.PrimaryKeyConstraint("incident_id", "code", name=op.f("pk_incident_items")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_incident_items_consignment_id"), "incident_items", ["consignment_id"])
    op.create_table(
        "incident_units",
        sa.Column("incident_id", KEY, autoincrement=False, nullable=False),
        sa.Column("unit_id", KEY, autoincrement=False, nullable=False),
        *_to_incident("incident_units"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_incident_units_unit_id")),
        sa.PrimaryKeyConstraint("incident_id", "unit_id", name=op.f("pk_incident_units")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_incident_units_unit_id"), "incident_units", ["unit_id"])
    op.create_table(
        "incident_notes",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("noted_at", TIME, nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_incident_notes_number")),
        sa.CheckConstraint(
            "(text_sealed IS NULL) = (commitment = '')", name=op.f("ck_incident_notes_committed")
        ),
        *_to_incident("incident_notes"),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_incident_notes_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_notes")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_incident_notes_incident_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "incident_entries",
        sa.Column("incident_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entry_idx", KEY, autoincrement=False, nullable=False),
        *_to_incident("incident_entries"),
        sa.PrimaryKeyConstraint("incident_id", "entry_idx", name=op.f("pk_incident_entries")),
        sqlite_strict=True,
    )


def _to_incident(table: str) -> tuple[sa.ForeignKeyConstraint]:
    return (sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f(f"fk_{table}_incident_id")),)


def _fixed(table: str) -> str:
    return NOTE_FIXED if table == "incident_notes" else ""


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, same in APPEND_ONLY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE{_fixed(table)} ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
    keep = "BEGIN SELECT RAISE(ABORT, 'an incident keeps what it was, and is closed once'); END"
    for name, event, when in GUARDS:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON incidents {f'WHEN {when}' if when else ''} {keep}"
        )
    same = "id = NEW.id OR (unit_id = NEW.unit_id AND year = NEW.year AND number = NEW.number)"
    taken = f"EXISTS (SELECT 1 FROM incidents WHERE {same})"  # noqa: S608  # constants of this file
    op.execute(f"CREATE TRIGGER incidents_no_replace BEFORE INSERT ON incidents WHEN {taken} {keep}")


def _postgresql() -> None:
    for table in APPEND_ONLY:
        _always(
            table, f"{table}_no_change", f"BEFORE DELETE OR UPDATE{_fixed(table)} ON {table} FOR EACH ROW"
        )
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    for name, event, when in GUARDS:
        condition = f" WHEN ({when})" if when else ""
        _always("incidents", name, f"BEFORE {event} ON incidents FOR EACH ROW{condition}")
    _always("incidents", "incidents_no_truncate", "BEFORE TRUNCATE ON incidents FOR EACH STATEMENT")
    if not _have_roles():
        return
    for table in (*APPEND_ONLY, "incidents", "incident_series"):
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
        op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
    op.execute(f"GRANT UPDATE ({CHANGED}) ON incidents TO kt1_app")
    op.execute("GRANT UPDATE (text_sealed) ON incident_notes TO kt1_app")
    op.execute("GRANT UPDATE ON incident_series TO kt1_app")
    op.execute("GRANT USAGE ON SEQUENCE incidents_id_seq, incident_notes_id_seq TO kt1_app")


def _always(table: str, name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
