"""Reach behind every guard, as a database administrator with bad intentions would: for tests only."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from app.storage.engine import parse_url
from tests.support.databases import Database

LOG_TABLES = ("audit_log", "audit_items", "audit_head")


@contextmanager
def as_owner(
    database: Database, *, guards_stay: bool = False, guards: Collection[str] = LOG_TABLES
) -> Iterator[Connection]:
    """Open a transaction of the owner with the guards of these tables taken down until its end."""
    engine = create_engine(parse_url(database.owner_url), poolclass=NullPool)
    with engine.begin() as connection:
        if guards_stay:
            yield connection
        elif database.kind == "postgresql":
            for table in guards:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield connection
            for table in guards:
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                for name in connection.exec_driver_sql(
                    f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"
                ).scalars():
                    connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
        else:
            triggers = connection.exec_driver_sql(
                "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'"
            ).all()
            triggers = [row for row in triggers if row[2] in guards]
            for name, _, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            yield connection
            for _, statement, _ in triggers:
                connection.exec_driver_sql(statement)
    engine.dispose()
