"""The port to the busiest SQL: what one group of scans reads and writes, in as few round trips as can be.

Two adapters speak it, ``hot_postgres`` and ``hot_sqlite``, straight to their drivers: SQLAlchemy's share of
these statements would be larger than the database's. Everything else goes through
:mod:`app.storage.statements`. No adapter decides anything.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from sqlalchemy import Executable

from audit.entry import SealedEntry

Row = Sequence[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Keys to read ahead: consignments (to be locked), receipts, devices by key id, units by code."""

    codes: Collection[str] = ()
    scans: Collection[str] = ()
    devices: Collection[str] = ()
    units: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The rows found, in the column orders of :mod:`app.storage.rows` and the adapters."""

    consignments: Sequence[Row] = ()
    scans: Sequence[Row] = ()
    devices: Sequence[Row] = ()
    units: Sequence[Row] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The locked head row beside the last entry that is really there (None in an empty log).

    `last_end` is the end of that entry's bytes, or all of them where it changes a key: it names the key that
    must sign next.
    """

    size: int
    leaf: bytes
    last_index: int | None
    last_leaf: bytes | None
    last_at: datetime | None
    last_end: bytes | None
    devices: Sequence[Row] = ()


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows to write, each list in the column order of its statement; `at` is the time of its entries.

    `others` are ordinary statements with their parameters, in order: what only some groups have.
    `behind` is the head it continues; where that was not `locked`, the database must refuse everything unless
    it is the head still. `last` is the last of the entries.
    """

    entries: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)
    consignments: list[Row] = field(default_factory=list)
    scans: list[Row] = field(default_factory=list)
    holdings: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    enrolments: list[Row] = field(default_factory=list)
    others: list[tuple[Executable, dict[str, object]]] = field(default_factory=list)
    head: Row = ()
    at: datetime | None = None
    behind: Head | None = None
    locked: bool = True
    last: SealedEntry | None = None


class HotStore(Protocol):
    """What a database must do for one group. `is_far`: asking it is a message to another process."""

    is_far: ClassVar[bool]

    def load(self, wanted: Wanted) -> Loaded:
        """Read ahead and lock the consignments."""
        ...

    def load_bags(self, codes: Collection[str]) -> Sequence[Row]:
        """Read bags in the order of :data:`app.storage.bag_rows.BAG`, and lock them."""
        ...

    def lock_head(self, devices: Collection[str]) -> Head:
        """Lock the head row, last of all locks, and look at the last entry behind it.

        Where others may write beside us, these devices and their people are read once more behind the lock:
        whoever revokes or changes them appends an entry too, so nothing can have slipped in between.
        """
        ...

    def store(self, batch: Batch) -> None:
        """Write everything, at the latest with the commit; the commit raises where the head has moved."""
        ...

    def forget(self) -> None:
        """Rely on nothing that was prepared on this connection: a savepoint was rolled back."""
        ...
