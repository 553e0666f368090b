"""Shifts: opened with a number of their office's year, counted, closed; and what a person has in hand.

Rows of the shift itself are written at once, so that two uses of one shift in one transaction see each other;
what names an entry is written with the entry. Listing for pages lives in
:mod:`app.storage.repositories.shift_queries`.
"""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import insert, or_, select, update

from app.domain.bag import Bag, BagState
from app.domain.consignment import Consignment, State
from app.domain.ids import UnitId, UserId
from app.domain.shift import Shift, ShiftStep
from app.storage.bag_rows import BAG, to_bag
from app.storage.group import Group, PendingEntry
from app.storage.repositories.open_work import is_open_bag, is_open_item
from app.storage.repositories.shift_queries import ShiftQueries, to_shift
from app.storage.statements import Statements
from app.storage.tables.bags import BAGS
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.shifts import SHIFT_ENTRIES, SHIFT_LINES, SHIFT_SERIES, SHIFTS

S, N, C, B = SHIFTS.c, SHIFT_SERIES.c, CONSIGNMENTS.c, BAGS.c
# What lies in a bag of these states is in the hand that packs or empties it, and counted one by one.
_LOOSE = (BagState.OPEN, BagState.OPENED)
_BAG_COLUMNS = tuple(B[name] for name in BAG)
_BIND = insert(SHIFT_ENTRIES)


class Shifts(ShiftQueries):
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        super().__init__(statements)
        self._group = group

    def next_number(self, unit: UnitId, year: int) -> int:
        """Draw the next number of an office's year, from 1; nobody else of the office draws meanwhile."""
        drawn = (
            update(SHIFT_SERIES)
            .where(N.unit_id == unit, N.year == year)
            .values(last_number=N.last_number + 1)
            .returning(N.last_number)
        )
        number = self._statements.write(drawn).scalar()
        if number is None:
            self._statements.insert_missing(SHIFT_SERIES, {"unit_id": unit, "year": year, "last_number": 0})
            number = self._statements.write(drawn).scalar_one()
        return int(number)

    def add(self, shift: Shift, *, opening: Collection[str]) -> Shift:
        """Insert a shift with what it opens with; return it with its id."""
        values = {
            "code": shift.code,
            "unit_id": shift.unit,
            "user_id": shift.user,
            "opened_at": shift.opened_at,
            "previous_id": shift.previous,
            **_moving(shift),
        }
        stored = replace(shift, id=self._statements.insert(insert(SHIFTS).values(values).returning(S.id)))
        self.add_lines(stored, "opening", opening)
        return stored

    def lock(self, code: str) -> Shift | None:
        """Return a shift that nobody else moves on until the end of this transaction."""
        # FOR UPDATE on PostgreSQL; SQLite leaves the words out and has one writer.
        row = self._statements.first(select(SHIFTS).where(S.code == code).with_for_update())
        return None if row is None else to_shift(row)

    def save(self, after: Shift) -> None:
        """Write how far a locked shift has come; whose it is never changes."""
        self._statements.update_one(update(SHIFTS).where(S.id == after.id).values(_moving(after)))

    def add_lines(self, shift: Shift, name: str, codes: Collection[str], *, number: int = 0) -> None:
        """Keep a list of the shift: its opening, its closing, or one of its count `number`."""
        rows = [
            {"shift_id": shift.id, "number": number, "list": name, "code": code} for code in sorted(codes)
        ]
        if rows:
            self._statements.write(insert(SHIFT_LINES), rows)

    def bind(self, shift: Shift, step: ShiftStep, entry: PendingEntry, *, number: int = 0) -> None:
        """Remember, when the entry has its place, that it belongs to this shift."""
        self._group.bind(entry, _BIND, {"shift_id": shift.id, "step": str(step), "number": number})

    def list_in_hand(self, *users: UserId) -> frozenset[str]:
        """Return what a person, or all of these together, must be able to show, as this transaction sees it.

        Items outside a bag, bags, and what lies loose in a bag that is being packed or emptied; what lies in
        a closed bag is counted with the bag.
        """
        bags = self._bags_of(users)
        loose = {bag.id for bag in bags if bag.state in _LOOSE}
        changed_bags = self._group.changed_bags
        inner = select(B.code).where(B.outer_id.in_(loose))
        found = {str(bag.code) for bag in bags}
        found |= {str(code) for (code,) in self._statements.rows(inner)} - changed_bags.keys()
        found |= {code for code, bag in changed_bags.items() if bag.outer in loose}
        alive = is_open_item() & (C.state == State.IN_CUSTODY.value)
        mine = C.custodian_user_id.in_(users) & C.bag_id.is_(None) & alive
        items = self._statements.rows(select(C.code).where(or_(mine, C.bag_id.in_(loose))))
        changed = self._group.changed
        found |= {str(code) for (code,) in items} - changed.keys()
        return frozenset(found | {code for code, item in changed.items() if _is_loose(item, users, loose)})

    def _bags_of(self, users: Collection[UserId]) -> list[Bag]:
        """Return the bags outside any other for which these people answer."""
        stored = self._statements.rows(
            select(*_BAG_COLUMNS).where(B.custodian_user_id.in_(users), is_open_bag())
        )
        found = {bag.code: bag for bag in map(to_bag, stored)}
        found |= {bag.code: bag for bag in self._group.changed_bags.values()}
        return [
            bag
            for bag in found.values()
            if bag.custodian.user in users and bag.outer is None and not bag.state.is_final
        ]


def _is_loose(item: Consignment, users: Collection[UserId], loose: Collection[int]) -> bool:
    if item.bag is not None:
        return item.bag in loose
    return item.state is State.IN_CUSTODY and item.custodian.user in users


def _moving(shift: Shift) -> dict[str, object]:
    return {
        "counts": shift.counts,
        "parts": shift.parts,
        "missing": shift.missing,
        "unexpected": shift.unexpected,
        "supervisor_id": shift.supervisor,
        "closed_at": shift.closed_at,
        "counting_at": shift.counting_at,
    }
