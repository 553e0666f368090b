"""Make the log and everything beside it append-only, whoever holds the connection.

SQLite: a trigger that accepts only the next number (so REPLACE, which deletes without asking a DELETE
trigger, finds nothing to replace), triggers that refuse UPDATE and DELETE, and one that lets the head move
only onto the last entry. PostgreSQL: the same as row, statement and TRUNCATE triggers, ENABLE ALWAYS so that
session_replication_role does not silence them. Functions name their tables by schema: a temporary table of
the same name must not be read in their place.

This revision is history: it must never import anything of ours, and never change.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

APPEND_ONLY = ("audit_log", "audit_items", "scans", "holdings", "deliveries", "register_entries")
# Whoever signed for a delivery is sealed by the vault: that one column follows the vault's key, no other.
FIXED_COLUMNS = {
    "deliveries": " OF id, consignment_id, entry_idx, outcome, reason, action, giver_id, taker_id, place_id,"
    " device_at, recorded_at"
}
UNIQUE_KEYS = {
    "audit_items": "code = NEW.code AND idx = NEW.idx",
    "scans": "scan_id = NEW.scan_id",
    "holdings": "consignment_id = NEW.consignment_id AND entry_idx = NEW.entry_idx",
    "deliveries": "id = NEW.id",
    "register_entries": "unit_id = NEW.unit_id AND year = NEW.year AND direction = NEW.direction"
    " AND number = NEW.number",
}


def upgrade() -> None:
    """Put the guards up."""
    if op.get_context().dialect.name == "sqlite":
        for statement in _sqlite():
            op.execute(statement)
        return
    schema = op.get_bind().exec_driver_sql("SELECT current_schema()").scalar_one()
    for statement in _postgresql(f'"{schema}"'):
        op.execute(statement)


def downgrade() -> None:
    """Take the guards down, before the tables themselves go."""
    sqlite = op.get_context().dialect.name == "sqlite"
    for table, name in _names():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
    if not sqlite:
        for function in ("kt1_refuse", "kt1_only_next", "kt1_head_fits"):
            op.execute(f"DROP FUNCTION {function}()")


def _names() -> list[tuple[str, str]]:
    sqlite = op.get_context().dialect.name == "sqlite"
    kinds = ("no_update", "no_delete") if sqlite else ("no_change", "no_truncate")
    names = [(table, f"{table}_{kind}") for table in APPEND_ONLY for kind in kinds]
    names += [("audit_log", "audit_log_only_next"), ("audit_head", "audit_head_fits")]
    if sqlite:
        names += [(table, f"{table}_no_replace") for table in UNIQUE_KEYS]
        return [*names, ("audit_head", "audit_head_no_insert"), ("audit_head", "audit_head_no_delete")]
    return [*names, ("audit_head", "audit_head_one_row"), ("audit_head", "audit_head_no_truncate")]


def _sqlite() -> list[str]:
    refuse = "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
    statements: list[str] = []
    for table in APPEND_ONLY:
        statements += [
            (
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE{FIXED_COLUMNS.get(table, '')}"
                f" ON {table} {refuse}"
            ),
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        ]
    for table, same in UNIQUE_KEYS.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  # constants of this file
        statements.append(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} {refuse}")
    return [
        *statements,
        (
            "CREATE TRIGGER audit_log_only_next BEFORE INSERT ON audit_log"
            " WHEN NEW.idx IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM audit_log)"
            " BEGIN SELECT RAISE(ABORT, 'only the next number'); END"
        ),
        (
            "CREATE TRIGGER audit_head_fits BEFORE UPDATE ON audit_head"
            " WHEN NEW.size < OLD.size OR NEW.size IS NOT (SELECT max(idx) + 1 FROM audit_log)"
            " OR NEW.leaf IS NOT (SELECT leaf FROM audit_log WHERE idx = NEW.size - 1)"
            " BEGIN SELECT RAISE(ABORT, 'the head must fit the last entry'); END"
        ),
        (
            "CREATE TRIGGER audit_head_no_insert BEFORE INSERT ON audit_head"
            " BEGIN SELECT RAISE(ABORT, 'there is one head'); END"
        ),
        f"CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head {refuse}",
    ]


def _postgresql(schema: str) -> list[str]:
    statements = [_refuse_function(), _next_function(schema), _head_function(schema)]
    for table in APPEND_ONLY:
        change = f"BEFORE DELETE OR UPDATE{FIXED_COLUMNS.get(table, '')}"
        statements += _always(table, f"{table}_no_change", change, "ROW", "kt1_refuse")
        statements += _always(table, f"{table}_no_truncate", "BEFORE TRUNCATE", "STATEMENT", "kt1_refuse")
    statements += _always(
        "audit_log",
        "audit_log_only_next",
        "AFTER INSERT",
        "STATEMENT",
        "kt1_only_next",
        referencing="REFERENCING NEW TABLE AS added",
    )
    statements += _always("audit_head", "audit_head_fits", "BEFORE UPDATE", "ROW", "kt1_head_fits")
    statements += _always("audit_head", "audit_head_one_row", "BEFORE INSERT OR DELETE", "ROW", "kt1_refuse")
    return statements + _always(
        "audit_head", "audit_head_no_truncate", "BEFORE TRUNCATE", "STATEMENT", "kt1_refuse"
    )


def _always(  # the parts of one sentence of SQL
    table: str, name: str, event: str, level: str, function: str, *, referencing: str = ""
) -> list[str]:
    return [
        (
            f"CREATE TRIGGER {name} {event} ON {table} {referencing}"
            f" FOR EACH {level} EXECUTE FUNCTION {function}()"
        ),
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    ]


def _refuse_function() -> str:
    return (
        "CREATE FUNCTION kt1_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'append-only: % on %', TG_OP, TG_TABLE_NAME"
        " USING ERRCODE = 'insufficient_privilege';"
        " END $$"
    )


def _next_function(schema: str) -> str:
    # Contiguous, and fastened to an entry that is already there: with the primary key this leaves the next
    # numbers only, by induction, at the price of two index look-ups for a statement of any length.
    return (
        "CREATE FUNCTION kt1_only_next() RETURNS trigger LANGUAGE plpgsql AS $$"  # noqa: S608  # the schema is quoted
        " DECLARE low bigint; high bigint; many bigint; BEGIN"
        " SELECT min(idx), max(idx), count(*) INTO low, high, many FROM added;"
        " IF many > 0 AND (high - low + 1 <> many OR (low > 0 AND NOT EXISTS"
        f" (SELECT 1 FROM {schema}.audit_log WHERE idx = low - 1)))"
        " THEN RAISE EXCEPTION 'only the next number' USING ERRCODE = 'check_violation'; END IF;"
        " RETURN NULL; END $$"
    )


def _head_function(schema: str) -> str:
    return (
        "CREATE FUNCTION kt1_head_fits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608  # the same
        " IF NEW.id <> OLD.id OR NEW.size < OLD.size"
        f" OR NOT EXISTS (SELECT 1 FROM {schema}.audit_log WHERE idx = NEW.size - 1 AND leaf = NEW.leaf)"
        f" OR EXISTS (SELECT 1 FROM {schema}.audit_log WHERE idx = NEW.size)"
        " THEN RAISE EXCEPTION 'the head must fit the last entry' USING ERRCODE = 'check_violation'; END IF;"
        " RETURN NEW; END $$"
    )
