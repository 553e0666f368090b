"""Raises tracer letters and investigations when their days have come, and takes the answers.

Nothing is sent: a letter is printed, and stands in the queues of both offices. What is due follows from now
and from the tables, so a command that did not run for a week raises the same steps late, and twice none.

For the surfaces:
    raise_due(uow, *, now, tools, limit) -> int      the installation's command; no person acts
    raise_own(uow, *, actor, now, tools) -> int      the sender's focal point, for its own items
    answer(uow, AnswerTracer, *, actor, now) -> Tracer         the office that was asked, once
    list_tracers(uow, *, actor, now, waiting_only, before) -> TracerPage
    get_letter(uow, identity, *, actor, now) -> ShownTracer    what the printed letter says
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain import tracing as rules
from app.domain.access import Actor, Permission, Role
from app.domain.clock import Clock, ClockKind, Clocks, follow_up_of
from app.domain.consignment import Consignment
from app.domain.errors import NotFound
from app.domain.ids import ConsignmentCode, UnitId, UserId
from app.domain.incident import IncidentKind
from app.domain.register import register_year
from app.domain.tracing import Step, Tracer, TracerState
from app.services.incidents.incidents import Found, open_by_machine
from app.services.items.registration_record import item_line
from app.services.owed.clocks import clock_reader, still_owed
from app.services.people.access import seen_by
from app.services.people.permissions import require
from app.services.shifts.blind import unseen_codes
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.repositories.consignment_queries import Search, Visibility
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at

AT_ONCE = 100
PAGE = 50
_KINDS = {Step.TRACER: EntryKind.TRACER_ISSUED, Step.INVESTIGATION: EntryKind.INVESTIGATION_OPENED}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTracer:
    """The word of the office that was asked, untrusted."""

    tracer: int
    untrusted_answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTracer:
    """A tracer with what a page or a letter says around it: envelope facts, offices, times."""

    tracer: Tracer
    state: TracerState
    item: Consignment
    clock: Clock
    issuer: Unit
    to_unit: Unit
    answered_by: User | None

    @property
    def number(self) -> str:
        """The number on the paper, two digits below ten: `05/24.H01-TC`."""
        mark = "TC" if self.tracer.step is Step.TRACER else "DT"
        return f"{self.tracer.number:02d}/{self.issuer.code}-{mark}"

    @property
    def code(self) -> str:
        """The code on the paper, for scanners: kind, year, unit, number."""
        mark = "TC" if self.tracer.step is Step.TRACER else "DT"
        return f"{mark}-{self.tracer.year}-{self.issuer.code}-{self.tracer.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TracerPage:
    """One page of tracers, newest first; `next_before` continues it.

    `seen` are the codes of items whose own page this person may open; the letter itself is for the office.
    """

    rows: tuple[ShownTracer, ...]
    seen: frozenset[str]
    next_before: int | None


def raise_due(uow: UnitOfWork, *, now: datetime, tools: Tools, limit: int = AT_ONCE) -> int:
    """Raise at most `limit` steps of each kind that are due now; returns how many."""
    return _raise_all(uow, _Wish(unit=None, by=None, limit=limit), now=now, tools=tools)


def raise_own(uow: UnitOfWork, *, actor: Actor, now: datetime, tools: Tools) -> int:
    """Raise what is due for items of the actor's own unit."""
    require(actor, Permission.ISSUE_TRACER)
    wish = _Wish(unit=actor.unit, by=actor.user, limit=AT_ONCE)
    return _raise_all(uow, wish, now=now, tools=tools)


def answer(uow: UnitOfWork, command: AnswerTracer, *, actor: Actor, now: datetime) -> Tracer:
    """Write the answer to a letter, once, and its entry."""
    require(actor, Permission.ANSWER_TRACER)
    found = uow.tracers.find(command.tracer)
    if found is None:
        raise NotFound
    code = uow.consignments.get_code(found.consignment_id)
    uow.consignments.lock(code)
    # Read again behind the lock: two colleagues may answer at once.
    tracer = uow.tracers.find(command.tracer) or found
    rules.check_answerable(tracer, actor=actor)
    said = rules.parse_answer(command.untrusted_answer)
    answered = replace(tracer, answer=said, answered_by=actor.user, answered_at=now)
    uow.tracers.answer(answered)
    issuer = uow.units.list_by_ids({tracer.issuer})[tracer.issuer]
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.TRACER_ANSWERED,
            facts={
                "actor": int(actor.user),
                "issuer": issuer.code,
                "year": tracer.year,
                "number": tracer.number,
                "answer": said.value,
            },
            items=(item_line(code),),
        )
    )
    return answered


def list_tracers(
    uow: UnitOfWork, *, actor: Actor, now: datetime, waiting_only: bool = False, before: int | None = None
) -> TracerPage:
    """Return what the actor's unit asked and is asked; auditors see everybody's."""
    require(actor, Permission.VIEW_TRACERS)
    unit = None if actor.role is Role.AUDITOR else actor.unit
    found = uow.tracers.list_of_unit(unit, waiting_only=waiting_only, before=before, limit=PAGE)
    last = found[-1].id if len(found) == PAGE else None
    hidden = unseen_codes(uow, actor)
    rows = tuple(one for one in _shown(uow, found, now) if one.item.code not in hidden)
    identities = tuple({one.item.id for one in rows})
    seen = uow.consignments.list(Search(ids=identities, limit=PAGE), seen_by(uow, actor)) if rows else ()
    codes = frozenset(str(row.consignment.code) for row in seen)
    return TracerPage(rows=rows, seen=codes, next_before=last)


def count_due(uow: UnitOfWork, *, actor: Actor, now: datetime) -> int:
    """Count the steps that the actor's unit could raise now."""
    require(actor, Permission.ISSUE_TRACER)
    return sum(
        uow.consignments.count(_search(uow, clock, step, actor.unit, now=now), Visibility(everything=True))
        for clock in ClockKind
        for step in _KINDS
    )


def get_letter(uow: UnitOfWork, identity: int, *, actor: Actor, now: datetime) -> ShownTracer:
    """Return one tracer for its letter, to the two offices and to auditors."""
    require(actor, Permission.VIEW_TRACERS)
    tracer = uow.tracers.find(identity)
    concerned = tracer is not None and actor.unit in {tracer.issuer, tracer.to_unit}
    if tracer is None or not (concerned or actor.role is Role.AUDITOR):
        raise NotFound
    return _shown(uow, (tracer,), now)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Whose items (None: everybody's), by whose hand (None: the machine's), at most how many of each kind."""

    unit: UnitId | None
    by: UserId | None
    limit: int


def _raise_all(uow: UnitOfWork, wish: _Wish, *, now: datetime, tools: Tools) -> int:
    raised = 0
    for clock in ClockKind:
        for step in _KINDS:
            search = _search(uow, clock, step, wish.unit, now=now, limit=wish.limit)
            rows = uow.consignments.list(search, Visibility(everything=True))
            for code in sorted(row.consignment.code for row in rows):
                tracer = _find_due(uow, code, clock, step, now=now)
                if tracer is not None:
                    _write(uow, code, replace(tracer, raised_by=wish.by), now=now, tools=tools)
                    raised += 1
    return raised


def _search(
    uow: UnitOfWork, clock: ClockKind, step: Step, unit: UnitId | None, *, now: datetime, limit: int = AT_ONCE
) -> Search:
    return Search(sender_unit=unit, owed=still_owed(uow, clock, overdue_at=now, step=step), limit=limit)


def _find_due(uow: UnitOfWork, code: str, clock: ClockKind, step: Step, *, now: datetime) -> Tracer | None:
    """Word one step behind the item's lock, None if it is not due any more: it may be closed."""
    item = uow.consignments.lock(code)
    if item is None:
        return None
    details = uow.consignments.get_details(code)
    clocks = clock_reader(uow, (item,), now=now).read(item, details.acknowledged_at)
    follow_up = follow_up_of(item, clocks.standard)
    known = {(one.clock, one.step) for one in uow.tracers.list(item.id)}
    if (clock, step) in known or not rules.is_due(_of(clocks, clock), follow_up, step, now=now):
        return None
    year = register_year(now)
    return Tracer(
        id=0,
        consignment_id=item.id,
        clock=clock,
        step=step,
        issuer=item.sender_unit,
        year=year,
        number=uow.tracers.draw_number(item.sender_unit, year, step),
        to_unit=rules.asked_unit(item, clock, holder=_find_holder(uow, item)),
        raised_at=now,
        raised_by=None,
        answer_due_at=now + timedelta(hours=follow_up.answer_hours) if step is Step.TRACER else None,
    )


def _write(uow: UnitOfWork, code: str, tracer: Tracer, *, now: datetime, tools: Tools) -> None:
    """Write a step and its entry; an investigation opens an incident, with deadlines and an owner."""
    uow.tracers.add(tracer)
    facts = _facts(uow, tracer)
    if tracer.step is Step.INVESTIGATION:
        found = Found(kind=IncidentKind.LATE, codes=(code,))
        incident = open_by_machine(uow, found, unit=tracer.issuer, now=now, tools=tools)
        facts["incident"] = str(incident.number)
    line = item_line(ConsignmentCode(code))
    uow.audit.append(EntryDraft(kind=_KINDS[tracer.step], facts=facts, items=(line,)))


def _find_holder(uow: UnitOfWork, item: Consignment) -> UnitId:
    """Return the unit that answers for an item now: that of its outermost bag, or its own custodian's."""
    unit, bag = item.custodian.unit, item.bag
    while bag is not None:
        found = uow.bags.list_by_ids({bag})[bag]
        unit, bag = found.custodian.unit, found.outer
    return unit


def _facts(uow: UnitOfWork, tracer: Tracer) -> dict[str, JsonValue]:
    units = uow.units.list_by_ids({tracer.issuer, tracer.to_unit})
    facts: dict[str, JsonValue] = {
        "clock": tracer.clock.value,
        "issuer": units[tracer.issuer].code,
        "year": tracer.year,
        "number": tracer.number,
        "to": units[tracer.to_unit].code,
    }
    if tracer.raised_by is not None:
        facts["actor"] = int(tracer.raised_by)
    if tracer.answer_due_at is not None:
        facts["answer_due"] = format_at(tracer.answer_due_at)
    return facts


def _shown(uow: UnitOfWork, tracers: Iterable[Tracer], now: datetime) -> tuple[ShownTracer, ...]:
    listed = tuple(tracers)
    if not listed:
        return ()
    wanted = Search(ids=tuple({one.consignment_id for one in listed}), limit=len(listed))
    records = {row.consignment.id: row for row in uow.consignments.list(wanted, Visibility(everything=True))}
    reader = clock_reader(uow, (one.consignment for one in records.values()), now=now)
    units = uow.units.list_by_ids({unit for one in listed for unit in (one.issuer, one.to_unit)})
    users = uow.users.list_by_ids({one.answered_by for one in listed if one.answered_by is not None})
    found = []
    for one in listed:
        record = records[one.consignment_id]
        clock = _of(reader.read(record.consignment, record.acknowledged_at), one.clock)
        found.append(
            ShownTracer(
                tracer=one,
                state=rules.state_of(one, is_open=clock.is_open, now=now),
                item=record.consignment,
                clock=clock,
                issuer=units[one.issuer],
                to_unit=units[one.to_unit],
                answered_by=None if one.answered_by is None else users[one.answered_by],
            )
        )
    return tuple(found)


def _of(clocks: Clocks, kind: ClockKind) -> Clock:
    return clocks.delivery if kind is ClockKind.DELIVERY else clocks.acknowledgement
