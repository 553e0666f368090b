"""Settle a town once in a process and give every further test the same rows: nobody has to move in anew.

The first town of its kind is settled through the real services. What that left in the database is read back,
and later towns of the same log and the same hour begin with those very rows, byte for byte, in a database of
their own. Nothing a test does reaches what is kept.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text, update

from app.storage.tables.base import METADATA
from app.storage.writer import Writer
from tests.support.databases import SteppingClock

Rows = dict[Table, list[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What settling left: the rows before and after, the numbers that were given, and the hour it ended."""

    before: Rows
    after: Rows
    numbers: Mapping[str, int]
    clock: SteppingClock
    town: Mapping[str, Any]


_KEPT: dict[Hashable, Settled] = {}


def settle(
    writer: Writer, clock: object, town: dict[str, Any], do: Callable[[], None], *, kind: Hashable
) -> None:
    """Settle a town whose own values are `town`: by `do` the first time, from what that left afterwards."""
    engine = writer._engine
    if type(clock) is not SteppingClock:
        do()
        return
    key = (kind, engine.dialect.name, clock.now)
    kept = _KEPT.get(key)
    with engine.begin() as connection:
        if kept is not None and _is_new(connection, kept):
            _put(connection, kept)
            clock.now = kept.clock.now
            town.update({name: _copied(value) for name, value in kept.town.items()})
            return
        before = _read(connection)
    do()
    with engine.begin() as connection:
        _KEPT[key] = Settled(
            before=before,
            after=_read(connection),
            numbers=_numbers(connection),
            clock=SteppingClock(clock.now),
            town={name: _copied(value) for name, value in town.items() if name not in _OF_THE_TEST},
        )


# What belongs to one test alone: its writer, its clock.
_OF_THE_TEST = frozenset({"writer", "clock"})


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value


def _read(connection: Connection) -> Rows:
    found: Rows = {}
    for table in METADATA.sorted_tables:
        if rows := _rows(connection, table):
            found[table] = rows
    return found


def _is_new(connection: Connection, kept: Settled) -> bool:
    """Tell whether nothing was written since the migrations: the log's head stands where they left it."""
    return all(_rows(connection, table) == rows for table, rows in kept.before.items())


def _rows(connection: Connection, table: Table) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def _put(connection: Connection, kept: Settled) -> None:
    for table, rows in kept.after.items():
        if table not in kept.before:
            connection.execute(insert(table), rows)
    # What a migration wrote and settling moved on, the log's head: it is let follow its entries alone.
    for table, there in kept.before.items():
        (row,), (was,) = kept.after[table], there
        moved = {name: value for name, value in row.items() if value != was[name]}
        if moved:
            connection.execute(update(table).values(moved))
    if kept.numbers:
        # Rows that bring their numbers draw none: the next one must be as far as it was.
        drawn = [
            select(func.count(func.nextval(name)))
            .select_from(func.generate_series(1, last))
            .scalar_subquery()
            for name, last in kept.numbers.items()
        ]
        connection.execute(select(*drawn))


def _numbers(connection: Connection) -> Mapping[str, int]:
    """Return how far each sequence has come; SQLite goes by the rows themselves."""
    if connection.dialect.name != "postgresql":
        return {}
    drawn = text("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
    return {row.sequencename: row.last_value for row in connection.execute(drawn)}
