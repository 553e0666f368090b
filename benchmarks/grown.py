"""Makes years of history out of one day: the rows that a day left behind, copied with other numbers.

The day is played by real services; its copies are written past them, so that a million entries take minutes.
What was copied is good for filling tables and indexes and for nothing else: its entries are not linked.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select, text, update

from app.domain.ids import make_code
from app.storage.tables.base import UtcTime
from app.storage.tables.everything import METADATA
from app.storage.tables.log import AUDIT_HEAD, AUDIT_LOG

Row = dict[str, object]
STEP: Final = timedelta(seconds=20)
_AT_ONCE: Final = 2_000
# Indicator pairs of codes that no installation of the tests draws.
_ITEMS, _BAGS = "ZI", "ZB"
_PARENTS: Final[Mapping[str, str]] = {
    "consignment_id": "consignments",
    "bag_id": "bags",
    "outer_id": "bags",
    "incident_id": "incidents",
    "tracer_id": "tracers",
}
_NUMBERS: Final = frozenset({"number", "register_number", "dispatch_number"})
_SERIES: Final[Mapping[str, str]] = {
    "register_series": "register_entries",
    "dispatch_series": "bags",
    "incident_series": "incidents",
}
_MULTIPLIED: Final = (
    "consignments", "bags", "incidents", "audit_log", "audit_items", "scans", "scan_marks", "holdings",
    "deliveries", "filed_receipts", "register_entries", "bag_holdings", "packings", "manifests", "seal_uses",
    "incident_entries", "incident_items", "incident_notes", "incident_units", "label_prints",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far each table and the log had come before the day."""

    ids: Mapping[str, int]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day left behind, table by table, and how far its numbers reach."""

    rows: Mapping[str, tuple[Row, ...]]
    spans: Mapping[str, int]
    entries: int
    codes: Mapping[str, tuple[str, int]]


def mark(connection: Connection) -> Mark:
    """Remember where every table ends."""
    ids = {
        table.name: int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one())
        for table in _tables()
        if "id" in table.c
    }
    return Mark(ids=ids, size=int(connection.execute(select(AUDIT_HEAD.c.size)).scalar_one()))


def read_day(connection: Connection, before: Mark) -> Day:
    """Return what was added since."""
    after = mark(connection)
    rows: dict[str, tuple[Row, ...]] = {}
    for table in _tables():
        found = connection.execute(select(table).where(_is_new(table, before))).mappings()
        rows[table.name] = tuple(dict(row) for row in found)
    named = sorted(
        (str(row["code"]), pair)
        for name, pair in (("consignments", _ITEMS), ("bags", _BAGS))
        for row in rows[name]
    )
    return Day(
        rows=rows,
        spans={name: after.ids[name] - before.ids[name] for name in after.ids},
        entries=after.size - before.size,
        codes={code: (pair, place) for place, (code, pair) in enumerate(named)},
    )


def grow(connection: Connection, day: Day, copies: int) -> timedelta:
    """Write copies of a day, one `STEP` apart, and tell how much later it is then."""
    with _guards_down(connection):
        for table in _tables():
            copies_of = _copies(table, day, copies)
            while rows := list(islice(copies_of, _AT_ONCE)):
                connection.execute(insert(table), rows)
    # Whoever draws the next number must not meet one of a copy.
    for series, drawn in _SERIES.items():
        table = METADATA.tables[series]
        moved = table.c.last_number + copies * len(day.rows[drawn])
        connection.execute(update(table).values(last_number=moved))
    last = connection.execute(select(AUDIT_LOG).order_by(AUDIT_LOG.c.idx.desc()).limit(1)).mappings().one()
    connection.execute(update(AUDIT_HEAD).values(size=last["idx"] + 1, leaf=last["leaf"]))
    return STEP * copies


@contextmanager
def _guards_down(connection: Connection) -> Iterator[None]:
    """Let rows be written past the server's guards on PostgreSQL, which take one entry at a time."""
    if connection.dialect.name != "postgresql":
        yield
        return
    guards = connection.execute(
        text("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
    ).all()
    for table, name in guards:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {name}"))
    yield
    for table, name in guards:
        connection.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"))
    for table in (one for one in _tables() if "id" in one.c):
        last = select(func.max(table.c.id)).scalar_subquery()
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))


def _tables() -> list[Table]:
    return [table for table in METADATA.sorted_tables if table.name in _MULTIPLIED]


def _is_new(table: Table, before: Mark) -> ColumnElement[bool]:
    if "id" in table.c:
        return table.c.id > before.ids[table.name]
    index = next((table.c[name] for name in ("entry_idx", "idx", "packed_idx") if name in table.c), None)
    if index is not None:
        return index >= before.size
    parent = next(name for name in _PARENTS if name in table.c)
    return table.c[parent] > before.ids[_PARENTS[parent]]


def _copies(table: Table, day: Day, copies: int) -> Iterator[Row]:
    times = {column.name for column in table.c if isinstance(column.type, UtcTime)}
    for copy in range(1, copies + 1):
        for place, row in enumerate(day.rows[table.name]):
            changed = {name: _changed(table.name, name, value, day, copy) for name, value in row.items()}
            for name in times:
                value = changed[name]
                if isinstance(value, datetime):
                    changed[name] = value + STEP * copy
            if "scan_id" in changed:
                changed["scan_id"] = str(uuid.UUID(int=(copy << 32) + place))
            yield changed


def _changed(table: str, name: str, value: object, day: Day, copy: int) -> object:
    """Return one value as it stands in a copy: numbers move on, names get others, the rest stays."""
    if isinstance(value, int) and not isinstance(value, bool):
        if name == "id":
            return value + copy * day.spans[table]
        if name == "idx" or name.endswith("_idx"):
            return value + copy * day.entries
        if name in _PARENTS:
            return value + copy * day.spans[_PARENTS[name]]
        return value + copy * len(day.rows[table]) if name in _NUMBERS else value
    if name == "code" and isinstance(value, str):
        pair, place = day.codes.get(value, ("", 0))
        return str(make_code(pair, copy * len(day.codes) + place)) if pair else value
    return f"{value}/{copy}" if name == "seal_key" else value
