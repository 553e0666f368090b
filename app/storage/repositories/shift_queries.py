"""What was opened, counted and closed in shifts, and what the log says of one person's things; reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, union

from app.domain.ids import UnitId, UserId
from app.domain.incident import IncidentKind
from app.domain.shift import Shift, ShiftStep
from app.storage.repositories.explaining import LOST, list_explained
from app.storage.repositories.open_work import is_open_bag, is_open_item
from app.storage.statements import AnyRow, Statements
from app.storage.tables.bags import BAG_HOLDINGS, BAGS
from app.storage.tables.consignments import CONSIGNMENTS, HOLDINGS
from app.storage.tables.incidents import INCIDENTS
from app.storage.tables.log import AUDIT_ITEMS, AUDIT_LOG
from app.storage.tables.shifts import SHIFT_ENTRIES, SHIFT_LINES, SHIFTS

S, L, E = SHIFTS.c, SHIFT_LINES.c, SHIFT_ENTRIES.c
# PostgreSQL and SQLite both take some tens of thousands of values in one question; this is far below.
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRow:
    """One entry about one thing: when, what kind, which code."""

    index: int
    at: datetime
    kind: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftEntry:
    """One entry of a shift; `number` is which count, 0 for opening and closing."""

    index: int
    at: datetime
    step: ShiftStep
    number: int


class ShiftQueries:
    """Part of :class:`app.storage.repositories.shifts.Shifts`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find(self, code: str) -> Shift | None:
        """Return a shift."""
        row = self._statements.first(select(SHIFTS).where(S.code == code))
        return None if row is None else to_shift(row)

    def find_open(self, user: UserId) -> Shift | None:
        """Return the shift a person has open."""
        row = self._statements.first(select(SHIFTS).where(S.user_id == user, S.closed_at.is_(None)))
        return None if row is None else to_shift(row)

    def find_last_closed(self, user: UserId) -> Shift | None:
        """Return a person's last closed shift: their last good balance."""
        asked = select(SHIFTS).where(S.user_id == user, S.closed_at.is_not(None)).order_by(S.id.desc())
        row = self._statements.first(asked.limit(1))
        return None if row is None else to_shift(row)

    def keeps_shifts(self, user: UserId) -> bool:
        """Tell whether a person ever opened a shift."""
        return self._statements.first(select(S.id).where(S.user_id == user).limit(1)) is not None

    def list_open(self, unit: UnitId) -> tuple[Shift, ...]:
        """Return the open shifts of an office."""
        asked = select(SHIFTS).where(S.unit_id == unit, S.closed_at.is_(None)).order_by(S.opened_at, S.id)
        return tuple(map(to_shift, self._statements.rows(asked)))

    def list_page(
        self, *, unit: UnitId | None = None, user: UserId | None = None, after: int = 0, limit: int = 50
    ) -> tuple[Shift, ...]:
        """Return shifts of an office or a person (None: of all), those that do not balance first."""
        unbalanced = S.closed_at.is_(None) & (S.missing + S.unexpected > 0)
        asked = select(SHIFTS).order_by(
            unbalanced.desc(), S.closed_at.is_(None).desc(), S.opened_at.desc(), S.id.desc()
        )
        if unit is not None:
            asked = asked.where(S.unit_id == unit)
        if user is not None:
            asked = asked.where(S.user_id == user)
        return tuple(map(to_shift, self._statements.rows(asked.offset(after).limit(limit))))

    def list_lines(self, shift: int, name: str, *, number: int = 0) -> frozenset[str]:
        """Return one list of a shift."""
        asked = select(L.code).where(L.shift_id == shift, L.number == number, L.list == name)
        return frozenset(str(code) for (code,) in self._statements.rows(asked))

    def list_differences(self, shift: int, *, below: int) -> frozenset[str]:
        """Return every code in which a whole count of a shift before this one differed."""
        asked = select(L.code).where(L.shift_id == shift, L.number < below, L.list == "differing").distinct()
        return frozenset(str(code) for (code,) in self._statements.rows(asked))

    def list_entries(self, shift: int) -> tuple[ShiftEntry, ...]:
        """Return the entries of a shift, in the order of the log."""
        asked = (
            select(E.entry_idx, AUDIT_LOG.c.at, E.step, E.number)
            .join(AUDIT_LOG, AUDIT_LOG.c.idx == E.entry_idx)
            .where(E.shift_id == shift)
            .order_by(E.entry_idx)
        )
        return tuple(
            ShiftEntry(index=int(index), at=at, step=ShiftStep(step), number=int(number))
            for index, at, step, number in self._statements.rows(asked)
        )

    def list_answered_for(self, user: UserId) -> frozenset[str]:
        """Return the codes of all that a person answers for now, what lies in their bags included."""
        of, item = BAGS.c, CONSIGNMENTS.c
        mine = select(of.id).where(of.custodian_user_id == user, is_open_bag())
        inner = select(of.id).where(of.outer_id.in_(mine))
        bags = select(of.code).where(of.id.in_(union(mine, inner)))
        loose = select(item.code).where(item.custodian_user_id == user, is_open_item())
        packed = select(item.code).where(item.bag_id.in_(union(mine, inner)))
        both = union(bags, loose, packed)
        return frozenset(str(code) for (code,) in self._statements.rows(both))

    def list_held_since(self, user: UserId, first: int, until: int) -> frozenset[str]:
        """Return the codes of all that came into a person's hands by the entries between two numbers."""
        held, bags = HOLDINGS.c, BAG_HOLDINGS.c
        items = (
            select(CONSIGNMENTS.c.code)
            .join(HOLDINGS, held.consignment_id == CONSIGNMENTS.c.id)
            .where(held.user_id == user, held.entry_idx > first, held.entry_idx < until)
        )
        carried = (
            select(BAGS.c.code)
            .join(BAG_HOLDINGS, bags.bag_id == BAGS.c.id)
            .where(bags.user_id == user, bags.entry_idx > first, bags.entry_idx < until)
        )
        return frozenset(str(code) for (code,) in self._statements.rows(union(items, carried)))

    def list_replay(self, codes: Collection[str], first: int, *, limit: int) -> tuple[ReplayRow, ...]:
        """Return every entry about these codes behind an entry, oldest first."""
        rows: list[ReplayRow] = []
        ordered = sorted(codes)
        for start in range(0, len(ordered), _AT_ONCE):
            asked = (
                select(AUDIT_LOG.c.idx, AUDIT_LOG.c.at, AUDIT_LOG.c.kind, AUDIT_ITEMS.c.code)
                .join(AUDIT_ITEMS, AUDIT_ITEMS.c.idx == AUDIT_LOG.c.idx)
                .where(AUDIT_ITEMS.c.code.in_(ordered[start : start + _AT_ONCE]), AUDIT_LOG.c.idx > first)
                .order_by(AUDIT_LOG.c.idx, AUDIT_ITEMS.c.code)
                .limit(limit)
            )
            rows += [
                ReplayRow(index=int(index), at=at, kind=str(kind), code=str(code))
                for index, at, kind, code in self._statements.rows(asked)
            ]
        return tuple(sorted(rows, key=lambda row: (row.index, row.code))[:limit])

    def list_explained(self, codes: Collection[str], *, since: datetime) -> frozenset[str]:
        """Return those of which a second person has closed an incident that says why they are not there.

        A loss explains for ever; that a count differed explains only the shift in which it did.
        """
        of = INCIDENTS.c
        counted = (of.kind == IncidentKind.COUNT_DIFFERS.value) & (of.opened_at >= since)
        return list_explained(self._statements, codes, by=LOST | counted)


def to_shift(row: AnyRow) -> Shift:
    """Build the dataclass from a row of the table."""
    return Shift(
        id=int(row.id),
        code=str(row.code),
        unit=UnitId(row.unit_id),
        user=UserId(row.user_id),
        opened_at=row.opened_at,
        previous=row.previous_id,
        counts=int(row.counts),
        parts=int(row.parts),
        missing=int(row.missing),
        unexpected=int(row.unexpected),
        supervisor=None if row.supervisor_id is None else UserId(row.supervisor_id),
        closed_at=row.closed_at,
        counting_at=row.counting_at,
    )
