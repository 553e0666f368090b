"""Fixtures of both databases: migrated once per run, then copied for each test.

Tests of storage and of services run on SQLite and on PostgreSQL. A copy costs milliseconds (a file, or a
database made from a template); nothing a test does reaches another.
"""

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.storage import migrate
from app.storage.engine import Engines, make_engines
from app.storage.reader import Reader
from app.storage.writer import Writer
from crypto.keys import generate_signing_key
from crypto.signer import FileSigner
from tests.support.postgres import running_postgres

START = datetime(2026, 11, 22, 7, 43, 6, 123000, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A migrated, empty database. `owner_url` may change its schema; `database_url` is the application's."""

    kind: str
    database_url: str
    owner_url: str


class SteppingClock:
    """A clock that moves by a second at each look, and wherever a test puts it."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time and go on."""
        self.now += timedelta(seconds=1)
        return self.now


class PostgresFactory:
    """Makes databases on one server, with a login that is nothing but a member of kt1_app."""

    def __init__(self, maintenance_url: str) -> None:
        self._maintenance = maintenance_url
        self._run = uuid.uuid4().hex[:8]
        self._count = 0
        self._template = ""

    def make(self, *, migrated: bool = True) -> Database:
        """Return a new database, a copy of the migrated template unless told otherwise."""
        if migrated and not self._template:
            template = self._create("template1")
            migrate.upgrade(template.owner_url)
            self._template = str(make_url(template.owner_url).database)
        return self._create(self._template if migrated else "template1")

    def drop(self, database: Database) -> None:
        """Drop a database and whoever is still in it."""
        self._execute(f'DROP DATABASE "{make_url(database.owner_url).database}" WITH (FORCE)')

    def _create(self, template: str) -> Database:
        self._count += 1
        name = f"kt1_test_{self._run}_{self._count}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        owner = make_url(self._maintenance).set(database=name)
        login, password = f"kt1_login_{self._run}", self._run
        self._execute(
            "DO $$ BEGIN"
            " IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'kt1_app') THEN"
            " CREATE ROLE kt1_app NOLOGIN; END IF;"
            f" IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{login}') THEN"
            f" CREATE ROLE {login} LOGIN PASSWORD '{password}' IN ROLE kt1_app; END IF; END $$"
        )
        return Database(
            kind="postgresql",
            owner_url=owner.render_as_string(hide_password=False),
            database_url=owner.set(username=login, password=password).render_as_string(hide_password=False),
        )

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresFactory]:
    """Run one server for the whole run."""
    with running_postgres() as url:
        yield PostgresFactory(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one file for the whole run."""
    path = tmp_path_factory.mktemp("template") / "kt1.sqlite"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    """Give each test its own database, on each of the two."""
    if request.param == "sqlite":
        path = tmp_path / "kt1.sqlite"
        shutil.copy(sqlite_template, path)
        yield Database(kind="sqlite", database_url=f"sqlite:///{path}", owner_url=f"sqlite:///{path}")
        return
    factory: PostgresFactory = request.getfixturevalue("postgres")
    made = factory.make()
    yield made
    factory.drop(made)


@pytest.fixture
def engines(database: Database) -> Iterator[Engines]:
    """Open the database the way the application does."""
    made = make_engines(database)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def signer() -> FileSigner:
    """Give the log a key."""
    return FileSigner(generate_signing_key())


@pytest.fixture
def clock() -> SteppingClock:
    """Give the log a time."""
    return SteppingClock()


@pytest.fixture
def writer(engines: Engines, signer: FileSigner, clock: Callable[[], datetime]) -> Iterator[Writer]:
    """Run a writer until the test ends."""
    made = Writer(engines.write, signer, clock)
    yield made
    made.stop()


@pytest.fixture
def reader(engines: Engines) -> Reader:
    """Read beside the writer."""
    return Reader(engines.read)
