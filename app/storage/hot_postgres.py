"""The hot store on PostgreSQL: pipelined statements over unnested arrays, their text constant and prepared.

A group costs three round trips whatever its size: read ahead, lock the head, write and commit.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any

import psycopg

from app.storage.hot import Batch, Head, Loaded, Row, Wanted
from app.storage.rows import CHANGED, HOT, to_time

Raw = psycopg.Connection[tuple[Any, ...]]


def _insert(table: str, columns: dict[str, str]) -> str:
    arrays = ", ".join(f"%b::{kind}[]" for kind in columns.values())
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"  # noqa: S608  # constants


_CONSIGNMENTS = f"SELECT {', '.join(HOT)} FROM consignments WHERE code = ANY(%s) ORDER BY code FOR UPDATE"  # noqa: S608  # constants
_SCANS = (
    "SELECT scan_id, envelope_digest, lines, entry_idx, leaf, data"
    " FROM scans JOIN audit_log ON idx = entry_idx WHERE scan_id = ANY(%s)"
)
_DEVICES = (
    "SELECT d.id, key_id, public_key, user_id, d.name, token_hash, enrolled_at, revoked_at, enrolled_index,"
    " unit_id, role, active, name_key, must_change_password"
    " FROM devices AS d JOIN users AS u ON u.id = user_id WHERE key_id = ANY(%s)"
)
_UNITS = (
    "SELECT id, code, kind, name, short_name, search_name, province, commune, address, parent_id, active"
    " FROM units WHERE code = ANY(%s)"
)
_HEAD = "SELECT size, leaf FROM audit_head WHERE id = 1 FOR UPDATE"
# A statement of its own: it must see what was committed while the one above waited for the lock.
_LAST = (
    "SELECT idx, leaf, at, CASE kind WHEN 'key_rotated' THEN data"
    " ELSE substring(data FROM greatest(length(data) - 399, 1)) END"
    " FROM audit_log ORDER BY idx DESC LIMIT 1"
)
_ENTRIES = _insert(
    "audit_log", {"idx": "bigint", "kind": "text", "at": "timestamptz", "leaf": "bytea", "data": "bytea"}
)
_ITEMS = _insert("audit_items", {"code": "text", "idx": "bigint"})
_NEW_SCANS = _insert(
    "scans", {"scan_id": "text", "envelope_digest": "text", "lines": "text", "entry_idx": "bigint"}
)
_HOLDINGS = _insert(
    "holdings", {"consignment_id": "bigint", "entry_idx": "bigint", "user_id": "bigint", "unit_id": "bigint"}
)
_DELIVERIES = _insert(
    "deliveries",
    {
        "consignment_id": "bigint",
        "entry_idx": "bigint",
        "outcome": "text",
        "reason": "text",
        "action": "text",
        "giver_id": "bigint",
        "taker_id": "bigint",
        "place_id": "bigint",
        "receiver_sealed": "bytea",
        "device_at": "timestamptz",
        "recorded_at": "timestamptz",
    },
)
_UPDATE = (
    "UPDATE consignments AS c SET version = c.version + 1, "  # noqa: S608  # constants
    + ", ".join(f"{name} = v.{name}" for name, _ in CHANGED[1:])
    + f" FROM unnest({', '.join(f'%b::{kind}[]' for _, kind in CHANGED)})"
    + f" AS v({', '.join(name for name, _ in CHANGED)}) WHERE c.id = v.id"
)
_ENROLMENTS = (
    "UPDATE devices AS d SET enrolled_index = v.entry_idx"
    " FROM unnest(%b::bigint[], %b::bigint[]) AS v(entry_idx, id) WHERE d.id = v.id"
)
_MOVE_HEAD = "UPDATE audit_head SET size = %s, leaf = %s WHERE id = 1"


class PostgresHotStore:
    """See :class:`app.storage.hot.HotStore`."""

    __slots__ = ("_raw",)

    def __init__(self, raw: Raw) -> None:
        self._raw = raw

    def load(self, wanted: Wanted) -> Loaded:
        """Read all four kinds in one round trip."""
        with self._raw.pipeline():
            consignments = self._select(_CONSIGNMENTS, wanted.codes)
            scans = self._select(_SCANS, wanted.scans)
            devices = self._select(_DEVICES, wanted.devices)
            units = self._select(_UNITS, wanted.units)
        return Loaded(
            consignments=_rows(consignments), scans=_rows(scans), devices=_rows(devices), units=_rows(units)
        )

    def lock_head(self, devices: Collection[str]) -> Head:
        """Lock and look in one round trip."""
        with self._raw.pipeline():
            head = self._raw.execute(_HEAD, binary=True)
            last = self._raw.execute(_LAST, binary=True)
            people = self._select(_DEVICES, devices)
        row, newest = head.fetchone(), last.fetchone()
        if row is None:
            return Head(size=-1, leaf=b"", last_index=None, last_leaf=None, last_at=None, last_end=None)
        index, leaf, at, end = newest or (None, None, None, None)
        return Head(
            size=row[0],
            leaf=row[1],
            last_index=index,
            last_leaf=leaf,
            last_at=to_time(at),
            last_end=end,
            devices=_rows(people),
        )

    def store(self, batch: Batch) -> None:
        """Queue the statements; the log first, because the head's trigger looks for its last entry."""
        for statement, rows in (
            (_ENTRIES, batch.entries),
            (_ITEMS, batch.items),
            (_UPDATE, batch.consignments),
            (_NEW_SCANS, batch.scans),
            (_HOLDINGS, batch.holdings),
            (_DELIVERIES, batch.deliveries),
            (_ENROLMENTS, batch.enrolments),
        ):
            if rows:
                self._raw.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        if batch.head:
            self._raw.execute(_MOVE_HEAD, batch.head)

    def together(self) -> AbstractContextManager[object]:
        """Open a pipeline: statements and commit travel in one round trip."""
        return self._raw.pipeline()

    def _select(self, statement: str, keys: Collection[str]) -> psycopg.Cursor[tuple[Any, ...]] | None:
        return self._raw.execute(statement, (sorted(keys),), binary=True) if keys else None


def _rows(cursor: psycopg.Cursor[tuple[Any, ...]] | None) -> Sequence[Row]:
    return cursor.fetchall() if cursor is not None else ()
