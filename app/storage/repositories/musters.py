"""Musters: opened with a number of their place's year, counted, closed; and what the log moved meanwhile.

Rows of the muster itself are written at once, so that two uses of one muster in one transaction see each
other; what names an entry is written with the entry.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, insert, or_, select, update

from app.domain.ids import UnitId, UserId
from app.domain.muster import Counter, Muster, MusterFinding, MusterStep, Withdrawal, WithdrawalReason
from app.storage.group import Group, PendingEntry
from app.storage.repositories.explaining import LOST, list_explained
from app.storage.statements import AnyRow, Statements
from app.storage.tables.log import AUDIT_LOG
from app.storage.tables.musters import (
    MUSTER_COUNTERS,
    MUSTER_ENTRIES,
    MUSTER_LINES,
    MUSTER_SERIES,
    MUSTERS,
)

M, L, E, N, C = MUSTERS.c, MUSTER_LINES.c, MUSTER_ENTRIES.c, MUSTER_SERIES.c, MUSTER_COUNTERS.c
_BIND = insert(MUSTER_ENTRIES)
_IS_OPEN = and_(M.closed_at.is_(None), M.withdrawn_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterEntry:
    """One entry of a muster: when, which step, whose; `leaf` is its hash."""

    index: int
    at: datetime
    step: MusterStep
    user: UserId
    leaf: bytes


class Musters:
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        self._statements = statements
        self._group = group

    def next_number(self, unit: UnitId, year: int) -> int:
        """Draw the next number of a place's year, from 1; nobody else draws there meanwhile."""
        drawn = (
            update(MUSTER_SERIES)
            .where(N.unit_id == unit, N.year == year)
            .values(last_number=N.last_number + 1)
            .returning(N.last_number)
        )
        number = self._statements.write(drawn).scalar()
        if number is None:
            self._statements.insert_missing(MUSTER_SERIES, {"unit_id": unit, "year": year, "last_number": 0})
            number = self._statements.write(drawn).scalar_one()
        return int(number)

    def add(self, muster: Muster, *, expected: Collection[str]) -> Muster:
        """Insert a muster with its frozen list; return it with its id."""
        values = {
            "code": muster.code,
            "unit_id": muster.unit,
            "user_id": muster.user,
            "opened_by_id": muster.opened_by,
            "opened_at": muster.opened_at,
            "expected": muster.expected,
            "drawn": int(muster.is_drawn),
            **_moving(muster),
        }
        stored = replace(muster, id=self._statements.insert(insert(MUSTERS).values(values).returning(M.id)))
        self.add_lines(stored, "expected", expected)
        return stored

    def find(self, code: str) -> Muster | None:
        """Return a muster."""
        row = self._statements.first(select(MUSTERS).where(M.code == code))
        return None if row is None else to_muster(row)

    def lock(self, code: str) -> Muster | None:
        """Return a muster that nobody else moves on until the end of this transaction."""
        # FOR UPDATE on PostgreSQL; SQLite leaves the words out and has one writer.
        row = self._statements.first(select(MUSTERS).where(M.code == code).with_for_update())
        return None if row is None else to_muster(row)

    def save(self, after: Muster) -> None:
        """Write how far a locked muster has come."""
        self._statements.update_one(update(MUSTERS).where(M.id == after.id).values(_moving(after)))

    def list_open(self, unit: UnitId | None = None) -> tuple[Muster, ...]:
        """Return the open musters of a place, or of all."""
        asked = select(MUSTERS).where(_IS_OPEN).order_by(M.id)
        return tuple(
            map(to_muster, self._statements.rows(asked if unit is None else asked.where(M.unit_id == unit)))
        )

    def list_page(
        self, *, unit: UnitId | None = None, user: UserId | None = None, after: int = 0, limit: int = 50
    ) -> tuple[Muster, ...]:
        """Return musters of a place (None: of all), open ones first; with `user` only what concerns them."""
        asked = select(MUSTERS).order_by(_IS_OPEN.desc(), M.opened_at.desc(), M.id.desc())
        if unit is not None:
            asked = asked.where(M.unit_id == unit)
        if user is not None:
            asked = asked.where(or_(M.user_id.is_(None), M.user_id == user))
        return tuple(map(to_muster, self._statements.rows(asked.offset(after).limit(limit))))

    def find_counter(self, muster: int, user: UserId) -> Counter:
        """Return how far a person has come with counting."""
        asked = select(C.counts, C.parts).where(C.muster_id == muster, C.user_id == user)
        row = self._statements.first(asked)
        return Counter(user=user) if row is None else Counter(user=user, counts=row.counts, parts=row.parts)

    def list_counters(self, muster: int) -> tuple[Counter, ...]:
        """Return how far everybody has come who counted."""
        asked = select(MUSTER_COUNTERS).where(C.muster_id == muster).order_by(C.user_id)
        return tuple(
            Counter(user=UserId(row.user_id), counts=row.counts, parts=row.parts)
            for row in self._statements.rows(asked)
        )

    def save_counter(self, muster: int, counter: Counter) -> None:
        """Write how far a person has come."""
        key = {"muster_id": muster, "user_id": counter.user}
        self._statements.insert_missing(MUSTER_COUNTERS, {**key, "counts": 0, "parts": 0})
        mine = update(MUSTER_COUNTERS).where(C.muster_id == muster, C.user_id == counter.user)
        self._statements.update_one(mine.values(counts=counter.counts, parts=counter.parts))

    def add_lines(self, muster: Muster, name: str, codes: Collection[str]) -> None:
        """Keep a list of the muster."""
        rows = [{"muster_id": muster.id, "list": name, "code": code} for code in sorted(codes)]
        if rows:
            self._statements.write(insert(MUSTER_LINES), rows)

    def list_lines(self, muster: int, name: str) -> frozenset[str]:
        """Return one list of a muster."""
        asked = select(L.code).where(L.muster_id == muster, L.list == name)
        return frozenset(str(code) for (code,) in self._statements.rows(asked))

    def count_lines(self, muster: int, name: str) -> int:
        """Return how long one list of a muster is."""
        asked = select(func.count()).select_from(MUSTER_LINES).where(L.muster_id == muster, L.list == name)
        row = self._statements.first(asked)
        return 0 if row is None else int(row[0])

    def list_result(self, muster: int) -> Mapping[str, MusterFinding]:
        """Return what the closing said of each code, what is wrong first."""
        asked = select(L.list, L.code).where(
            L.muster_id == muster, L.list.in_([finding.value for finding in MusterFinding])
        )
        rows = {str(code): MusterFinding(name) for name, code in self._statements.rows(asked)}
        order = {finding: place for place, finding in enumerate(MusterFinding)}
        return {code: rows[code] for code in sorted(rows, key=lambda code: (order[rows[code]], code))}

    def bind(self, muster: Muster, step: MusterStep, entry: PendingEntry, *, user: UserId) -> None:
        """Remember, when the entry has its place, that it belongs to this muster."""
        self._group.bind(entry, _BIND, {"muster_id": muster.id, "step": str(step), "user_id": user})

    def list_entries(self, muster: int) -> tuple[MusterEntry, ...]:
        """Return the entries of a muster, in the order of the log."""
        asked = (
            select(E.entry_idx, AUDIT_LOG.c.at, E.step, E.user_id, AUDIT_LOG.c.leaf)
            .join(AUDIT_LOG, AUDIT_LOG.c.idx == E.entry_idx)
            .where(E.muster_id == muster)
            .order_by(E.entry_idx)
        )
        return tuple(
            MusterEntry(index=int(index), at=at, step=MusterStep(step), user=UserId(user), leaf=bytes(leaf))
            for index, at, step, user, leaf in self._statements.rows(asked)
        )

    def list_lost(self, codes: Collection[str]) -> frozenset[str]:
        """Return those of which a second person has closed a loss."""
        return list_explained(self._statements, codes, by=LOST)


def to_muster(row: AnyRow) -> Muster:
    """Build the dataclass from a row of the table."""
    return Muster(
        id=int(row.id),
        code=str(row.code),
        unit=UnitId(row.unit_id),
        user=None if row.user_id is None else UserId(row.user_id),
        opened_by=UserId(row.opened_by_id),
        opened_at=row.opened_at,
        expected=int(row.expected),
        is_drawn=bool(row.drawn),
        partner=None if row.partner_id is None else UserId(row.partner_id),
        closed_at=row.closed_at,
        missing=int(row.missing),
        unexpected=int(row.unexpected),
        withdrawal=_withdrawal(row),
    )


def _withdrawal(row: AnyRow) -> Withdrawal | None:
    if row.withdrawn_at is None:
        return None
    return Withdrawal(
        by=UserId(row.withdrawn_by_id),
        at=row.withdrawn_at,
        reason=WithdrawalReason(row.withdrawn_reason),
    )


def _moving(muster: Muster) -> dict[str, object]:
    return {
        "missing": muster.missing,
        "unexpected": muster.unexpected,
        "partner_id": muster.partner,
        "closed_at": muster.closed_at,
        "withdrawn_by_id": None if muster.withdrawal is None else muster.withdrawal.by,
        "withdrawn_at": None if muster.withdrawal is None else muster.withdrawal.at,
        "withdrawn_reason": None if muster.withdrawal is None else muster.withdrawal.reason.value,
    }
