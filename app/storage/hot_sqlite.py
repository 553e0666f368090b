"""The hot store on SQLite: the same for the one writer, which already holds the only write lock."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from app.storage.bag_rows import BAG
from app.storage.hot import Batch, Head, Loaded, Row, Wanted
from app.storage.rows import CHANGED, HOT, to_time
from app.storage.tables.base import to_text


def _insert(table: str, columns: Sequence[str]) -> str:
    marks = ", ".join("?" for _ in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608  # constants


_CONSIGNMENTS = f"SELECT {', '.join(HOT)} FROM consignments WHERE code IN"  # noqa: S608  # constants
_BAGS = f"SELECT {', '.join(BAG)} FROM bags WHERE code IN"  # noqa: S608  # constants
_SCANS = (
    "SELECT scan_id, envelope_digest, lines, entry_idx, leaf, data"  # constants
    " FROM scans JOIN audit_log ON idx = entry_idx WHERE scan_id IN"
)
_DEVICES = (
    "SELECT d.id, key_id, public_key, user_id, d.name, token_hash, enrolled_at, revoked_at, enrolled_index,"
    " unit_id, role, active, name_key, must_change_password"
    " FROM devices AS d JOIN users AS u ON u.id = user_id WHERE key_id IN"
)
_UNITS = (
    "SELECT u.id, u.code, kind, name, short_name, search_name, province, commune, address, parent_id, active,"
    " u.closed_at, s.closed_at"
    " FROM units AS u LEFT JOIN section_closings AS s ON s.unit_id = u.id AND s.reopened_at IS NULL"
    " WHERE u.code IN"
)
_HEAD = "SELECT size, leaf FROM audit_head WHERE id = 1"
_LAST = (
    "SELECT idx, leaf, at, CASE kind WHEN 'key_rotated' THEN data ELSE substr(data, -400) END"
    " FROM audit_log ORDER BY idx DESC LIMIT 1"
)
_ENTRIES = _insert("audit_log", ("idx", "kind", "at", "leaf", "data"))
_ITEMS = _insert("audit_items", ("code", "idx"))
_NEW_SCANS = _insert("scans", ("scan_id", "envelope_digest", "lines", "entry_idx"))
_HOLDINGS = _insert("holdings", ("consignment_id", "entry_idx", "user_id", "unit_id"))
_DELIVERIES = _insert(
    "deliveries",
    (
        "consignment_id",
        "entry_idx",
        "outcome",
        "reason",
        "action",
        "giver_id",
        "taker_id",
        "place_id",
        "receiver_sealed",
        "device_at",
        "recorded_at",
    ),
)
_UPDATE = (
    "UPDATE consignments SET version = version + 1, "  # noqa: S608  # constants
    + ", ".join(f"{name} = ?{number}" for number, (name, _) in enumerate(CHANGED, 1) if number > 1)
    + " WHERE id = ?1"
)
_ENROLMENTS = "UPDATE devices SET enrolled_index = ? WHERE id = ?"
_MOVE_HEAD = "UPDATE audit_head SET size = ?, leaf = ? WHERE id = 1"


class SqliteHotStore:
    """See :class:`app.storage.hot.HotStore`."""

    is_far: ClassVar = False
    __slots__ = ("_raw",)

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def load(self, wanted: Wanted) -> Loaded:
        """Read; the locks were taken by BEGIN IMMEDIATE."""
        return Loaded(
            consignments=self._select(_CONSIGNMENTS, wanted.codes),
            scans=self._select(_SCANS, wanted.scans),
            devices=self._select(_DEVICES, wanted.devices),
            units=self._select(_UNITS, wanted.units),
        )

    def load_bags(self, codes: Collection[str]) -> Sequence[Row]:
        """Read bags."""
        return self._select(_BAGS, codes)

    def lock_head(self, devices: Collection[str]) -> Head:
        """Read the head and the last entry; nobody else has written since BEGIN IMMEDIATE."""
        del devices
        row = self._raw.execute(_HEAD).fetchone()
        if row is None:
            return Head(size=-1, leaf=b"", last_index=None, last_leaf=None, last_at=None, last_end=None)
        index, leaf, at, end = self._raw.execute(_LAST).fetchone() or (None, None, None, None)
        return Head(
            size=row[0],
            leaf=row[1],
            last_index=index,
            last_leaf=leaf,
            last_at=to_time(at),
            last_end=end,
        )

    def store(self, batch: Batch) -> None:
        """Write; the log first, because the head's trigger looks for its last entry."""
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
                self._raw.executemany(statement, map(_native, rows))
        if batch.head:
            self._raw.execute(_MOVE_HEAD, tuple(batch.head))

    def forget(self) -> None:
        """Nothing is lost here: the driver prepares again what it must."""

    def _select(self, statement: str, keys: Collection[str]) -> Sequence[Row]:
        if not keys:
            return ()
        # Few sizes of list keep few texts, so that each stays compiled; the last key fills up.
        ordered = sorted(keys)
        size = 1
        while size < len(ordered):
            size *= 4
        ordered += ordered[-1:] * (size - len(ordered))
        marks = ", ".join("?" * size)
        return self._raw.execute(f"{statement} ({marks})", ordered).fetchall()


def _native(row: Iterable[object]) -> list[object]:
    return [to_text(value) if isinstance(value, datetime) else value for value in row]
