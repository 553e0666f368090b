"""Bring a database to the newest schema, or back.

Run by ``kt1 init`` and by an operator before a new version starts, with a login that may create tables (and,
on PostgreSQL, the three roles); never by the server itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from app.storage.engine import parse_url, private_file

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_ADVISORY_LOCK = 0x6B743144  # "kt1D": two operators must not migrate at once


def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing, all of it or nothing."""
    with _connection(url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Go back; refused by the revisions themselves where the log would be lost."""
    with _connection(url) as connection:
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """Return the revision of this database, None for an empty one."""
    with _connection(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    address = parse_url(url)
    sqlite = address.drivername == "sqlite"
    if sqlite:
        private_file(Path(str(address.database)))
    engine = create_engine(address, poolclass=NullPool)
    if sqlite:
        # The driver's own transactions would commit at every CREATE; ours roll a failed revision back.
        event.listen(engine, "connect", lambda raw, _entry: setattr(raw, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        if not sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        yield connection
    engine.dispose()
