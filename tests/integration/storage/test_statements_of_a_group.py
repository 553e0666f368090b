"""A group of scans costs the same few statements whatever its size, and three round trips on PostgreSQL."""

import sqlite3
from typing import Any, Self

import psycopg
import pytest

from app.storage.engine import Engines
from app.storage.writer import Writer
from tests.integration.storage.test_writer import together
from tests.support.stored_world import build_world, offered, scan_id, scan_of, taken


def count(writer: Writer, seen: list[str]) -> None:
    """Note every statement on the connection that the writer keeps; SQLite traces each row of a batch."""
    connection = writer._attempts._connect()
    raw = connection.connection.driver_connection
    if isinstance(raw, sqlite3.Connection):
        raw.set_trace_callback(seen.append)
        return
    assert isinstance(raw, psycopg.Connection)

    class Counting(psycopg.Cursor[tuple[object, ...]]):
        def execute(self, query: Any, *args: Any, **options: Any) -> Self:
            seen.append(str(query))
            return super().execute(query, *args, **options)

    raw.cursor_factory = Counting


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
    seen: list[str] = []
    count(writer, seen)
    takes = [
        scan_of(code, 1000 + number, lambda item: taken(item, world))
        for number, code in enumerate(world.codes)
    ]
    # What the requests name is read ahead for all of them in one question.
    writer.submit(
        lambda uow: [take(uow) for take in takes],
        codes=world.codes,
        scans=[scan_id(1000 + number) for number in range(size)],
    )
    sqlite = engines.write.dialect.name == "sqlite"
    # A statement inside a trigger is traced as a comment.
    plain = [statement for statement in seen if not statement.startswith("--")]
    assert {words(statement) for statement in plain} == {
        *({"BEGIN", "COMMIT"} if sqlite else ()),
        "SELECT",
        "INSERT audit_log",
        "INSERT audit_items",
        "UPDATE consignments",
        "INSERT scans",
        "INSERT holdings",
        "UPDATE audit_head",
    }
    # The items, the receipts, the head and the last entry.
    assert sum(statement.startswith("SELECT") for statement in plain) == 4
    if not sqlite:
        assert len(plain) == 4 + 6
