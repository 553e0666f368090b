"""Migrations: up, down and up again with data, one line of history, the schema the code is written for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Inspector, create_engine, inspect
from sqlalchemy.pool import NullPool

from app.storage import checks, migrate
from app.storage.engine import make_engines, parse_url
from app.storage.errors import NotMigrated
from app.storage.tables.everything import METADATA
from tests.support.databases import Database, PostgresFactory
from tests.support.owner import as_owner

VERSIONS = migrate.MIGRATIONS / "versions"
UNIT = (
    "INSERT INTO units (code, kind, name, short_name, search_name, province, commune, address, active)"
    " VALUES ('A', 'agency', 'Đơn vị', 'A', 'don vi', '24', '', '', {true})"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database without any schema."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'private' / 'kt1.sqlite'}"
        yield Database(kind="sqlite", database_url=url, owner_url=url)
        return
    factory: PostgresFactory = request.getfixturevalue("postgres")
    made = factory.make(migrated=False)
    yield made
    factory.drop(made)


def opened(database: Database) -> Engine:
    return create_engine(parse_url(database.owner_url), poolclass=NullPool)


def tables(database: Database) -> set[str]:
    return set(inspect(opened(database)).get_table_names()) - {"alembic_version"}


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


def test_history_is_one_line_of_numbered_files_and_its_end_is_written_down() -> None:
    newest_first = revisions()
    files = sorted(path.name for path in VERSIONS.glob("[0-9]*.py"))
    assert [name[:4] for name in files] == newest_first[::-1]
    assert newest_first[::-1] == [f"{number:04}" for number in range(1, len(files) + 1)]
    # Two branches that each add a revision collide in this file instead of in somebody's database.
    assert (migrate.MIGRATIONS / "HEAD").read_text(encoding="ascii").strip() == newest_first[0]
    assert newest_first[0] == checks.SCHEMA


@pytest.mark.parametrize("path", sorted(migrate.MIGRATIONS.rglob("*.py")), ids=lambda path: path.name)
def test_history_imports_nothing_of_ours(path: Path) -> None:
    imports = re.findall(r"^\s*(?:from|import)\s+(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(imports) <= {"alembic", "sqlalchemy"}


def test_every_step_goes_up_and_down_with_data(empty: Database) -> None:
    steps = revisions()[::-1]
    for revision in steps:
        migrate.upgrade(empty.owner_url, revision)
        assert migrate.current(empty.owner_url) == revision
    whole = tables(empty)
    true = "1" if empty.kind == "sqlite" else "true"
    with as_owner(empty, guards_stay=True) as owner:
        owner.exec_driver_sql(UNIT.format(true=true))
    for revision in steps[:-1][::-1]:
        migrate.downgrade(empty.owner_url, revision)
        assert migrate.current(empty.owner_url) == revision
    with as_owner(empty, guards_stay=True) as owner:
        assert owner.exec_driver_sql("SELECT name FROM units").scalar() == "Đơn vị"
    migrate.upgrade(empty.owner_url)
    assert tables(empty) == whole
    with as_owner(empty, guards_stay=True) as owner:
        assert owner.exec_driver_sql("SELECT name FROM units").scalar() == "Đơn vị"
    make_engines(empty).dispose()
    migrate.downgrade(empty.owner_url, "base")
    assert tables(empty) == set()
    assert migrate.current(empty.owner_url) is None


def test_a_log_with_entries_is_never_dropped(database: Database) -> None:
    row = "0, 'x', '2026-01-01T00:00:00.000000Z'"
    blobs = (
        "zeroblob(32), zeroblob(2)" if database.kind == "sqlite" else "decode(repeat('00', 32), 'hex'), 'ab'"
    )
    with as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql(f"INSERT INTO audit_log VALUES ({row}, {blobs})")
    with pytest.raises(RuntimeError, match="the log has entries"):
        migrate.downgrade(database.owner_url, "0002")
    # Nothing of the failed way down stays: the guards are still up.
    assert migrate.current(database.owner_url) == checks.SCHEMA
    make_engines(database).dispose()


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    before = described(inspect(opened(database)))
    migrate.upgrade(database.owner_url)
    assert described(inspect(opened(database))) == before


def test_the_migrated_schema_is_the_schema_of_the_tables(empty: Database) -> None:
    migrate.upgrade(empty.owner_url)
    migrated = described(inspect(opened(empty)))
    migrate.downgrade(empty.owner_url, "base")
    engine = opened(empty)
    METADATA.create_all(engine)
    assert described(inspect(engine)) == migrated


def test_a_file_made_by_a_migration_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "private" / "kt1.sqlite"
    migrate.upgrade(f"sqlite:///{path}")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_an_old_schema_does_not_start(empty: Database) -> None:
    with pytest.raises(NotMigrated):
        make_engines(empty)
    migrate.upgrade(empty.owner_url, "0003")
    with pytest.raises(NotMigrated):
        make_engines(empty)


def described(inspector: Inspector) -> dict[str, object]:
    """Describe every table but alembic's: columns, keys, checks, indexes."""
    return {
        name: _table(inspector, name) for name in inspector.get_table_names() if name != "alembic_version"
    }


def _table(inspector: Inspector, name: str) -> dict[str, object]:
    return {
        "columns": [
            (column["name"], str(column["type"]), column["nullable"])
            for column in inspector.get_columns(name)
        ],
        "primary": inspector.get_pk_constraint(name),
        "foreign": sorted(str(sorted(key.items(), key=str)) for key in inspector.get_foreign_keys(name)),
        "unique": sorted(str(key["column_names"]) for key in inspector.get_unique_constraints(name)),
        "checks": sorted(
            (str(check["name"]), str(check["sqltext"])) for check in inspector.get_check_constraints(name)
        ),
        "indexes": sorted(
            (str(index["name"]), str(index["column_names"]), bool(index["unique"]))
            for index in inspector.get_indexes(name)
        ),
        "options": {
            key: value for key, value in inspector.get_table_options(name).items() if key.startswith("sqlite")
        },
    }
