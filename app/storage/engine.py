"""Open the database: one engine that writes, one that only reads, both proved safe before anybody uses them.

The address is ``sqlite:////absolute/path`` or ``postgresql://…``. On PostgreSQL the connection becomes
``kt1_app`` where its login may, so that even a login with more rights appends and nothing else. This module
must never create or change a schema; that is :mod:`app.storage.migrate`.
"""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from app.storage import checks, sqlite_guard
from app.storage.errors import NotMigrated, UnsafeDatabase
from app.storage.wire import WireConnection

APP_ROLE = "kt1_app"
READERS = 16
_OPTIONS = "-c synchronous_commit=on -c timezone=UTC -c lock_timeout=15s -c statement_timeout=120s"


class DatabaseConfig(Protocol):
    """What storage needs to know of the configuration."""

    @property
    def database_url(self) -> str:
        """Where the database is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """`write` for the one writer, `read` for everybody; `warnings` are things an operator should know."""

    write: Engine
    read: Engine
    warnings: tuple[str, ...]

    def dispose(self) -> None:
        """Close every connection."""
        self.write.dispose()
        self.read.dispose()


def parse_url(untrusted: str) -> URL:
    """Accept the two databases and nothing else; raises UnsafeDatabase."""
    url = make_url(untrusted)
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in {"sqlite", "sqlite+pysqlite"} and url.database not in {None, "", ":memory:"}:
        return url.set(drivername="sqlite")
    raise UnsafeDatabase("the database is a SQLite file or a PostgreSQL server")


def make_engines(config: DatabaseConfig) -> Engines:
    """Connect, check schema, durability and guards; raises NotMigrated or UnsafeDatabase."""
    url = parse_url(config.database_url)
    sqlite = url.drivername == "sqlite"
    write, read = (_sqlite_engines if sqlite else _postgresql_engines)(url)
    try:
        with write.connect() as connection:
            warnings = checks.check(connection)
    except BaseException as error:
        write.dispose()
        if isinstance(error, SQLAlchemyError):
            raise NotMigrated(f"the database cannot be used: {type(error).__name__}") from error
        raise
    return Engines(write=write, read=read, warnings=warnings)


def private_file(path: Path) -> None:
    """Create the database file for its owner alone, before SQLite could create it for everybody."""
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, parents=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    if not Path(url.database or "").is_file():
        raise NotMigrated(f"there is no database at {url.database}")
    arguments = {"check_same_thread": False, "cached_statements": 512}
    write = create_engine(url, connect_args=arguments, pool_size=2, max_overflow=2)
    read = create_engine(url, connect_args=arguments, pool_size=READERS, max_overflow=READERS)
    for engine, writable in ((write, True), (read, False)):
        _on_sqlite_connect(engine, writable=writable)
    return write, read


def _on_sqlite_connect(engine: Engine, *, writable: bool) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        sqlite_guard.prepare(connection, writable=writable)

    # IMMEDIATE takes the write lock at once: a deferred transaction could fail half way through.
    begin = "BEGIN IMMEDIATE" if writable else "BEGIN"

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101  # what `connected` got
        try:
            # Straight to the driver: SQLAlchemy's own way to say one word costs more than sealing an entry.
            raw.execute(begin)
        except sqlite3.Error as error:
            raise OperationalError(begin, None, error) from error


def _postgresql_engines(url: URL) -> tuple[Engine, Engine]:
    arguments: dict[str, object] = {"prepare_threshold": 1, "options": _OPTIONS}
    readonly = {**arguments, "options": f"{_OPTIONS} -c default_transaction_read_only=on"}
    # The writer's statements all go by whole keys, so one plan serves every time; planning anew cost a third
    # of what a group costs the server.
    writing = {**arguments, "options": f"{_OPTIONS} -c plan_cache_mode=force_generic_plan"}
    write = create_engine(url, connect_args=writing, pool_size=2, max_overflow=2)
    # One statement is one transaction here: a page reads without BEGIN and ROLLBACK around every look-up.
    read = create_engine(
        url, connect_args=readonly, pool_size=READERS, max_overflow=READERS, isolation_level="AUTOCOMMIT"
    )
    for engine in (write, read):
        event.listen(engine, "do_connect", _open)
        event.listen(engine, "connect", _become_app)
    return write, read


def _open(
    _dialect: Dialect, _entry: ConnectionPoolEntry, where: list[Any], how: dict[str, Any]
) -> WireConnection:
    return WireConnection.connect(*where, **how)


def _become_app(connection: psycopg.Connection[tuple[object, ...]], _entry: ConnectionPoolEntry) -> None:
    was = connection.autocommit
    connection.autocommit = True
    row = connection.execute(
        "SELECT 1 FROM pg_roles WHERE rolname = %s AND pg_has_role(current_user, oid, 'MEMBER')", (APP_ROLE,)
    ).fetchone()
    if row is not None:
        connection.execute(f"SET ROLE {APP_ROLE}")
    connection.autocommit = was
