"""Attacks on the log through the application's own PostgreSQL connection: each refused, nothing changed."""

import pytest
from sqlalchemy.exc import SQLAlchemyError

from app.storage.engine import Engines, make_engines
from app.storage.errors import UnsafeDatabase
from app.storage.guards import postgresql_triggers
from app.storage.reader import Reader
from app.storage.writer import Writer
from tests.support.databases import Database
from tests.support.owner import as_owner
from tests.support.stored_world import add_records, build_world, offered, scan_of

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

ROW = "'x', now(), decode(repeat('00', 32), 'hex'), 'ab'"
ATTACKS = {
    "update an entry": "UPDATE audit_log SET data = 'xyz' WHERE idx = 1",
    "update nothing": "UPDATE audit_log SET kind = 'x' WHERE false",
    "renumber": "UPDATE audit_log SET idx = idx + 1",
    "delete an entry": "DELETE FROM audit_log WHERE idx = 1",
    "cut the tail": "DELETE FROM audit_log WHERE idx = (SELECT max(idx) FROM audit_log)",
    "delete by a CTE": "WITH gone AS (DELETE FROM audit_log RETURNING idx) SELECT * FROM gone",
    "merge": "MERGE INTO audit_log USING (VALUES (1)) AS v(i) ON idx = v.i WHEN MATCHED THEN DELETE",
    "truncate": "TRUNCATE audit_log",
    "truncate all": "TRUNCATE audit_head, audit_log, audit_items, scans CASCADE",
    "upsert": f"INSERT INTO audit_log VALUES (1, {ROW}) ON CONFLICT (idx) DO UPDATE SET kind = 'x'",
    "an earlier number": f"INSERT INTO audit_log VALUES (-1, {ROW})",
    "a number again": f"INSERT INTO audit_log VALUES (2, {ROW})",
    "a gap": f"INSERT INTO audit_log VALUES (99, {ROW})",
    "a gap inside a statement": f"INSERT INTO audit_log VALUES (5, {ROW}), (7, {ROW})",
    "a gap behind a shadow": (
        "CREATE TEMP TABLE audit_log (idx bigint); INSERT INTO pg_temp.audit_log VALUES (98);"
        f" INSERT INTO public.audit_log VALUES (99, {ROW})"
    ),
    "copy a gap": f"INSERT INTO audit_log SELECT 99, {ROW}",
    "drop the log": "DROP TABLE audit_log",
    "drop the trigger": "DROP TRIGGER audit_log_no_change ON audit_log",
    "disable a trigger": "ALTER TABLE audit_log DISABLE TRIGGER audit_log_no_change",
    "disable all triggers": "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    "add a column": "ALTER TABLE audit_log ADD COLUMN x text",
    "own the log": "ALTER TABLE audit_log OWNER TO CURRENT_USER",
    "add a rule": "CREATE RULE r AS ON INSERT TO audit_log DO INSTEAD NOTHING",
    "add a trigger": (
        "CREATE TRIGGER t BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION kt1_refuse()"
    ),
    "replace the function": (
        "CREATE OR REPLACE FUNCTION kt1_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$"
    ),
    "make something in public": "CREATE TABLE public.x (i int)",
    "play a replica": "SET session_replication_role = replica",
    "become the owner": "SET ROLE kt1_owner",
    "become the superuser": "SET ROLE postgres",
    "log in as the superuser": "SET SESSION AUTHORIZATION postgres",
    "grant itself": "GRANT UPDATE ON audit_log TO PUBLIC; UPDATE audit_log SET kind = 'x'",
    "grant the owner": "GRANT kt1_owner TO CURRENT_USER",
    "run a program": "COPY audit_log TO PROGRAM 'cat'",
    "read a file": "COPY audit_items (code) FROM '/etc/hostname'",
    "turn off fsync": "SET fsync = off",
    "change a receipt": "UPDATE scans SET lines = '[]'",
    "delete a receipt": "DELETE FROM scans",
    "unlink an item": "DELETE FROM audit_items",
    "rewrite a holding": "UPDATE holdings SET user_id = 1",
    "rewrite a register": "UPDATE register_entries SET number = 9",
    "delete a consignment": "DELETE FROM consignments",
    "move the head back": "UPDATE audit_head SET size = 1",
    "move the head ahead": "UPDATE audit_head SET size = size + 1",
    "forge the head": "UPDATE audit_head SET leaf = decode(repeat('00', 32), 'hex')",
    "drop the head": "DELETE FROM audit_head",
    "a second head": "INSERT INTO audit_head VALUES (2, 0, decode(repeat('00', 32), 'hex'))",
    "lock readers out": "LOCK TABLE audit_log IN ACCESS EXCLUSIVE MODE",
}


@pytest.mark.parametrize("reset", [False, True], ids=["as kt1_app", "after RESET ROLE"])
def test_every_attack_is_refused(writer: Writer, engines: Engines, reader: Reader, *, reset: bool) -> None:
    world = build_world(writer)
    writer.submit(scan_of(world.codes[0], 1, lambda item: offered(item, world)))
    before = reader.read(lambda uow: (uow.audit.list_latest(), uow.audit.head()))
    succeeded = []
    for name, attack in ATTACKS.items():
        with engines.write.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            if reset:
                raw.execute("RESET ROLE")
            try:
                raw.execute(attack)
                raw.commit()
            except Exception:  # noqa: BLE001  # whatever the refusal is called
                connection.invalidate()
            else:
                succeeded.append(name)
    assert not succeeded
    assert reader.read(lambda uow: (uow.audit.list_latest(), uow.audit.head())) == before
    # The log lives on: the next scan is appended as if nothing had been tried.
    entry = writer.submit(scan_of(world.codes[1], 2, lambda item: offered(item, world)))
    assert entry.index == before[1].size


def test_the_reading_connection_writes_nothing(engines: Engines, writer: Writer) -> None:
    build_world(writer)
    with engines.read.connect() as connection, pytest.raises(SQLAlchemyError):
        connection.exec_driver_sql("UPDATE users SET role = 'administrator'")


_KEPT_WITH_GUARDS = ("corrections", "holds", "bags", "packings", "witness_tickets")


@pytest.mark.parametrize("table", ["label_prints", "import_batches"])
def test_finding_24_a_record_beside_the_log_is_never_changed_or_deleted(
    table: str, database: Database, writer: Writer, engines: Engines
) -> None:
    world = build_world(writer)
    writer.submit(lambda uow: add_records(uow, world))
    for attack in (f"UPDATE {table} SET id = id + 9", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with engines.write.connect() as connection, pytest.raises(SQLAlchemyError):
            connection.exec_driver_sql(attack)
        with as_owner(database, guards_stay=True) as owner:
            owner.exec_driver_sql("SET session_replication_role = replica")
            with pytest.raises(SQLAlchemyError, match="append-only"), owner.begin_nested():
                owner.exec_driver_sql(attack)
    with engines.read.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 1


def test_finding_24_the_list_of_guards_is_what_the_migrations_make(database: Database) -> None:
    with as_owner(database, guards_stay=True) as owner:
        made = owner.exec_driver_sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").scalars()
        assert set(made) == postgresql_triggers()


def test_finding_24_a_database_without_any_one_of_its_guards_does_not_start(database: Database) -> None:
    with as_owner(database, guards_stay=True) as owner:
        found = owner.exec_driver_sql(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
        ).all()
    assert {name for name, _ in found} == postgresql_triggers()
    for name, table in found:
        with as_owner(database, guards_stay=True) as owner:
            owner.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER {name}")
        with pytest.raises(UnsafeDatabase, match=name):
            make_engines(database)
        with as_owner(database, guards_stay=True) as owner:
            owner.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
    make_engines(database).dispose()


@pytest.mark.parametrize("mode", ["DISABLE TRIGGER", "ENABLE TRIGGER", "ENABLE REPLICA TRIGGER"])
def test_a_database_without_its_guards_does_not_start(database: Database, mode: str) -> None:
    with as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql(f"ALTER TABLE audit_log {mode} audit_log_no_change")
    with pytest.raises(UnsafeDatabase, match="audit_log_no_change"):
        make_engines(database)


def test_a_role_that_may_update_the_log_does_not_start(database: Database) -> None:
    with as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql("GRANT UPDATE (kind) ON audit_log TO kt1_app")
    with pytest.raises(UnsafeDatabase, match="audit_log"):
        make_engines(database)


def test_replica_mode_does_not_silence_the_triggers_for_a_superuser(
    database: Database, writer: Writer
) -> None:
    build_world(writer)
    for attack in ("UPDATE audit_log SET kind = 'x'", "DELETE FROM audit_items", "TRUNCATE audit_log"):
        with as_owner(database, guards_stay=True) as owner:
            owner.exec_driver_sql("SET session_replication_role = replica")
            with pytest.raises(SQLAlchemyError), owner.begin_nested():
                owner.exec_driver_sql(attack)


def test_the_reader_role_reads_the_log_and_no_person(database: Database, writer: Writer) -> None:
    build_world(writer)
    with as_owner(database, guards_stay=True) as owner:
        owner.exec_driver_sql("SET ROLE kt1_reader")
        assert owner.exec_driver_sql("SELECT count(*) FROM audit_log").scalar() == 4
        for statement in ("SELECT password_hash FROM users", "SELECT * FROM sessions", "DELETE FROM units"):
            with pytest.raises(SQLAlchemyError), owner.begin_nested():
                owner.exec_driver_sql(statement)
