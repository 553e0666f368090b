"""Create the tables of keys and codes of offices, and hold them to what the program promises.

Steps and seals are only ever added; what a key was registered as never changes, and what is retired stays so.

This revision is history: it must never import anything of ours, and never change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
# Of each table what must not meet a row that is there already.
APPEND_ONLY = {"access_key_steps": "id = NEW.id", "access_key_seals": "seal_key = NEW.seal_key"}
FIXED = "id, unit_id, kind, name, registered_by_id, registered_at"
GUARDS = (
    ("access_keys_fixed", f"UPDATE OF {FIXED}", ""),
    ("access_keys_retired_for_good", "UPDATE", "OLD.retired_at IS NOT NULL"),
    ("access_keys_no_delete", "DELETE", ""),
)
CHANGED = "seal, holder_id, round, changed_at, due_at, staff_left_at, retired_at"


def upgrade() -> None:
    """Create the tables and put the guards up."""
    _keys()
    _beside()
    if op.get_context().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the tables, unless there was a key: nobody may lose one by going back."""
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM access_keys").scalar_one():
        raise RuntimeError("there are keys of offices: an older program would not know of them")
    for table in (*reversed(APPEND_ONLY), "access_keys"):
        op.drop_table(table)


def _keys() -> None:
    op.create_table(
        "access_keys",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("registered_by_id", KEY, nullable=False),
        sa.Column("registered_at", TIME, nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("holder_id", KEY, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("staff_left_at", TIME, nullable=True),
        sa.Column("retired_at", TIME, nullable=True),
        sa.CheckConstraint("kind IN ('key', 'combination', 'override')", name=op.f("ck_access_keys_kind")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_access_keys_name")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_access_keys_round")),
        sa.CheckConstraint("due_at > changed_at", name=op.f("ck_access_keys_due")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_access_keys_{column}"))
            for column, table in (
                ("unit_id", "units"),
                ("registered_by_id", "users"),
                ("holder_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_keys")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_access_keys_unit_id"), "access_keys", ["unit_id"])
    op.create_index(op.f("ix_access_keys_holder_id"), "access_keys", ["holder_id"])


def _beside() -> None:
    op.create_table(
        "access_key_steps",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("access_key_id", KEY, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("partner_id", KEY, nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint(
            "step IN ('registered', 'handed', 'changed', 'left', 'retired')",
            name=op.f("ck_access_key_steps_step"),
        ),
        sa.CheckConstraint(
            "(partner_id IS NULL) = (step IN ('registered', 'left'))", name=op.f("ck_access_key_steps_by_two")
        ),
        sa.CheckConstraint("partner_id <> user_id", name=op.f("ck_access_key_steps_two_persons")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_access_key_steps_{column}"))
            for column, table in (
                ("access_key_id", "access_keys"),
                ("user_id", "users"),
                ("partner_id", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_key_steps")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_access_key_steps_access_key_id_id"), "access_key_steps", ["access_key_id", "id"])
    op.create_index(op.f("ix_access_key_steps_user_id"), "access_key_steps", ["user_id"])
    op.create_index(op.f("ix_access_key_steps_partner_id"), "access_key_steps", ["partner_id"])
    op.create_table(
        "access_key_seals",
        sa.Column("seal_key", sa.Text(), nullable=False),
        sa.Column("access_key_id", KEY, nullable=False),
        sa.Column("issue_id", KEY, nullable=False),
        sa.Column("used_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["access_key_id"], ["access_keys.id"], name=op.f("fk_access_key_seals_access_key_id")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["seal_issues.id"], name=op.f("fk_access_key_seals_issue_id")),
        sa.PrimaryKeyConstraint("seal_key", name=op.f("pk_access_key_seals")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_access_key_seals_issue_id"), "access_key_seals", ["issue_id"])


def _sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    for table, same in APPEND_ONLY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
    keep = "BEGIN SELECT RAISE(ABORT, 'a key keeps what it was, and is retired once'); END"
    for name, event, when in GUARDS:
        condition = f"WHEN {when}" if when else ""
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON access_keys {condition} {keep}")
    taken = "EXISTS (SELECT 1 FROM access_keys WHERE id = NEW.id)"
    op.execute(f"CREATE TRIGGER access_keys_no_replace BEFORE INSERT ON access_keys WHEN {taken} {keep}")


def _postgresql() -> None:
    for table in APPEND_ONLY:
        _always(table, f"{table}_no_change", f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW")
        _always(table, f"{table}_no_truncate", f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT")
    for name, event, when in GUARDS:
        condition = f" WHEN ({when})" if when else ""
        _always("access_keys", name, f"BEFORE {event} ON access_keys FOR EACH ROW{condition}")
    _always("access_keys", "access_keys_no_truncate", "BEFORE TRUNCATE ON access_keys FOR EACH STATEMENT")
    if not _have_roles():
        return
    for table in (*APPEND_ONLY, "access_keys"):
        op.execute(f"ALTER TABLE {table} OWNER TO kt1_owner")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO kt1_app")
        op.execute(f"GRANT SELECT ON {table} TO kt1_reader")
    op.execute(f"GRANT UPDATE ({CHANGED}) ON access_keys TO kt1_app")
    for table in ("access_keys", "access_key_steps"):
        op.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO kt1_app")


def _always(table: str, name: str, rest: str) -> None:
    op.execute(f"CREATE TRIGGER {name} {rest} EXECUTE FUNCTION kt1_refuse()")
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _have_roles() -> bool:
    found = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('kt1_owner', 'kt1_app', 'kt1_reader')"
    )
    return bool(found.scalar_one() == 3)
