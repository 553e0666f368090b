"""Make printed labels, imported files and time stamps append-only too, as everything beside the log is.

The connection could not update or delete them before, but REPLACE deletes without asking, and an owner could
do anything. Each gets the guards of revision 0004, on both databases.

This revision is history: it must never import anything of ours, and never change.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

UNIQUE_KEYS = {
    "label_prints": "id = NEW.id OR (consignment_id = NEW.consignment_id AND number = NEW.number)",
    "import_batches": "id = NEW.id OR (unit_id = NEW.unit_id AND digest = NEW.digest)",
    "time_tokens": "hour_at = NEW.hour_at",
}


def upgrade() -> None:
    """Put the guards up."""
    make = _sqlite if op.get_context().dialect.name == "sqlite" else _postgresql
    for table in UNIQUE_KEYS:
        for statement in make(table):
            op.execute(statement)


def downgrade() -> None:
    """Take the guards down; the function they share belongs to revision 0004."""
    sqlite = op.get_context().dialect.name == "sqlite"
    for table in UNIQUE_KEYS:
        for kind in ("no_update", "no_delete", "no_replace") if sqlite else ("no_change", "no_truncate"):
            op.execute(f"DROP TRIGGER {table}_{kind}" + ("" if sqlite else f" ON {table}"))


def _sqlite(table: str) -> tuple[str, ...]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {UNIQUE_KEYS[table]})"  # noqa: S608  # constants of this file
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}",
    )


def _postgresql(table: str) -> tuple[str, ...]:
    change, empty = f"{table}_no_change", f"{table}_no_truncate"
    return (
        (
            f"CREATE TRIGGER {change} BEFORE DELETE OR UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION kt1_refuse()"
        ),
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {change}",
        (
            f"CREATE TRIGGER {empty} BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION kt1_refuse()"
        ),
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {empty}",
    )
