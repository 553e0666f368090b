"""Attacks on the log through the application's own SQLite connection: each refused, nothing changed."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from app.storage.engine import Engines, make_engines
from app.storage.errors import UnsafeDatabase
from app.storage.guards import sqlite_triggers
from app.storage.reader import Reader
from app.storage.writer import Writer
from tests.support.databases import Database
from tests.support.owner import as_owner
from tests.support.stored_world import add_records, build_world, offered, scan_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

ROW = "'x', '2026-01-01T00:00:00.000000Z', zeroblob(32), zeroblob(2)"
ATTACKS = {
    "update an entry": "UPDATE audit_log SET data = zeroblob(9) WHERE idx = 1",
    "update every entry": "UPDATE audit_log SET kind = 'x'",
    "renumber an entry": "UPDATE audit_log SET idx = idx + 1",
    "delete an entry": "DELETE FROM audit_log WHERE idx = 1",
    "cut the tail": "DELETE FROM audit_log WHERE idx = (SELECT max(idx) FROM audit_log)",
    "empty the log": "DELETE FROM audit_log",
    "replace an entry": f"REPLACE INTO audit_log VALUES (1, {ROW})",
    "insert or replace": f"INSERT OR REPLACE INTO audit_log VALUES (1, {ROW})",
    "update or replace": "UPDATE OR REPLACE audit_log SET idx = 1 WHERE idx = 2",
    "upsert": f"INSERT INTO audit_log VALUES (1, {ROW}) ON CONFLICT (idx) DO UPDATE SET kind = 'x'",
    "an earlier number": f"INSERT INTO audit_log VALUES (-1, {ROW})",
    "a number again": f"INSERT INTO audit_log VALUES (2, {ROW})",
    "a gap": f"INSERT INTO audit_log VALUES (99, {ROW})",
    "no number": f"INSERT INTO audit_log VALUES (NULL, {ROW})",
    "drop the log": "DROP TABLE audit_log",
    "drop the trigger": "DROP TRIGGER audit_log_no_update",
    "drop the number's trigger": "DROP TRIGGER audit_log_only_next",
    "add a trigger": "CREATE TRIGGER t AFTER INSERT ON audit_log BEGIN DELETE FROM audit_items; END",
    "add a temporary trigger": "CREATE TEMP TRIGGER t AFTER INSERT ON scans BEGIN SELECT 1; END",
    "rename the log": "ALTER TABLE audit_log RENAME TO old_log",
    "add a column": "ALTER TABLE audit_log ADD COLUMN x TEXT",
    "shadow the log": "CREATE TEMP TABLE audit_log (idx INTEGER)",
    "attach another file": "ATTACH DATABASE ':memory:' AS other",
    "write the schema": "PRAGMA writable_schema = ON",
    "edit the schema": "DELETE FROM sqlite_master WHERE name = 'audit_log_no_update'",
    "silence recursive triggers": "PRAGMA recursive_triggers = OFF",
    "stop syncing": "PRAGMA synchronous = OFF",
    "leave the journal": "PRAGMA journal_mode = OFF",
    "trust the schema": "PRAGMA trusted_schema = ON",
    "forget foreign keys": "PRAGMA foreign_keys = OFF",
    "rewrite the file": "VACUUM INTO '/tmp/kt1-copy.sqlite'",
    "load code": "SELECT load_extension('x')",
    "change a receipt": "UPDATE scans SET lines = '[]'",
    "delete a receipt": "DELETE FROM scans",
    "replace a receipt": "REPLACE INTO scans SELECT scan_id, envelope_digest, '[]', entry_idx FROM scans",
    "unlink an item": "DELETE FROM audit_items",
    "replace an item": "REPLACE INTO audit_items SELECT code, idx FROM audit_items",
    "rewrite a holding": "UPDATE holdings SET user_id = 1",
    "rewrite a register": "UPDATE register_entries SET number = 9",
    "delete a consignment": "DELETE FROM consignments",
    "move the head back": "UPDATE audit_head SET size = 1",
    "move the head ahead": "UPDATE audit_head SET size = size + 1",
    "forge the head": "UPDATE audit_head SET leaf = zeroblob(32)",
    "drop the head": "DELETE FROM audit_head",
    "a second head": "INSERT OR REPLACE INTO audit_head VALUES (1, 0, zeroblob(32))",
}

# What is kept beside the log, with the columns that a forger would replace a row by.
RECORDS = {
    "label_prints": (
        "id, consignment_id, number, form, reason, printed_by_id, printed_at",
        ("id + 9, consignment_id, number", "id, consignment_id, number + 9"),
        ", form, 'x', printed_by_id, printed_at",
    ),
    "import_batches": (
        "id, unit_id, digest, user_id, file_name, rows, imported_at",
        ("id + 9, unit_id, digest", "id, unit_id, 'other'"),
        ", user_id, 'x', rows, imported_at",
    ),
}


def attacks_on(table: str) -> tuple[str, ...]:
    columns, keys, rest = RECORDS[table]
    replaced = (f"REPLACE INTO {table} ({columns}) SELECT {key}{rest} FROM {table}" for key in keys)
    return (*replaced, f"UPDATE {table} SET id = id + 9", f"DELETE FROM {table}")


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_attack_is_refused(attack: str, writer: Writer, engines: Engines, reader: Reader) -> None:
    world = build_world(writer)
    writer.submit(scan_of(world.codes[0], 1, lambda item: offered(item, world)))
    before = reader.read(lambda uow: (uow.audit.list_latest(), uow.audit.head()))
    with engines.write.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql(attack)
    assert reader.read(lambda uow: (uow.audit.list_latest(), uow.audit.head())) == before
    # The log lives on: the next scan is appended as if nothing had been tried.
    entry = writer.submit(scan_of(world.codes[1], 2, lambda item: offered(item, world)))
    assert entry.index == before[1].size


def kept(connection: Connection | sqlite3.Connection, ask: str) -> list[tuple[object, ...]]:
    rows = connection.exec_driver_sql(ask) if isinstance(connection, Connection) else connection.execute(ask)
    return [tuple(row) for row in rows.fetchall()]


@pytest.mark.parametrize("table", RECORDS)
def test_finding_24_a_record_beside_the_log_is_never_replaced_changed_or_deleted(
    table: str, database: Database, writer: Writer, engines: Engines
) -> None:
    world = build_world(writer)
    writer.submit(lambda uow: add_records(uow, world))
    ask = f"SELECT * FROM {table}"
    raw = sqlite3.connect(database.database_url.removeprefix("sqlite:///"), isolation_level=None)
    before = kept(raw, ask)
    assert before
    for attack in attacks_on(table):
        # Through the application's connection, and around it, where only the triggers are left.
        with engines.write.connect() as connection, pytest.raises(DatabaseError):
            connection.exec_driver_sql(attack)
        with pytest.raises(sqlite3.DatabaseError):
            raw.execute(attack)
    assert kept(raw, ask) == before
    raw.close()


def test_finding_24_the_list_of_guards_is_what_the_migrations_make(engines: Engines) -> None:
    with engines.read.connect() as connection:
        made = kept(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
    assert {name for (name,) in made} == sqlite_triggers()


def test_the_reading_connection_writes_nothing(engines: Engines, writer: Writer) -> None:
    build_world(writer)
    with engines.read.connect() as connection, pytest.raises(DatabaseError):
        connection.exec_driver_sql("UPDATE users SET role = 'administrator'")


@pytest.mark.parametrize("trigger", sorted(sqlite_triggers()))
def test_finding_24_a_database_without_any_one_of_its_guards_does_not_start(
    database: Database, trigger: str
) -> None:
    with sqlite3.connect(database.database_url.removeprefix("sqlite:///")) as raw:
        raw.execute(f"DROP TRIGGER {trigger}")
    raw.close()
    with pytest.raises(UnsafeDatabase, match=trigger):
        make_engines(database)


def test_a_database_that_others_may_read_does_not_start(database: Database) -> None:
    Path(database.database_url.removeprefix("sqlite:///")).chmod(0o644)
    with pytest.raises(UnsafeDatabase, match="others"):
        make_engines(database)


def test_the_triggers_hold_even_without_the_authorizer(database: Database, writer: Writer) -> None:
    build_world(writer)
    raw = sqlite3.connect(database.database_url.removeprefix("sqlite:///"))
    for attack in (
        "update an entry",
        "delete an entry",
        "insert or replace",
        "upsert",
        "a gap",
        "forge the head",
    ):
        with pytest.raises(sqlite3.DatabaseError):
            raw.execute(ATTACKS[attack])
    raw.close()
    with as_owner(database) as owner:
        assert owner.exec_driver_sql("SELECT count(*) FROM audit_log").scalar() == 4
