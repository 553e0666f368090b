"""Reach behind every guard, as a database administrator with bad intentions would: for tests only."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from app.storage.engine import parse_url
from tests.support.databases import Database


@contextmanager
def as_owner(database: Database, *, guards_stay: bool = False) -> Iterator[Connection]:
    """Open a transaction of the owner with the log's guards taken down, and put them back after it."""
    engine = create_engine(parse_url(database.owner_url), poolclass=NullPool)
    with engine.begin() as connection:
        if guards_stay:
            yield connection
        elif database.kind == "postgresql":
            for table in ("audit_log", "audit_items", "audit_head"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield connection
            for table in ("audit_log", "audit_items", "audit_head"):
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                for name in connection.exec_driver_sql(
                    f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"
                ).scalars():
                    connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        else:
            triggers = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'"
            ).all()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            yield connection
            for _, statement in triggers:
                connection.exec_driver_sql(statement)
    engine.dispose()
