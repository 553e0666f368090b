"""A group of scans costs the same few statements whatever its size, and three round trips on PostgreSQL."""

import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.storage.engine import Engines
from app.storage.wire import WireConnection
from app.storage.writer import Writer
from tests.integration.storage.test_writer import together
from tests.support.stored_world import build_world, offered, scan_id, scan_of, taken

# What libpq writes down of each message: who sent it, its length, its kind, and what it holds.
_PREPARED = re.compile(r'\tF\t\d+\tParse\t "(kt1_\d+)" "(.*?)" \d')
_SENT = re.compile(r'\tF\t\d+\t(Bind|Sync)(?:\t "" "(\w+)")?')


@contextmanager
def noted_down(writer: Writer) -> Iterator[Callable[[], list[str]]]:
    """Yield how to list what the writer's connection was told; on PostgreSQL with its round trips as SYNC."""
    connection = writer._attempts._connect()
    raw = connection.connection.driver_connection
    if isinstance(raw, sqlite3.Connection):
        seen: list[str] = []
        raw.set_trace_callback(seen.append)
        # A statement inside a trigger is traced as a comment; each row of a batch is traced.
        yield lambda: [statement for statement in seen if not statement.startswith("--")]
        return
    assert isinstance(raw, WireConnection)
    # Prepared anew, so that every text is in what is written down.
    raw.forget()
    with tempfile.NamedTemporaryFile("r") as note:
        raw.pgconn.trace(os.open(note.name, os.O_WRONLY))

        def read() -> list[str]:
            raw.pgconn.untrace()
            return _read(note.read())

        yield read


def _read(trace: str) -> list[str]:
    texts = dict(_PREPARED.findall(trace))
    return ["SYNC" if kind == "Sync" else texts[name] for kind, name in _SENT.findall(trace)]


def words(statement: str) -> str:
    """Name a statement by its verb and table."""
    parts = statement.split()
    table = {"INSERT": 2, "UPDATE": 1}.get(parts[0])
    return parts[0] if table is None else f"{parts[0]} {parts[table]}"


@pytest.mark.parametrize("size", [1, 8, 32])
def test_the_number_of_statements_does_not_depend_on_the_size_of_the_group(
    writer: Writer, engines: Engines, size: int
) -> None:
    world = build_world(writer, items=size)
    together(
        writer,
        [scan_of(code, number, lambda item: offered(item, world)) for number, code in enumerate(world.codes)],
    )
    takes = [
        scan_of(code, 1000 + number, lambda item: taken(item, world))
        for number, code in enumerate(world.codes)
    ]
    with noted_down(writer) as said:
        # What the requests name is read ahead for all of them in one question.
        writer.submit(
            lambda uow: [take(uow) for take in takes],
            codes=world.codes,
            scans=[scan_id(1000 + number) for number in range(size)],
        )
        told = said()
    assert {words(statement) for statement in told} - {"SYNC"} == {
        "BEGIN",
        "COMMIT",
        "SELECT",
        "INSERT audit_log",
        "INSERT audit_items",
        "UPDATE consignments",
        "INSERT scans",
        "INSERT holdings",
        "UPDATE audit_head",
    }
    # The items, the receipts, the head and the last entry.
    assert sum(statement.startswith("SELECT") for statement in told) == 4
    if engines.write.dialect.name == "postgresql":
        statements = [statement for statement in told if statement != "SYNC"]
        assert len(statements) == 1 + 4 + 6 + 1
        # Read ahead; lock the head; write and commit.
        assert told.count("SYNC") == 3
        assert told[-2:] == ["COMMIT", "SYNC"]
