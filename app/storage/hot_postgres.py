"""The hot store on PostgreSQL: prepared statements over unnested arrays, their text constant.

A group costs three round trips whatever its size: read ahead, lock the head, write and commit.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.storage.bag_rows import BAG
from app.storage.hot import Batch, Head, Loaded, Row, Wanted
from app.storage.rows import CHANGED, HOT, to_time
from app.storage.wire import Said, Values, WireConnection, encode, encode_array


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """A statement over one array for each column; the kinds of the columns say how each is encoded."""

    text: str
    kinds: tuple[str, ...]

    def values(self, rows: Sequence[Row]) -> Values:
        """Turn rows into columns."""
        return [
            encode_array(kind, column)
            for kind, column in zip(self.kinds, zip(*rows, strict=True), strict=True)
        ]


def _unnest(kinds: Sequence[str]) -> str:
    return f"unnest({', '.join(f'${number}::{kind}[]' for number, kind in enumerate(kinds, 1))})"


def _insert(table: str, columns: dict[str, str]) -> _Write:
    kinds = tuple(columns.values())
    text = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM {_unnest(kinds)}"  # noqa: S608  # constants
    return _Write(text=text, kinds=kinds)


_CONSIGNMENTS = (
    f"SELECT {', '.join(HOT)} FROM consignments WHERE code = ANY($1::text[]) ORDER BY code FOR UPDATE"  # noqa: S608  # constants
)
_BAGS = f"SELECT {', '.join(BAG)} FROM bags WHERE code = ANY($1::text[]) ORDER BY code FOR UPDATE"  # noqa: S608  # constants
_SCANS = (
    "SELECT scan_id, envelope_digest, lines, entry_idx, leaf, data"
    " FROM scans JOIN audit_log ON idx = entry_idx WHERE scan_id = ANY($1::text[])"
)
_DEVICES = (
    "SELECT d.id, key_id, public_key, user_id, d.name, token_hash, enrolled_at, revoked_at, enrolled_index,"
    " unit_id, role, active, name_key, must_change_password"
    " FROM devices AS d JOIN users AS u ON u.id = user_id WHERE key_id = ANY($1::text[])"
)
_UNITS = (
    "SELECT u.id, u.code, kind, name, short_name, search_name, province, commune, address, parent_id, active,"
    " u.closed_at, s.closed_at"
    " FROM units AS u LEFT JOIN section_closings AS s ON s.unit_id = u.id AND s.reopened_at IS NULL"
    " WHERE u.code = ANY($1::text[])"
)
_HEAD = "SELECT size, leaf FROM audit_head WHERE id = 1 FOR UPDATE"
# A statement of its own: it must see what was committed while the one above waited for the lock.
_LAST = (
    "SELECT idx, leaf, at, CASE kind WHEN 'key_rotated' THEN data"
    " ELSE substring(data FROM greatest(length(data) - 399, 1)) END"
    " FROM audit_log ORDER BY idx DESC LIMIT 1"
)
# Locks the head and divides by zero unless it is the expected one and fits the last entry: whatever stands
# behind this in the same message is then refused with it.
_STILL = (
    "SELECT 1 / count(*) FROM (SELECT FROM audit_head AS h JOIN audit_log AS l"
    " ON l.idx = h.size - 1 AND l.leaf = h.leaf"
    " WHERE h.id = 1 AND h.size = $1::bigint AND h.leaf = $2::bytea FOR UPDATE OF h) AS still"
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
_UPDATE = _Write(
    text="UPDATE consignments AS c SET version = c.version + 1, "  # noqa: S608  # constants
    + ", ".join(f"{name} = v.{name}" for name, _ in CHANGED[1:])
    + f" FROM {_unnest([kind for _, kind in CHANGED])}"
    + f" AS v({', '.join(name for name, _ in CHANGED)}) WHERE c.id = v.id",
    kinds=tuple(kind for _, kind in CHANGED),
)
_ENROLMENTS = _Write(
    text="UPDATE devices AS d SET enrolled_index = v.entry_idx"
    " FROM unnest($1::bigint[], $2::bigint[]) AS v(entry_idx, id) WHERE d.id = v.id",
    kinds=("bigint", "bigint"),
)
_MOVE_HEAD = "UPDATE audit_head SET size = $1::bigint, leaf = $2::bytea WHERE id = 1"


class PostgresHotStore:
    """See :class:`app.storage.hot.HotStore`."""

    is_far: ClassVar = True
    __slots__ = ("_raw",)

    def __init__(self, raw: WireConnection) -> None:
        self._raw = raw

    def load(self, wanted: Wanted) -> Loaded:
        """Read all four kinds in one round trip."""
        asked = {
            "consignments": (_CONSIGNMENTS, wanted.codes),
            "scans": (_SCANS, wanted.scans),
            "devices": (_DEVICES, wanted.devices),
            "units": (_UNITS, wanted.units),
        }
        said = {name: _look_up(text, keys) for name, (text, keys) in asked.items() if keys}
        return Loaded(**dict(zip(said, self._raw.ask(*said.values()), strict=True)))

    def load_bags(self, codes: Collection[str]) -> Sequence[Row]:
        """Read and lock bags, in order of code."""
        (bags,) = self._raw.ask(_look_up(_BAGS, codes))
        return bags

    def lock_head(self, devices: Collection[str]) -> Head:
        """Lock and look in one round trip."""
        people = [_look_up(_DEVICES, devices)] if devices else []
        heads, last, *owners = self._raw.ask((_HEAD, ()), (_LAST, ()), *people)
        if not heads:
            return Head(size=-1, leaf=b"", last_index=None, last_leaf=None, last_at=None, last_end=None)
        index, leaf, at, end = last[0] if last else (None, None, None, None)
        return Head(
            size=heads[0][0],
            leaf=heads[0][1],
            last_index=index,
            last_leaf=leaf,
            last_at=to_time(at),
            last_end=end,
            devices=owners[0] if owners else (),
        )

    def store(self, batch: Batch) -> None:
        """Queue the statements; the log first, because the head's trigger looks for its last entry."""
        if batch.behind is not None and not batch.locked:
            expected = batch.behind
            self._raw.queue(_STILL, [encode("bigint", expected.size), encode("bytea", expected.leaf)])
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
                self._raw.queue(statement.text, statement.values(rows))
        if batch.head:
            size, leaf = batch.head
            self._raw.queue(_MOVE_HEAD, [encode("bigint", size), encode("bytea", leaf)])

    def forget(self) -> None:
        """Prepare anew: psycopg throws every prepared statement away when it has sent a ROLLBACK."""
        self._raw.forget()


def _look_up(text: str, keys: Collection[str]) -> Said:
    return text, [encode_array("text", sorted(keys))]
