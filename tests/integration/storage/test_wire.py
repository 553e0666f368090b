"""Talking to PostgreSQL in whole round trips: the same values, the same refusals, nothing half done."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import make_url

from app.domain.errors import NotFound
from app.storage.reader import Reader
from app.storage.uow import UnitOfWork
from app.storage.wire import WireConnection, encode, encode_array
from app.storage.writer import Writer
from tests.support.databases import Database
from tests.support.stored_world import build_world, noted, offered, scan_of, unit

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

VALUES: dict[str, list[object]] = {
    "bigint": [0, -1, 2**63 - 1, -(2**63), None],
    "integer": [7, None, -(2**31), 2**31 - 1],
    "text": ["", None, "Bưu gửi KT1", "'; --", "{a,b}"],
    "bytea": [b"", bytes(range(256)), None],
    "timestamptz": [
        datetime(2026, 11, 22, 7, 43, 6, 123456, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        None,
    ],
}


@pytest.fixture
def wire(database: Database) -> Iterator[WireConnection]:
    """Open a connection as the owner, beside everything else."""
    url = make_url(database.owner_url).set(drivername="postgresql")
    where = url.render_as_string(hide_password=False)
    with WireConnection.connect(where, options="-c timezone=UTC") as connection:
        yield connection


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_comes_back_as_it_was_sent(wire: WireConnection, kind: str) -> None:
    values = VALUES[kind]
    (array,) = wire.ask((f"SELECT $1::{kind}[]", [encode_array(kind, values)]))
    assert array == [(values,)]
    single = [wire.ask((f"SELECT $1::{kind}", [encode(kind, value)]))[0] for value in values]
    assert single == [[(value,)] for value in values]


def test_what_is_asked_is_one_transaction_with_what_psycopg_says(wire: WireConnection) -> None:
    wire.ask(("CREATE TABLE here (i bigint)", ()))
    wire.execute("INSERT INTO here VALUES (1)")
    assert wire.ask(("SELECT i FROM here", ())) == [[(1,)]]
    wire.rollback()
    with pytest.raises(psycopg.errors.UndefinedTable):
        wire.execute("SELECT i FROM here")


def test_what_is_queued_is_stored_by_the_commit_alone(wire: WireConnection) -> None:
    wire.execute("CREATE TABLE here (i bigint)")
    wire.commit()
    insert = "INSERT INTO here VALUES ($1::bigint)"
    wire.ask(("SELECT 1", ()))
    wire.queue(insert, [encode("bigint", 1)])
    wire.rollback()
    wire.commit()
    assert wire.ask(("SELECT i FROM here", ())) == [[]]
    wire.queue(insert, [encode("bigint", 2)])
    wire.commit()
    assert wire.pgconn.transaction_status == TransactionStatus.IDLE
    assert wire.ask(("SELECT i FROM here", ())) == [[(2,)]]


def test_a_statement_that_fails_stores_nothing_of_its_round(wire: WireConnection) -> None:
    wire.execute("CREATE TABLE here (i bigint PRIMARY KEY)")
    wire.commit()
    insert = "INSERT INTO here VALUES ($1::bigint)"
    wire.ask(("SELECT 1", ()))
    for number in (1, 1, 2):
        wire.queue(insert, [encode("bigint", number)])
    with pytest.raises(psycopg.errors.UniqueViolation):
        wire.commit()
    assert wire.pgconn.transaction_status == TransactionStatus.IDLE
    assert wire.ask(("SELECT i FROM here", ())) == [[]]


def test_a_commit_that_the_server_turned_into_a_rollback_is_no_commit(wire: WireConnection) -> None:
    wire.execute("CREATE TABLE here (i bigint)")
    with pytest.raises(psycopg.errors.DivisionByZero):
        wire.execute("SELECT 1 / 0")
    # The server would accept COMMIT here, and answer ROLLBACK.
    with pytest.raises(psycopg.errors.InFailedSqlTransaction, match="rolled back"):
        wire._ask([("COMMIT", ())])


def test_more_than_any_buffer_holds_goes_through(wire: WireConnection) -> None:
    blocks = [bytes([number]) * 1_000_000 for number in range(12)]
    said = [("SELECT $1::bytea", [block]) for block in blocks]
    assert [rows[0][0] for rows in wire.ask(*said)] == blocks


def test_a_connection_that_breaks_in_the_talk_is_closed(wire: WireConnection, database: Database) -> None:
    with psycopg.connect(database.owner_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (wire.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        wire.ask(("SELECT 1", ()))
    assert wire.closed


def test_a_rolled_back_savepoint_takes_no_prepared_statement_from_the_writer(
    writer: Writer, reader: Reader
) -> None:
    world = build_world(writer)

    def fails(uow: UnitOfWork) -> None:
        uow.units.add(unit("GONE"))
        raise NotFound

    def goes_on(uow: UnitOfWork) -> Any:
        with pytest.raises(NotFound), uow.savepoint():
            fails(uow)
        uow.audit.append(noted(world.codes[1], note=1))
        return scan_of(world.codes[0], 1, lambda item: offered(item, world))(uow)

    for _ in range(2):
        with pytest.raises(NotFound):
            writer.submit(fails)
    assert writer.submit(goes_on).index == 5
    assert reader.read(lambda uow: uow.audit.head()).size == 6
