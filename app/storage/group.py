"""Hold what one transaction has read and what it means to write, with an undo for each use case in it.

Many use cases share one transaction; each works in a frame. What a failed frame put here is taken out again
without asking the database. Nothing here may talk to the database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Executable

from app.domain.bag import Bag
from app.domain.consignment import Consignment
from app.domain.ids import BagId, ConsignmentId, UnitId, UserId
from app.storage.errors import StorageError
from app.storage.records import Delivery, Device, Owner, ScanLine, Unit
from audit.entry import EntryDraft, SealedEntry

K = TypeVar("K")
V = TypeVar("V")


class PendingEntry:
    """An entry of the log that has its place, bytes and hash only after the flush."""

    __slots__ = ("_sealed", "draft")

    def __init__(self, draft: EntryDraft | None, sealed: SealedEntry | None = None) -> None:
        self.draft = draft
        self._sealed = sealed

    def settle(self, sealed: SealedEntry) -> None:
        """Learn what the flush made of the draft."""
        self._sealed = sealed

    def _get(self) -> SealedEntry:
        if self._sealed is None:
            raise StorageError("the entry is not in the log yet")
        return self._sealed

    @property
    def index(self) -> int:
        """Number of the entry."""
        return self._get().index

    @property
    def leaf(self) -> bytes:
        """Leaf hash of the entry, 32 bytes."""
        return self._get().leaf

    @property
    def data(self) -> bytes:
        """The entry as stored."""
        return self._get().data


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScan:
    """The receipt of a scan: the same scan id with the same bytes gets this answer again, for ever."""

    scan_id: str
    envelope_digest: str
    lines: tuple[ScanLine, ...]
    entry: PendingEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A change of custodian, bound to the entry that records it."""

    consignment_id: ConsignmentId
    user_id: UserId
    unit_id: UnitId
    entry: PendingEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class BagHolding:
    """A change of a bag's custodian, bound to the entry that records it."""

    bag_id: BagId
    user_id: UserId
    unit_id: UnitId
    entry: PendingEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A row that names the entry it belongs to, in column or parameter `index`."""

    entry: PendingEntry
    statement: Executable
    values: Mapping[str, object]
    index: str


class Journal:
    """Remember how to undo what a frame did to the buffers."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []

    def put(self, mapping: dict[K, V], key: K, value: V) -> None:
        """Set a key so that it can be set back."""
        if key in mapping:
            before = mapping[key]
            self._steps.append(lambda: mapping.__setitem__(key, before))
        else:
            self._steps.append(lambda: mapping.pop(key, None))
        mapping[key] = value

    def drop(self, mapping: dict[K, V], key: K) -> None:
        """Remove a key so that it can be put back."""
        before = mapping.pop(key)
        self._steps.append(lambda: mapping.__setitem__(key, before))

    def add(self, items: list[V], item: V) -> None:
        """Append so that it can be taken off again."""
        self._steps.append(items.pop)
        items.append(item)

    def take(self, items: list[V]) -> V:
        """Take the last item off so that it can be put back."""
        item = items.pop()
        self._steps.append(lambda: items.append(item))
        return item

    def mark(self) -> int:
        """Name this moment."""
        return len(self._steps)

    def undo(self, mark: int) -> None:
        """Go back to a moment, latest step first."""
        while len(self._steps) > mark:
            self._steps.pop()()


@dataclass(slots=True)
class Group:
    """The buffers of one transaction: what was read (None: not there) and what will be written.

    `changed` holds the latest state of each consignment that a use case saved; `unclaimed` the codes saved
    and `moves` the changes of custodian that no entry has claimed yet.
    """

    journal: Journal = field(default_factory=Journal)
    consignments: dict[str, Consignment | None] = field(default_factory=dict)
    changed: dict[str, Consignment] = field(default_factory=dict)
    scans: dict[str, StoredScan | None] = field(default_factory=dict)
    devices: dict[str, tuple[Device, Owner] | None] = field(default_factory=dict)
    units: dict[str, Unit | None] = field(default_factory=dict)
    pending: list[PendingEntry] = field(default_factory=list)
    new_scans: list[StoredScan] = field(default_factory=list)
    unclaimed: dict[str, None] = field(default_factory=dict)
    moves: dict[str, Consignment] = field(default_factory=dict)
    holdings: list[Holding] = field(default_factory=list)
    deliveries: list[tuple[Delivery, PendingEntry]] = field(default_factory=list)
    enrolments: list[tuple[int, PendingEntry]] = field(default_factory=list)
    bags: dict[str, Bag | None] = field(default_factory=dict)
    changed_bags: dict[str, Bag] = field(default_factory=dict)
    bag_moves: dict[str, Bag] = field(default_factory=dict)
    bag_holdings: list[BagHolding] = field(default_factory=list)
    bound: list[Bound] = field(default_factory=list)

    def current(self, code: str) -> Consignment | None:
        """Return the item as this transaction sees it now; the code must have been loaded."""
        return self.changed.get(code) or self.consignments[code]

    def save(self, after: Consignment) -> None:
        """Take a new state of a loaded item, and note when somebody else answers for it now."""
        before = self.current(after.code)
        self.journal.put(self.changed, str(after.code), after)
        self.journal.put(self.unclaimed, str(after.code), None)
        if before is not None and before.custodian != after.custodian:
            self.journal.put(self.moves, str(after.code), after)

    def current_bag(self, code: str) -> Bag | None:
        """Return the bag as this transaction sees it now; the code must have been loaded."""
        return self.changed_bags.get(code) or self.bags[code]

    def save_bag(self, after: Bag) -> None:
        """Take a new state of a loaded bag, and note when somebody else answers for it now."""
        before = self.current_bag(after.code)
        self.journal.put(self.changed_bags, str(after.code), after)
        self.journal.put(self.unclaimed, str(after.code), None)
        if before is not None and before.custodian != after.custodian:
            self.journal.put(self.bag_moves, str(after.code), after)

    def bind(
        self,
        entry: PendingEntry,
        statement: Executable,
        values: Mapping[str, object],
        *,
        index: str = "entry_idx",
    ) -> None:
        """Queue a row that is written with the entry and carries its number."""
        bound = Bound(entry=entry, statement=statement, values=values, index=index)
        self.journal.add(self.bound, bound)

    def append(self, draft: EntryDraft) -> PendingEntry:
        """Queue an entry; it claims the changes, made before it, of the items it names."""
        entry = PendingEntry(draft)
        self.journal.add(self.pending, entry)
        for item in draft.items:
            if item.code in self.unclaimed:
                self.journal.drop(self.unclaimed, item.code)
            moved = self.moves.get(item.code)
            if moved is not None:
                holding = Holding(
                    consignment_id=moved.id,
                    user_id=moved.custodian.user,
                    unit_id=moved.custodian.unit,
                    entry=entry,
                )
                self.journal.drop(self.moves, item.code)
                self.journal.add(self.holdings, holding)
            bag = self.bag_moves.get(item.code)
            if bag is not None:
                self.journal.drop(self.bag_moves, item.code)
                held = BagHolding(
                    bag_id=bag.id, user_id=bag.custodian.user, unit_id=bag.custodian.unit, entry=entry
                )
                self.journal.add(self.bag_holdings, held)
        return entry

    def named_codes(self) -> set[str]:
        """Return the codes that the queued entries name."""
        return {item.code for entry in self.pending if entry.draft for item in entry.draft.items}
