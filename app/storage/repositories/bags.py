"""Bags, what lies in them, their manifests, dispatch numbers, and the seals that are spent.

A bag is locked, changed and saved like a consignment: buffered, and written with the entry that names it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, func, insert, select, update

from app.domain.bag import Bag, BagState, Dispatch
from app.domain.errors import NotFound
from app.domain.held import Custody
from app.domain.ids import BagId, UnitId, UserId
from app.storage.bag_rows import BAG, bag_values, to_bag
from app.storage.errors import ReadOnly
from app.storage.group import Group, PendingEntry
from app.storage.hot import Wanted
from app.storage.prefetch import Prefetch
from app.storage.repositories.bag_search import BagSearch, BagVisibility, conditions
from app.storage.repositories.open_work import is_open_bag
from app.storage.statements import Statements
from app.storage.tables.bags import (
    BAG_HOLDINGS,
    BAGS,
    DISPATCH_SERIES,
    MANIFESTS,
    PACKINGS,
)
from app.storage.tables.log import AUDIT_ITEMS
from app.storage.tables.people import UNITS
from audit.evidence import Mark

B, P, S, H = BAGS.c, PACKINGS.c, DISPATCH_SERIES.c, BAG_HOLDINGS.c
_COLUMNS = tuple(B[name] for name in BAG)
_PACK = insert(PACKINGS)
_REMOVE = (
    update(PACKINGS)
    .where(P.bag_id == bindparam("in_bag"), P.code == bindparam("of_code"), P.removed_idx.is_(None))
    .values(removed_idx=bindparam("entry_idx"), mark=bindparam("as_mark"))
)
_EXCESS = insert(PACKINGS).values(
    packed_idx=bindparam("found_idx"), removed_idx=bindparam("found_idx"), mark=str(Mark.EXCESS)
)
_FREEZE = insert(MANIFESTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """One thing that lies or lay in a bag; `mark` is None while it lies there."""

    bag: BagId
    code: str
    packed_index: int
    removed_index: int | None
    mark: str | None


class Bags:
    """See the module."""

    def __init__(self, statements: Statements, group: Group, prefetch: Prefetch) -> None:
        self._statements = statements
        self._group = group
        self._prefetch = prefetch

    def add(self, new: Bag) -> Bag:
        """Insert a new bag and hold it locked; `id`, `item_head` and `version` come from storage."""
        values = bag_values(new, "") | {
            "code": new.code,
            "asset": new.asset,
            "origin_unit_id": new.origin,
            "destination_unit_id": new.destination,
            "started_at": new.started_at,
            "version": 1,
        }
        identity = self._statements.insert(insert(BAGS).values(values).returning(B.id))
        stored = replace(new, id=BagId(identity), item_head="", version=1)
        journal = self._group.journal
        journal.put(self._group.bags, str(stored.code), stored)
        journal.put(self._group.unclaimed, str(stored.code), None)
        journal.put(self._group.bag_moves, str(stored.code), stored)
        return stored

    def lock(self, code: str) -> Bag | None:
        """Return the bag as this transaction sees it now, locked until its end; None where there is none."""
        if not self._statements.writable:
            raise ReadOnly("this unit of work only reads")
        if code not in self._group.bags:
            self._prefetch.load(Wanted(codes=(code,)))
        # An item's code is looked for among the items only: it is no bag's.
        return self._group.current_bag(code) if code in self._group.bags else None

    def count_held(self, user: UserId) -> int:
        """Count the bags under way that a person has or packed into another, as this transaction sees it."""
        changed = self._group.changed_bags
        mine = select(B.code).where(B.custodian_user_id == user, is_open_bag())
        stored = {str(code) for (code,) in self._statements.rows(mine)} - changed.keys()
        return len(stored) + sum(
            bag.custodian.user == user and not bag.state.is_final for bag in changed.values()
        )

    def save(self, after: Bag) -> None:
        """Queue the new state of a locked bag; an entry of the same use case must name it."""
        if self._group.bags.get(after.code) is None:
            raise NotFound
        self._group.save_bag(after)

    def pack(self, bag: BagId, codes: Iterable[str], entry: PendingEntry) -> None:
        """Note what lies in a bag from this entry on."""
        for code in codes:
            self._group.bind(entry, _PACK, {"bag_id": bag, "code": code}, index="packed_idx")

    def remove(self, bag: BagId, marks: Iterable[tuple[str, str]], entry: PendingEntry) -> None:
        """Note what left a bag with this entry, each code with its mark."""
        for code, mark in marks:
            self._group.bind(entry, _REMOVE, {"in_bag": bag, "of_code": code, "as_mark": mark})

    def find_excess(self, bag: BagId, codes: Iterable[str], entry: PendingEntry) -> None:
        """Note what was found in a bag though it stands on no manifest."""
        for code in codes:
            self._group.bind(entry, _EXCESS, {"bag_id": bag, "code": code}, index="found_idx")

    def freeze(self, bag: BagId, manifest: bytes, entry: PendingEntry) -> None:
        """Keep the manifest of a bag that is closed with this entry."""
        self._group.bind(entry, _FREEZE, {"bag_id": bag, "data": manifest})

    def next_dispatch(self, origin: UnitId, destination: UnitId, year: int, *, last: bool) -> Dispatch:
        """Draw the next place in the pair's dispatch; a complete dispatch is followed by a new number."""
        where = (S.origin_unit_id == origin, S.destination_unit_id == destination, S.year == year)
        key = {"origin_unit_id": origin, "destination_unit_id": destination, "year": year}
        first = key | {"last_number": 0, "last_serial": 0, "is_complete": True}
        # The update of nothing takes the lock that the reading below needs on both databases.
        locked = update(DISPATCH_SERIES).where(*where).values(year=S.year)
        if self._statements.write(locked).rowcount == 0:
            self._statements.insert_missing(DISPATCH_SERIES, first)
            self._statements.write(locked)
        row = self._statements.first(select(S.last_number, S.last_serial, S.is_complete).where(*where))
        if row is None:
            raise NotFound
        number, serial = (int(row[0]) + 1, 1) if row[2] else (int(row[0]), int(row[1]) + 1)
        self._statements.update_one(
            update(DISPATCH_SERIES)
            .where(*where)
            .values(last_number=number, last_serial=serial, is_complete=last)
        )
        return Dispatch(year=year, number=number, serial=serial, last=last)

    def find(self, code: str) -> Bag | None:
        """Return the bag without locking it, as committed."""
        row = self._statements.first(select(*_COLUMNS).where(B.code == code))
        return None if row is None else to_bag(row)

    def list_by_ids(self, identities: Collection[BagId]) -> dict[BagId, Bag]:
        """Return bags by id."""
        if not identities:
            return {}
        rows = self._statements.rows(select(*_COLUMNS).where(B.id.in_(sorted(identities))))
        return {bag.id: bag for bag in map(to_bag, rows)}

    def list_by_codes(self, codes: Collection[str]) -> tuple[Bag, ...]:
        """Return those of the codes that are bags, as committed."""
        if not codes:
            return ()
        rows = self._statements.rows(select(*_COLUMNS).where(B.code.in_(sorted(codes))))
        return tuple(map(to_bag, rows))

    def list_nested(self, outer: Collection[BagId]) -> list[tuple[BagId, BagId]]:
        """Return each bag that lies in one of these, with the one it lies in, as this transaction sees it."""
        changed = self._group.changed_bags
        asked = select(B.code, B.id, B.outer_id).where(B.outer_id.in_(sorted(outer)))
        found = [
            (BagId(int(inner)), BagId(int(around)))
            for code, inner, around in self._statements.rows(asked)
            if code not in changed
        ]
        moved = [(one.id, one.outer) for one in changed.values() if one.outer in outer]
        return found + [(inner, around) for inner, around in moved if around is not None]

    def list(self, search: BagSearch, visibility: BagVisibility) -> tuple[Bag, ...]:
        """Return bags, newest first."""
        statement = select(*_COLUMNS).where(*conditions(search, visibility))
        rows = self._statements.rows(statement.order_by(B.id.desc()).limit(search.limit))
        return tuple(map(to_bag, rows))

    def count(self, search: BagSearch, visibility: BagVisibility) -> int:
        """Count every match, whatever the page size."""
        asked = select(func.count()).select_from(BAGS).where(*conditions(search, visibility))
        row = self._statements.first(asked)
        return 0 if row is None else int(row[0])

    def count_closed(self, codes: Collection[str]) -> int:
        """Count those of the codes that are closed bags."""
        closed = (B.code.in_(sorted(codes)), B.state == str(BagState.CLOSED))
        row = self._statements.first(select(func.count()).select_from(BAGS).where(*closed))
        return 0 if row is None else int(row[0])

    def list_known(self, codes: Collection[str]) -> frozenset[str]:
        """Return those of the codes that are bags."""
        if not codes:
            return frozenset()
        return frozenset(
            str(code) for (code,) in self._statements.rows(select(B.code).where(B.code.in_(sorted(codes))))
        )

    def lines(self, bag: BagId) -> dict[str, str | None]:
        """Return what lies or lay in a bag, as this transaction sees it, by code.

        None: inside. "": taken out again before it was closed. Anything else: the receiver's answer.
        """
        asked = select(P.code, P.mark).where(P.bag_id == bag).order_by(P.packed_idx, P.code)
        found: dict[str, str | None] = {str(code): mark for code, mark in self._statements.rows(asked)}
        for bound in self._group.bound:
            if bound.statement is _PACK and bound.values["bag_id"] == bag:
                found[str(bound.values["code"])] = None
            elif bound.statement is _REMOVE and bound.values["in_bag"] == bag:
                found[str(bound.values["of_code"])] = str(bound.values["as_mark"])
            elif bound.statement is _EXCESS and bound.values["bag_id"] == bag:
                found[str(bound.values["code"])] = str(Mark.EXCESS)
        return found

    def list_packings(self, bag: BagId) -> tuple[Packing, ...]:
        """Return what lies and lay in a committed bag, in the order of packing."""
        statement = select(PACKINGS).where(P.bag_id == bag).order_by(P.packed_idx, P.code)
        return tuple(_packing(row) for row in self._statements.rows(statement))

    def holds_bags(self, bag: BagId) -> bool:
        """Tell whether other bags lie in it, as this transaction sees it."""
        held = any(one.outer == bag for one in self._group.changed_bags.values())
        return held or self._statements.first(select(B.id).where(B.outer_id == bag).limit(1)) is not None

    def find_manifest(self, bag: BagId) -> bytes | None:
        """Return the frozen manifest, None while the bag is open."""
        row = self._statements.first(select(MANIFESTS.c.data).where(MANIFESTS.c.bag_id == bag))
        return None if row is None else bytes(row[0])

    def list_custody(self, codes: Collection[str]) -> dict[str, Custody]:
        """Return who has each of the bags in hand, and their states, by code."""
        outer = BAGS.alias("outer_bags")
        asked = (
            select(B.code, B.state, B.custodian_user_id, UNITS.c.code, outer.c.code)
            .join(UNITS, UNITS.c.id == B.custodian_unit_id)
            .outerjoin(outer, outer.c.id == B.outer_id)
            .where(B.code.in_(sorted(codes)))
        )
        return {
            str(code): Custody(state=BagState(state), user=int(user), unit=str(unit), inside=inside or "")
            for code, state, user, unit, inside in self._statements.rows(asked)
        }

    def count_all(self) -> int:
        """Count every bag there is."""
        row = self._statements.first(select(func.count()).select_from(BAGS))
        return 0 if row is None else int(row[0])

    def find_unlogged(self) -> str | None:
        """Return the first bag by code that no entry names."""
        named = select(AUDIT_ITEMS.c.idx).where(AUDIT_ITEMS.c.code == B.code).exists()
        row = self._statements.first(select(B.code).where(~named).order_by(B.code).limit(1))
        return None if row is None else str(row[0])

    def was_holder(self, bag: BagId, user: UserId) -> bool:
        """Tell whether this person ever held the bag."""
        asked = select(H.entry_idx).where(H.bag_id == bag, H.user_id == user).limit(1)
        return self._statements.first(asked) is not None


def _packing(row: object) -> Packing:
    values = row._mapping  # type: ignore[attr-defined]  # noqa: SLF001  # SQLAlchemy's public way
    return Packing(
        bag=values[P.bag_id],
        code=values[P.code],
        packed_index=values[P.packed_idx],
        removed_index=values[P.removed_idx],
        mark=values[P.mark],
    )
