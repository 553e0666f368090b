"""Find what may be in nobody's hands, one question for each reason, and keep what was done about it.

Each question begins at the few things that can be unattended (open offers, closed accounts, ended shifts,
what was tried, bags under way), never at the table of everything; the domain decides what it found. Steps are
insert only.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    insert,
    literal,
    literal_column,
    not_,
    or_,
    select,
)

from app.domain.access import POST
from app.domain.consignment import Custodian
from app.domain.ids import UnitId, UserId
from app.domain.unattended import Traces, UnattendedAnswer, UnattendedReason, UnattendedStep
from app.storage.repositories.open_work import is_offered, is_open_bag, is_open_item
from app.storage.statements import Statements
from app.storage.tables.bags import BAG_HOLDINGS, BAGS
from app.storage.tables.base import Flag, UtcTime
from app.storage.tables.consignments import CONSIGNMENTS, DELIVERIES, HOLDINGS
from app.storage.tables.legs import LEG_LINES, LEGS
from app.storage.tables.log import AUDIT_ITEMS, AUDIT_LOG
from app.storage.tables.people import UNITS, USERS
from app.storage.tables.shifts import SHIFTS
from app.storage.tables.unattended import UNATTENDED_STEPS
from audit.kinds import REQUIRED_EVIDENCE

C, B, U, N, S = CONSIGNMENTS.c, BAGS.c, USERS.c, UNITS.c, SHIFTS.c
G, LL = LEGS.c, LEG_LINES.c
L, H, BH, D, T = AUDIT_LOG.c, HOLDINGS.c, BAG_HOLDINGS.c, DELIVERIES.c, UNATTENDED_STEPS.c
_NO = literal(value=False, type_=Flag())
_NEVER = literal(None, type_=UtcTime())
# Written out as text, so that both databases see that a partial index holds all that is asked for.
_IN_CUSTODY: ColumnElement[str] = literal_column("'in_custody'")
_CLOSED: ColumnElement[str] = literal_column("'closed'")
_PLANNED: ColumnElement[str] = literal_column("'planned'")
_DEPARTED: ColumnElement[str] = literal_column("'departed'")
# Nearly everything lies in no bag: said so that no index is begun at by it.
_ALONE = func.coalesce(C.bag_id, 0) == 0
_OUTERMOST = func.coalesce(B.outer_id, 0) == 0
_SCANS = sorted(kind.value for kind in REQUIRED_EVIDENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose things: a person's, those a unit answers for, or all; at most so many of each reason, or all."""

    custodian: UserId | None = None
    unit: UnitId | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done about one time that something was in nobody's hands."""

    code: str
    reason: UnattendedReason
    since: datetime
    step: UnattendedStep
    unit: UnitId
    custodian: UserId
    at: datetime
    by: UserId | None = None
    answer: UnattendedAnswer | None = None
    note: str = ""
    incident: int | None = None
    id: int = 0


class UnattendedThings:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def list_traces(
        self, reason: UnattendedReason, scope: Scope, *, until: datetime, due: datetime
    ) -> tuple[Traces, ...]:
        """Return what may be unattended for a reason that began no later than `until`, the oldest first.

        What a plan says is to be there at a time is asked for where that was no later than `due`.
        """
        found: list[Traces] = []
        for question in questions(reason, scope, until=until, due=due):
            found += [_traces(row, reason) for row in self._statements.rows(question)]
        return tuple(found)

    def list_steps(self, codes: Collection[str]) -> tuple[Step, ...]:
        """Return what was done about these things, in order."""
        listed = select(UNATTENDED_STEPS).where(T.code.in_(sorted(set(codes)))).order_by(T.id)
        return tuple(_step(row) for row in self._statements.rows(listed)) if codes else ()

    def find_step(self, identity: int) -> Step | None:
        """Return one step by its number."""
        row = self._statements.first(select(UNATTENDED_STEPS).where(T.id == identity))
        return None if row is None else _step(row)

    def add(self, step: Step) -> int:
        """Write a step; the database takes none twice."""
        values = {
            "code": step.code,
            "reason": str(step.reason),
            "since_at": step.since,
            "step": str(step.step),
            "unit_id": step.unit,
            "custodian_id": step.custodian,
            "answer": str(step.answer or ""),
            "note": step.note,
            "incident_id": step.incident,
            "noted_by_id": step.by,
            "noted_at": step.at,
        }
        return self._statements.insert(insert(UNATTENDED_STEPS).values(values).returning(T.id))


def questions(
    reason: UnattendedReason, scope: Scope, *, until: datetime, due: datetime
) -> tuple[Select[Any], ...]:
    """Return what the database is asked about a reason: about items, and about bags."""
    planned = (_on_legs(due),) if reason is UnattendedReason.BAG_OVERDUE else ()
    return tuple(_narrowed(one, scope) for one in (*_QUESTIONS[reason](until), *planned))


def _narrowed(question: Select[Any], scope: Scope) -> Select[Any]:
    columns = question.selected_columns
    if scope.custodian is not None:
        question = question.where(columns.user_id == scope.custodian)
    if scope.unit is not None:
        question = question.where(or_(columns.unit_id == scope.unit, columns.asked_id == scope.unit))
    return question if scope.limit is None else question.limit(scope.limit)


def _thing(
    table: type[Any] | Any,  # noqa: ANN401  # the columns of items or of bags, which have the same names here
    *,
    is_bag: bool,
    mark: ColumnElement[Any],
    asked: ColumnElement[Any] | None = None,
    scanned: ColumnElement[Any] | None = None,
    due: ColumnElement[Any] | None = None,
) -> Select[Any]:
    held = _got_at(BH.bag_id, B.id, BH.entry_idx) if is_bag else _got_at(H.consignment_id, C.id, H.entry_idx)
    begun = table.started_at if is_bag else table.registered_at
    return select(
        table.code,
        literal(value=is_bag, type_=Flag()).label("is_bag"),
        table.custodian_user_id.label("user_id"),
        table.custodian_unit_id.label("unit_id"),
        (table.custodian_unit_id if asked is None else asked).label("asked_id"),
        held.label("held_at"),
        begun.label("begun_at"),
        table.offered_at.label("offered_at"),
        mark.label("mark_at"),
        (_NEVER if scanned is None else scanned).label("scanned_at"),
        (_NEVER if due is None else due).label("due_at"),
    )


def _got_at(
    of: ColumnElement[Any], whose: ColumnElement[Any], index: ColumnElement[Any]
) -> ScalarSelect[Any]:
    """Return when the present custodian got it: the time of the latest entry that moved it."""
    latest = select(index).where(of == whose).order_by(index.desc()).limit(1)
    # Two selects deep, the thing outside is not seen without being named: it would be any thing's latest.
    mine = latest.correlate(whose.table).scalar_subquery()
    return select(L.at).where(L.idx == mine).scalar_subquery()


def _offers(until: datetime) -> tuple[Select[Any], ...]:
    items = _thing(C, is_bag=False, mark=C.offered_at).where(is_offered(CONSIGNMENTS), C.offered_at <= until)
    bags = _thing(B, is_bag=True, mark=B.offered_at).where(is_offered(BAGS), B.offered_at <= until)
    return items.order_by(C.offered_at), bags.order_by(B.offered_at)


def _held_by(
    people: ColumnElement[bool], mark: ColumnElement[Any], asked: ColumnElement[Any]
) -> tuple[Select[Any], ...]:
    """Begin at people, of whom there are few, and go to what each of them holds by its index."""
    # A sum, so that nobody goes the other way: from every item to its custodian.
    person = U.id + literal_column("0")
    items = (
        _thing(C, is_bag=False, mark=mark, asked=asked)
        .select_from(USERS)
        .join(UNITS, N.id == U.unit_id)
        .join(CONSIGNMENTS, and_(C.custodian_user_id == person, is_open_item()))
        .where(_ALONE, people)
    )
    bags = (
        _thing(B, is_bag=True, mark=mark, asked=asked)
        .select_from(USERS)
        .join(UNITS, N.id == U.unit_id)
        .join(BAGS, and_(B.custodian_user_id == person, is_open_bag()))
        .where(_OUTERMOST, people)
    )
    # In the order of the people, so that they are begun at.
    return items.order_by(U.id), bags.order_by(U.id)


def _accounts(until: datetime) -> tuple[Select[Any], ...]:
    return _held_by(and_(U.active == _NO, U.closed_at <= until), U.closed_at, U.unit_id)


def _units(until: datetime) -> tuple[Select[Any], ...]:
    # A closed office supervises nothing: whoever it belongs to is asked.
    asked: ColumnElement[Any] = func.coalesce(N.parent_id, N.id)
    return _held_by(and_(N.active == _NO, N.closed_at <= until), N.closed_at, asked)


def _shifts(until: datetime) -> tuple[Select[Any], ...]:
    """Only of whoever keeps shifts: the latest is closed, and something is in hand."""
    latest = select(S.closed_at).where(S.user_id == U.id).order_by(S.opened_at.desc(), S.id.desc()).limit(1)
    ended = latest.scalar_subquery()
    people = and_(U.role.in_(sorted(POST)), ended <= until)
    items, bags = _held_by(people, ended, U.unit_id)
    return items.where(C.state == _IN_CUSTODY), bags


def _kept(until: datetime) -> tuple[Select[Any], ...]:
    tried = DELIVERIES.alias("tried").c
    last = select(tried.id).where(tried.consignment_id == C.id).order_by(tried.id.desc()).limit(1)
    items = (
        _thing(C, is_bag=False, mark=D.recorded_at)
        .select_from(CONSIGNMENTS)
        .join(DELIVERIES, D.id == last.scalar_subquery())
        .where(
            C.state == _IN_CUSTODY,
            C.attempts > literal_column("0"),
            C.first_attempt_at <= until,
            _ALONE,
            D.outcome == "failed",
            D.action == "hold_at_office",
            D.recorded_at <= until,
        )
    )
    return (items.order_by(C.first_attempt_at),)


def _under_way(until: datetime) -> tuple[Select[Any], ...]:
    # What was only written about a bag, a question why it is late above all, is no scan of it.
    scanned = (
        select(L.at)
        .select_from(AUDIT_ITEMS)
        .join(AUDIT_LOG, L.idx == AUDIT_ITEMS.c.idx)
        .where(AUDIT_ITEMS.c.code == B.code, L.kind.in_(_SCANS))
        .order_by(AUDIT_ITEMS.c.idx.desc())
        .limit(1)
        .scalar_subquery()
    )
    bags = _thing(B, is_bag=True, mark=B.closed_at, asked=B.destination_unit_id, scanned=scanned)
    rides = exists(select(LL.leg_id).join(LEGS, G.id == LL.leg_id).where(LL.code == B.code, *_riding()))
    bags = bags.where(B.state == _CLOSED, B.closed_at <= until, _OUTERMOST, scanned <= until, not_(rides))
    return (bags.order_by(B.closed_at),)


def _riding() -> tuple[ColumnElement[bool], ...]:
    """Say that a bag is to go on a leg, or is on it: whoever drives answers for it still."""
    going = or_(G.state == _PLANNED, and_(G.state == _DEPARTED, G.courier_id == B.custodian_user_id))
    return LL.list == "aboard", going


def _on_legs(due: datetime) -> Select[Any]:
    """Begin at the legs that should have arrived, of which there are few, and go to the bags they carry."""
    bags = (
        _thing(B, is_bag=True, mark=B.closed_at, asked=B.destination_unit_id, due=G.arrives_at)
        .select_from(LEGS)
        .join(LEG_LINES, LL.leg_id == G.id)
        .join(BAGS, B.code == LL.code)
        .where(*_riding(), G.state.in_((_PLANNED, _DEPARTED)), G.arrives_at <= due)
        .where(B.state == _CLOSED, _OUTERMOST)
    )
    return bags.order_by(G.arrives_at)


_QUESTIONS = {
    UnattendedReason.OFFER_UNANSWERED: _offers,
    UnattendedReason.CUSTODIAN_CLOSED: _accounts,
    UnattendedReason.UNIT_CLOSED: _units,
    UnattendedReason.SHIFT_ENDED: _shifts,
    UnattendedReason.HELD_AT_OFFICE: _kept,
    UnattendedReason.BAG_OVERDUE: _under_way,
}
_MARKS = {
    UnattendedReason.OFFER_UNANSWERED: "offered_at",
    UnattendedReason.CUSTODIAN_CLOSED: "account_closed_at",
    UnattendedReason.UNIT_CLOSED: "unit_closed_at",
    UnattendedReason.SHIFT_ENDED: "shift_closed_at",
    UnattendedReason.HELD_AT_OFFICE: "kept_at",
    UnattendedReason.BAG_OVERDUE: "sealed_at",
}


def _traces(row: Row[*tuple[Any, ...]], reason: UnattendedReason) -> Traces:
    marks = {"offered_at": row.offered_at, _MARKS[reason]: row.mark_at}
    return Traces(
        code=row.code,
        is_bag=bool(row.is_bag),
        custodian=Custodian(user=UserId(int(row.user_id)), unit=UnitId(int(row.unit_id))),
        asked=UnitId(int(row.asked_id)),
        held_at=row.held_at or row.begun_at,
        scanned_at=row.scanned_at,
        due_at=row.due_at,
        **marks,
    )


def _step(row: Row[*tuple[Any, ...]]) -> Step:
    return Step(
        id=int(row.id),
        code=row.code,
        reason=UnattendedReason(row.reason),
        since=row.since_at,
        step=UnattendedStep(row.step),
        unit=UnitId(int(row.unit_id)),
        custodian=UserId(int(row.custodian_id)),
        at=row.noted_at,
        by=None if row.noted_by_id is None else UserId(int(row.noted_by_id)),
        answer=UnattendedAnswer(row.answer) if row.answer else None,
        note=row.note,
        incident=None if row.incident_id is None else int(row.incident_id),
    )
