"""Set up one SQLite connection: durable, strict, and unable to do anything the application never does.

Triggers guard the tables from within; the authorizer here guards the triggers. It allows by list and denies
the rest, so that a statement nobody thought of is refused: no DDL, no ATTACH, no writing PRAGMA, no UPDATE or
DELETE on the log. Paths and pragmas must be set before it is put in place, and nothing may take it away.
"""

import sqlite3

PRAGMAS = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("recursive_triggers", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
    ("busy_timeout", "10000", 10000),
    # What is erased is overwritten, in the page it lay in and in pages that become free.
    ("secure_delete", "ON", 1),
)
UPDATED = frozenset(
    {
        "units",
        "users",
        "sessions",
        "login_attempts",
        "consignments",
        "register_series",
        "code_series",
        "incident_series",
        "tracer_series",
        "audit_head",
        "bags",
        "dispatch_series",
        "seal_forms",
        "shift_series",
        "leg_series",
        "muster_series",
        "pouch_series",
        "section_series",
    }
)
# Of tables that otherwise stay as they are, what their life changes.
COLUMNS_UPDATED = {
    # How far a leg has come, and when a vehicle went out of use (migration 0024).
    "legs": frozenset({"state", "departed_at", "arrived_at", "cancelled_at", "cancel_reason"}),
    "vehicles": frozenset({"retired_at"}),
    # Who has a pouch, its end, and the answer to a return (migration 0031).
    "pouches": frozenset(
        {
            "holder_unit_id",
            "since_at",
            "state",
            "list_id",
            "incident_id",
            "proposed_by_id",
            "proposed_reason",
            "proposed_at",
            "retired_at",
            "retire_reason",
        }
    ),
    "pouch_lists": frozenset({"received_by_id", "received_at"}),
    # How far a shift has come (migrations 0021 and 0028).
    "shifts": frozenset(
        {"counts", "parts", "missing", "unexpected", "supervisor_id", "closed_at", "counting_at"}
    ),
    # How far a muster and each who counts has come (migrations 0029 and 0038).
    "musters": frozenset(
        {
            "missing",
            "unexpected",
            "partner_id",
            "closed_at",
            "withdrawn_by_id",
            "withdrawn_at",
            "withdrawn_reason",
        }
    ),
    "muster_counters": frozenset({"counts", "parts"}),
    # Who has a key of an office, and when it is to be changed (migration 0033).
    "access_keys": frozenset(
        {"seal", "holder_id", "round", "changed_at", "due_at", "staff_left_at", "retired_at"}
    ),
    # That somebody is back at a closed section, or was called for (migration 0036).
    "section_closings": frozenset(
        {"reopened_by_id", "reopened_at", "seal_state", "found_incident_id", "raised_at", "incident_id"}
    ),
    # Follows the vault's key.
    "deliveries": frozenset({"receiver_sealed"}),
    # Never a device's owner, its key or its name (migration 0007).
    "devices": frozenset({"enrolled_index", "revoked_at", "token_hash"}),
    # The decision on a proposal, once (migration 0010).
    "erasures": frozenset({"decided_by_id", "decided_at", "outcome"}),
    # How a thing left its bag, once; and that a witness was there (migration 0013).
    "packings": frozenset({"removed_idx", "mark"}),
    "witness_tickets": frozenset({"used_at"}),
    # How far an incident has come; a sealed text follows the vault's key (migration 0014).
    "incidents": frozenset(
        {
            "status",
            "owner_id",
            "reported_at",
            "resolved_by_id",
            "resolved_at",
            "closed_by_id",
            "closed_at",
            "steps",
        }
    ),
    "incident_notes": frozenset({"text_sealed"}),
    # The decision on a declared error, once (migration 0017).
    "corrections": frozenset({"decided_by_id", "decided_at", "outcome", "text_sealed"}),
    # Who let a hold go, once; sealed texts follow the vault's key (migration 0015).
    "holds": frozenset({"lifted_by_id", "lifted_at", "lifted_sealed", "placed_sealed"}),
}
DELETED = frozenset({"sessions", "login_attempts"})
_FREE = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SAVEPOINT,
    }
)
_READABLE_PRAGMAS = frozenset(name for name, _, _ in PRAGMAS) | {"table_info", "data_version"}


def prepare(connection: sqlite3.Connection, *, writable: bool) -> None:
    """Bring a new connection into the state that :func:`app.storage.checks.check_sqlite` asserts."""
    # BEGIN and COMMIT are ours: the driver would otherwise open deferred transactions behind our back.
    connection.isolation_level = None
    for name, value, _ in PRAGMAS:
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
    if not writable:
        connection.execute("PRAGMA query_only = ON")
    connection.set_authorizer(_authorize_writer if writable else _authorize_reader)


def _authorize_reader(
    action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
) -> int:
    """Allow reading; see :data:`_FREE`."""
    del database, trigger
    if action in _FREE:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA:
        allowed = first in _READABLE_PRAGMAS and (second is None or first == "table_info")
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if second == "load_extension" else sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _authorize_writer(
    action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
) -> int:
    """Allow what the application writes, table by table."""
    allowed = (
        (action == sqlite3.SQLITE_INSERT and first is not None and not first.startswith("sqlite_"))
        or (action == sqlite3.SQLITE_UPDATE and _may_update(first, second))
        or (action == sqlite3.SQLITE_DELETE and first in DELETED)
    )
    if allowed and first != "alembic_version":
        return sqlite3.SQLITE_OK
    return _authorize_reader(action, first, second, database, trigger)


def _may_update(table: str | None, column: str | None) -> bool:
    return table in UPDATED or column in COLUMNS_UPDATED.get(table or "", ())
