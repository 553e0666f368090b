"""Create the tables of vehicles and of courier's legs, and hold them to what the program promises.

Lists and entries of a leg are only ever added; what was planned never changes, and what has arrived or was
cancelled stays so.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
UNDER_WAY = sa.text("state = 'departed'")
# Of each table what must not meet a row that is there already.
APPEND_ONLY = {
    "leg_lines": "leg_id = NEW.leg_id AND list = NEW.list AND code = NEW.code",
    "leg_entries": "leg_id = NEW.leg_id AND entry_idx = NEW.entry_idx",
}
PLANNED = (
    "id, code, origin_unit_id, destination_unit_id, courier_id, escort_id, vehicle, departs_at, arrives_at,"
    " planned_by_id, planned_at"
)
GUARDS = (
    ("legs", "legs_fixed", f"UPDATE OF {PLANNED}", ""),
    ("legs", "legs_over_for_good", "UPDATE", "OLD.state IN ('arrived', 'cancelled')"),
    ("legs", "legs_no_delete", "DELETE", ""),
    ("vehicles", "vehicles_fixed", "UPDATE OF plate, unit_id, dedicated, added_at", ""),
    ("vehicles", "vehicles_retired_for_good", "UPDATE", "OLD.retired_at IS NOT NULL"),
    ("vehicles", "vehicles_no_delete", "DELETE", ""),
)
CHANGED = "state, departed_at, arrived_at, cancelled_at, cancel_reason"
SAME = {
    "legs": (
        "id = NEW.id OR code = NEW.code OR (state = 'departed' AND NEW.state = 'departed'"
        " AND (courier_id = NEW.courier_id OR vehicle = NEW.vehicle))"
    ),
    "vehicles": "plate = NEW.plate",
}


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _vehicles()
    _legs()
    _beside()
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the tables, unless there was a leg: nobody may lose one by going back."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM legs").scalar_one():
        raise RuntimeError("there are legs: an older program would not know of them")
    for table in (*reversed(APPEND_ONLY), "legs", "leg_series", "vehicles"):
        op.drop_table(table)


def _vehicles() -> None:
    op.create_table(
        "vehicles",
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("dedicated", FLAG, nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("retired_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_vehicles_unit_id")),
        sa.PrimaryKeyConstraint("plate", name=op.f("pk_vehicles")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_vehicles_unit_id"), "vehicles", ["unit_id"])
    op.create_table(
        "leg_series",
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_leg_series_last_number")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_leg_series_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_leg_series")),
        sqlite_strict=True,
    )


def _legs() -> None:
    op.create_table(
        "legs",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("origin_unit_id", KEY, nullable=False),
        sa.Column("destination_unit_id", KEY, nullable=False),
        sa.Column("courier_id", KEY, nullable=False),
        sa.Column("escort_id", KEY, nullable=True),
        sa.Column("vehicle", sa.Text(), nullable=False),
        sa.Column("departs_at", TIME, nullable=False),
        sa.Column("arrives_at", TIME, nullable=False),
        sa.Column("planned_by_id", KEY, nullable=False),
        sa.Column("planned_at", TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("departed_at", TIME, nullable=True),
        sa.Column("arrived_at", TIME, nullable=True),
        sa.Column("cancelled_at", TIME, nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        *_leg_checks(),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_legs_{column}"))
            for column, target in (
                ("origin_unit_id", "units.id"),
                ("destination_unit_id", "units.id"),
                ("courier_id", "users.id"),
                ("escort_id", "users.id"),
                ("vehicle", "vehicles.plate"),
                ("planned_by_id", "users.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legs")),
        sa.UniqueConstraint("code", name=op.f("uq_legs_code")),
        sqlite_strict=True,
    )
    for name, column in (("uq_legs_courier", "courier_id"), ("uq_legs_vehicle", "vehicle")):
        op.create_index(
            name, "legs", [column], unique=True, sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY
        )
    for column in ("courier_id", "escort_id", "origin_unit_id", "destination_unit_id"):
        op.create_index(op.f(f"ix_legs_{column}_id"), "legs", [column, "id"])
    op.create_index(op.f("ix_legs_state_arrives_at"), "legs", ["state", "arrives_at"])


def _leg_checks() -> list[sa.CheckConstraint]:
    checks = {
        "state": "state IN ('planned', 'departed', 'arrived', 'cancelled')",
        "two_offices": "origin_unit_id <> destination_unit_id",
        "two_persons": "escort_id <> courier_id",
        "planned_times": "arrives_at > departs_at",
        "departed": "(state IN ('departed', 'arrived')) = (departed_at IS NOT NULL)",
        "arrived": "(state = 'arrived') = (arrived_at IS NOT NULL)",
        "cancelled": (
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)"
            " AND (cancelled_at IS NULL) = (cancel_reason IS NULL)"
        ),
    }
    return [sa.CheckConstraint(check, name=op.f(f"ck_legs_{name}")) for name, check in checks.items()]


def _beside() -> None:
    op.create_table(
        "leg_lines",
        sa.Column("leg_id", KEY, autoincrement=False, nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.CheckConstraint("list IN ('aboard', 'handed', 'kept', 'missing')", name=op.f("ck_leg_lines_list")),
        sa.ForeignKeyConstraint(["leg_id"], ["legs.id"], name=op.f("fk_leg_lines_leg_id")),
        sa.PrimaryKeyConstraint("leg_id", "list", "code", name=op.f("pk_leg_lines")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_leg_lines_code_list"), "leg_lines", ["code", "list"])
    op.create_table(
        "leg_entries",
        sa.Column("leg_id", KEY, autoincrement=False, nullable=False),
        sa.Column("entry_idx", KEY, autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "step IN ('planned', 'departed', 'arrived', 'cancelled')", name=op.f("ck_leg_entries_step")
        ),
        sa.ForeignKeyConstraint(["leg_id"], ["legs.id"], name=op.f("fk_leg_entries_leg_id")),
        sa.PrimaryKeyConstraint("leg_id", "entry_idx", name=op.f("pk_leg_entries")),
        sqlite_strict=True,
    )


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, same in APPEND_ONLY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
    keep = "BEGIN SELECT RAISE(ABORT, 'legs and vehicles keep what they were, and end once'); END"
    for table, name, event, when in GUARDS:
        condition = f"WHEN {when}" if when else ""
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition} {keep}")
    for table, same in SAME.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {keep}")


def _postgresql() -> None:
    for table in APPEND_ONLY:
        _always(table, f"{table}_no_change", f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW")
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    for table, name, event, when in GUARDS:
        condition = f" WHEN ({when})" if when else ""
        _always(table, name, f"BEFORE {event} ON {table} FOR EACH ROW{condition}")
    for table in SAME:
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    if not _have_roles():
        return
    for table in (*APPEND_ONLY, *SAME, "leg_series"):
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
        op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
    op.execute(f"GRANT UPDATE ({CHANGED}) ON legs TO kt1_app")
    op.execute("GRANT UPDATE (retired_at) ON vehicles TO kt1_app")
    op.execute("GRANT UPDATE ON leg_series TO kt1_app")
    op.execute("GRANT USAGE ON SEQUENCE legs_id_seq TO kt1_app")


def _always(table: str, name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
