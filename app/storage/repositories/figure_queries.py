"""What lies behind the figures of an office: the rows that each number counts, and the counts themselves.

Every question is about one period and walks the index of its time; nothing here reads a whole table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from app.domain.figures import FigureKind, Pair
from app.domain.ids import UnitId, UserId
from app.storage.repositories.access_keys import is_due
from app.storage.statements import Statements
from app.storage.tables.access_keys import ACCESS_KEYS
from app.storage.tables.bags import BAGS
from app.storage.tables.base import UtcTime
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.incidents import INCIDENTS
from app.storage.tables.key_ins import KEY_INS, WITNESSED_ACTS
from app.storage.tables.legs import LEG_LINES, LEGS
from app.storage.tables.log import SCANS
from app.storage.tables.scan_marks import SCAN_MARKS
from app.storage.tables.shifts import SHIFT_LINES, SHIFTS
from app.storage.tables.suspense import TRACER_ANSWERS, TRACERS

K, W, M, I = KEY_INS.c, WITNESSED_ACTS.c, SCAN_MARKS.c, INCIDENTS.c  # noqa: E741  # the tables' first letters
G, LL = LEGS.c, LEG_LINES.c
S, L, T, A, B = SHIFTS.c, SHIFT_LINES.c, TRACERS.c, TRACER_ANSWERS.c, BAGS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One thing behind a number; `ref` is what to open, `index` the entry where that is it.

    `detail` is a code word of the kind, `amount` its number (lines typed, seconds late), 0 where it has none.
    """

    at: datetime
    user: UserId | None
    other: UserId | None = None
    ref: str = ""
    index: int | None = None
    detail: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when to before when, and what time it is now; the limits of what counts as late."""

    since: datetime
    until: datetime
    now: datetime
    late_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedBag:
    """A bag that was opened at its end, and when its whole manifest was answered."""

    code: str
    unit: UnitId
    user: UserId
    opened_at: datetime
    emptied_at: datetime | None


class FigureQueries:
    """Part of :class:`app.storage.repositories.control_figures.ControlFigures`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def count_by_unit(self, kind: FigureKind, period: Period) -> dict[UnitId, int]:
        """Return how many rows of this kind each office has; none for what is counted otherwise."""
        column, condition = _COUNTED[kind](period)
        statement = select(column, func.count()).where(*condition).group_by(column)
        if kind in _JOINED:
            statement = statement.select_from(_JOINED[kind])
        return {UnitId(int(unit)): int(count) for unit, count in self._statements.rows(statement)}

    def list_pairs(self, period: Period, unit: UnitId | None = None) -> dict[UnitId, tuple[Pair, ...]]:
        """Return the pairs of each office's acts of two persons, whoever of the two did it."""
        one = case((W.actor_id < W.witness_id, W.actor_id), else_=W.witness_id)
        two = case((W.actor_id < W.witness_id, W.witness_id), else_=W.actor_id)
        statement = (
            select(W.unit_id, one, two, func.count())
            .where(W.recorded_at >= period.since, W.recorded_at < period.until)
            .group_by(W.unit_id, one, two)
        )
        if unit is not None:
            statement = statement.where(W.unit_id == unit)
        found: dict[UnitId, list[Pair]] = {}
        for office, first, second, count in self._statements.rows(statement):
            pair = Pair(one=UserId(int(first)), two=UserId(int(second)), acts=int(count))
            found.setdefault(UnitId(int(office)), []).append(pair)
        return {office: tuple(pairs) for office, pairs in found.items()}

    def list_opened_bags(self, period: Period) -> tuple[OpenedBag, ...]:
        """Return the bags opened in the period, with when the last line of each manifest was answered."""
        statement = select(
            B.code, B.destination_unit_id, B.custodian_user_id, B.opened_at, B.emptied_at
        ).where(B.opened_at >= period.since, B.opened_at < period.until)
        return tuple(
            OpenedBag(
                code=str(code),
                unit=UnitId(int(unit)),
                user=UserId(int(user)),
                opened_at=opened_at,
                emptied_at=emptied_at,
            )
            for code, unit, user, opened_at, emptied_at in self._statements.rows(statement)
        )

    def list_rows(
        self, kind: FigureKind, unit: UnitId, period: Period, *, limit: int
    ) -> tuple[FigureRow, ...]:
        """Return what one office's number of this kind counts, newest first."""
        column, condition = _COUNTED[kind](period)
        statement = _SHOWN[kind].where(column == unit, *condition).limit(limit)
        return tuple(
            FigureRow(
                at=at,
                user=None if user is None else UserId(int(user)),
                other=None if other is None else UserId(int(other)),
                ref=str(ref),
                index=None if index is None else int(index),
                detail=str(detail),
                amount=int(amount),
            )
            for at, user, other, ref, index, detail, amount in self._statements.rows(statement)
        )


Counted = tuple[ColumnElement[Any], tuple[ColumnElement[bool], ...]]


def _unbalanced(period: Period) -> Counted:
    differs = exists(select(L.shift_id).where(L.shift_id == S.id, L.list == "differing"))
    return S.unit_id, (S.opened_at >= period.since, S.opened_at < period.until, differs)


def _late_tracers(period: Period) -> Counted:
    late = or_(A.answered_at > T.answer_due_at, and_(A.answered_at.is_(None), T.answer_due_at < period.now))
    return T.to_unit_id, (T.answer_due_at >= period.since, T.answer_due_at < period.until, late)


def _key_ins(period: Period) -> Counted:
    return K.unit_id, (K.recorded_at >= period.since, K.recorded_at < period.until)


def _offline(period: Period) -> Counted:
    in_time = (M.recorded_at >= period.since, M.recorded_at < period.until)
    return M.unit_id, (*in_time, M.delay_s >= period.late_s)


def _typed(period: Period) -> Counted:
    return M.unit_id, (M.recorded_at >= period.since, M.recorded_at < period.until, M.typed > 0)


def _late_reports(period: Period) -> Counted:
    late = or_(I.reported_at > I.report_due_at, and_(I.reported_at.is_(None), I.report_due_at < period.now))
    return I.unit_id, (I.opened_at >= period.since, I.opened_at < period.until, late)


def _witnessed(period: Period) -> Counted:
    return W.unit_id, (W.recorded_at >= period.since, W.recorded_at < period.until)


def _late_bags(period: Period) -> Counted:
    # Of the office that planned the leg; a leg that was cancelled was to arrive at no time.
    planned = and_(G.arrives_at >= period.since, G.arrives_at < period.until)
    going = and_(G.arrived_at.is_(None), G.arrives_at < period.now)
    is_bag = exists(select(B.id).where(B.code == LL.code))
    open_or_done = G.state.in_(("planned", "departed", "arrived"))
    return G.origin_unit_id, (
        open_or_done,
        planned,
        or_(G.arrived_at > G.arrives_at, going),
        LL.list == "aboard",
        is_bag,
    )


def _access_keys(period: Period) -> Counted:
    # Of now, whatever the period: a lock that is to be changed stays so until it is.
    return ACCESS_KEYS.c.unit_id, (is_due(period.now),)


_COUNTED: Final[Mapping[FigureKind, Callable[[Period], Counted]]] = {
    FigureKind.UNBALANCED: _unbalanced,
    FigureKind.LATE_TRACERS: _late_tracers,
    FigureKind.KEY_INS: _key_ins,
    FigureKind.OFFLINE: _offline,
    FigureKind.TYPED: _typed,
    FigureKind.LATE_REPORTS: _late_reports,
    FigureKind.WITNESSED: _witnessed,
    FigureKind.ACCESS_KEYS: _access_keys,
    FigureKind.LATE_BAGS: _late_bags,
}
# Of more than one table.
_JOINED: Final[Mapping[FigureKind, FromClause]] = {
    FigureKind.LATE_TRACERS: TRACERS.outerjoin(TRACER_ANSWERS, A.tracer_id == T.id),
    FigureKind.LATE_BAGS: LEGS.join(LEG_LINES, LL.leg_id == G.id),
}
# What a kind of row does not have.
_NO: Final[ColumnElement[Any]] = literal_column("NULL")
_WORD: Final[ColumnElement[Any]] = literal_column("''")
_ZERO: Final[ColumnElement[Any]] = literal_column("0")
_SHOWN: Final[Mapping[FigureKind, Select[Any]]] = {
    FigureKind.UNBALANCED: select(
        S.opened_at, S.user_id, S.supervisor_id, S.code, _NO, _WORD, S.missing + S.unexpected
    ).order_by(S.opened_at.desc()),
    FigureKind.LATE_TRACERS: select(
        T.answer_due_at, A.answered_by_id, _NO, CONSIGNMENTS.c.code, _NO, T.clock, T.number
    )
    .select_from(
        TRACERS.join(CONSIGNMENTS, CONSIGNMENTS.c.id == T.consignment_id).outerjoin(
            TRACER_ANSWERS, A.tracer_id == T.id
        )
    )
    .order_by(T.answer_due_at.desc()),
    FigureKind.KEY_INS: select(
        K.recorded_at, K.user_id, K.witness_id, K.code, SCANS.c.entry_idx, K.reason, _ZERO
    )
    .select_from(KEY_INS.join(SCANS, SCANS.c.scan_id == K.scan_id))
    .order_by(K.recorded_at.desc()),
    FigureKind.OFFLINE: select(M.recorded_at, M.user_id, _NO, _WORD, M.entry_idx, _WORD, M.delay_s).order_by(
        M.recorded_at.desc()
    ),
    FigureKind.TYPED: select(M.recorded_at, M.user_id, _NO, _WORD, M.entry_idx, _WORD, M.typed).order_by(
        M.recorded_at.desc()
    ),
    FigureKind.LATE_REPORTS: select(
        I.opened_at, I.opened_by_id, I.owner_id, I.number, _NO, I.kind, I.id
    ).order_by(I.opened_at.desc()),
    FigureKind.WITNESSED: select(
        W.recorded_at, W.actor_id, W.witness_id, _WORD, W.entry_idx, _WORD, _ZERO
    ).order_by(W.recorded_at.desc()),
    FigureKind.ACCESS_KEYS: select(
        func.coalesce(ACCESS_KEYS.c.staff_left_at, ACCESS_KEYS.c.due_at, type_=UtcTime()),
        ACCESS_KEYS.c.holder_id,
        _NO,
        ACCESS_KEYS.c.name,
        _NO,
        case((ACCESS_KEYS.c.staff_left_at.is_(None), "overdue"), else_="staff_left"),
        ACCESS_KEYS.c.id,
    ).order_by(ACCESS_KEYS.c.due_at.desc()),
    FigureKind.LATE_BAGS: select(G.arrives_at, G.courier_id, _NO, LL.code, _NO, G.code, _ZERO)
    .select_from(_JOINED[FigureKind.LATE_BAGS])
    .order_by(G.arrives_at.desc(), LL.code),
}
