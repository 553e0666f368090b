"""Prove at start that the database keeps its promises: schema, durability, append-only.

A server that cannot keep them must not start, so every check raises; what is merely unwise comes back as a
warning for the operator. This module must never repair what it finds.
"""

import stat
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.storage.errors import NotMigrated, UnsafeDatabase
from app.storage.guards import APPEND_ONLY, postgresql_triggers, sqlite_triggers
from app.storage.sqlite_guard import PRAGMAS

SCHEMA = "0038"
DURABLE_COMMIT = frozenset({"on", "remote_apply", "remote_write"})


def check(connection: Connection) -> tuple[str, ...]:
    """Check whichever database this is; raises NotMigrated or UnsafeDatabase."""
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    if list(found) != [SCHEMA]:
        raise NotMigrated(f"the schema is {', '.join(found) or 'missing'}, this program needs {SCHEMA}")
    if connection.dialect.name == "sqlite":
        check_sqlite(connection)
        return ()
    return check_postgresql(connection)


def check_sqlite(connection: Connection) -> None:
    """WAL with FULL sync, the guards in place, the file private to its owner."""
    for name, _, expected in PRAGMAS:
        actual = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        if actual != expected:
            raise UnsafeDatabase(f"PRAGMA {name} is {actual}, not {expected}")
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
    missing = sqlite_triggers() - set(names)
    if missing:
        raise UnsafeDatabase(f"triggers are missing: {', '.join(sorted(missing))}")
    for table, key in APPEND_ONLY.items():
        _must_refuse(connection, f"UPDATE {table} SET {key} = {key}")  # noqa: S608  # a constant of this module
        _must_refuse(connection, f"DELETE FROM {table}")  # noqa: S608  # a constant of this module
    path = Path(str(connection.engine.url.database))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UnsafeDatabase(f"{path} can be read by others than its owner")


def _must_refuse(connection: Connection, statement: str) -> None:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except SQLAlchemyError:
        return
    raise UnsafeDatabase(f"this connection may run: {statement}")


def check_postgresql(connection: Connection) -> tuple[str, ...]:
    """Assert synchronous commit, fsync, full pages, a role that appends only, every guard ENABLE ALWAYS."""
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        value = connection.exec_driver_sql(f"SHOW {name}").scalar()
        if value not in (DURABLE_COMMIT if name == "synchronous_commit" else {"on"}):
            raise UnsafeDatabase(f"{name} is {value}")
    superuser = connection.exec_driver_sql(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).scalar()
    if superuser:
        raise UnsafeDatabase(
            "the connection is a superuser's: kt1_app is missing or not granted to this login"
        )
    for table in APPEND_ONLY:
        may = connection.exec_driver_sql(
            f"SELECT has_table_privilege('{table}', 'UPDATE, DELETE, TRUNCATE, TRIGGER')"  # noqa: S608  # constants
            # A sealed name or text follows the vault's key; every other column stays as it was inserted.
            f" OR EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0"
            " AND NOT attisdropped AND attname NOT IN ('receiver_sealed', 'text_sealed')"
            f" AND has_column_privilege('{table}', attnum, 'UPDATE'))"
        ).scalar()
        if may:
            raise UnsafeDatabase(f"this role may do more than append to {table}")
    _check_triggers(connection)
    return _warnings(connection)


def _check_triggers(connection: Connection) -> None:
    rows = connection.exec_driver_sql(
        "SELECT tgname, tgenabled::text FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
    )
    enabled = {name for name, mode in rows if mode == "A"}
    missing = postgresql_triggers() - enabled
    if missing:
        raise UnsafeDatabase(f"triggers are missing or not ENABLE ALWAYS: {', '.join(sorted(missing))}")


def _warnings(connection: Connection) -> tuple[str, ...]:
    warnings: list[str] = []
    if connection.exec_driver_sql("SHOW data_checksums").scalar() != "on":
        warnings.append("data_checksums is off: silent damage on disk is found only by verifying the log")
    privileged = connection.exec_driver_sql(
        "SELECT rolsuper OR pg_has_role(session_user, 'kt1_owner', 'MEMBER')"
        " FROM pg_roles WHERE rolname = session_user"
    ).scalar()
    if privileged:
        warnings.append("the login could leave kt1_app: give the server a login that is only a member of it")
    return tuple(warnings)
