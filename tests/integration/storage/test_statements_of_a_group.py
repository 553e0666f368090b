"""A group of scans costs the same few statements whatever its size, and three round trips on PostgreSQL."""

from typing import Any, Self

import psycopg
import pytest
from sqlalchemy import event

from app.storage.engine import Engines
from app.storage.writer import Writer
from tests.integration.storage.test_writer import together
from tests.support.stored_world import build_world, offered, scan_id, scan_of, taken


def counted_sqlite(engines: Engines, seen: list[str]) -> None:
    """Note every statement of the writer's connections; a batch of rows is traced once for each row."""
    event.listen(engines.write, "checkout", lambda raw, *_more: raw.set_trace_callback(seen.append))


def counted_postgres(engines: Engines, seen: list[str]) -> None:
    """Note every statement that leaves for the server."""

    class Counting(psycopg.Cursor[tuple[object, ...]]):
        def execute(self, query: Any, *args: Any, **options: Any) -> Self:
            seen.append(str(query))
            return super().execute(query, *args, **options)

    def checkout(raw: psycopg.Connection[tuple[object, ...]], *_more: object) -> None:
        raw.cursor_factory = Counting

    event.listen(engines.write, "checkout", checkout)


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
    (counted_sqlite if engines.write.dialect.name == "sqlite" else counted_postgres)(engines, seen)
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
