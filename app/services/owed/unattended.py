"""Shows what is in nobody's hands, asks the supervisor of the place, and raises an incident by itself.

That something is unattended follows from custody and from now; only the three steps are kept, each an entry,
once for each time. A command that did not run for a day does the same steps late, and none twice.

For the surfaces:
    list_unattended(uow, *, actor, now, tools) -> UnattendedPage   own things, the unit's, or everybody's
    count_unattended(uow, *, actor, now, tools) -> int             for the first page
    answer(uow, AnswerUnattended, *, actor, now) -> None           the place that was asked, once
    raise_unattended(uow, *, now, tools, limit) -> int             the installation's command; no person acts
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain import unattended as rules
from app.domain.access import Actor, Permission, Role
from app.domain.bag import Bag
from app.domain.consignment import Consignment
from app.domain.errors import NotFound
from app.domain.ids import ConsignmentCode, UnitId, UserId
from app.domain.text import parse_line
from app.domain.unattended import (
    LONGEST_NOTE,
    Answered,
    Terms,
    Unattended,
    UnattendedReason,
    UnattendedStep,
)
from app.services.incidents.incidents import Found, open_by_machine
from app.services.items.registration_record import item_line
from app.services.people.permissions import require
from app.services.shifts.blind import is_counting, unseen_holder
from app.services.shifts.section_notices import SectionNotice, notices_of
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.repositories.unattended import Scope, Step
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at

AT_ONCE = 100
_READ_AT_ONCE = 500
MOST_SHOWN = 200
_DONE = {
    UnattendedStep.ASKED: EntryKind.UNATTENDED_ASKED,
    UnattendedStep.ANSWERED: EntryKind.UNATTENDED_ANSWERED,
    UnattendedStep.RAISED: EntryKind.UNATTENDED_RAISED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerUnattended:
    """The word of the place that was asked, untrusted; `question` is the number of the step that asked."""

    question: int
    untrusted_answer: str
    untrusted_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownUnattended:
    """One thing in nobody's hands with what is known around it, and what follows when."""

    found: Unattended
    age: timedelta
    holder: User
    unit: Unit
    asked: Unit
    asks_at: datetime
    raises_at: datetime
    steps: tuple[Step, ...]
    may_answer: bool
    closed: SectionNotice | None = None

    @property
    def question(self) -> int | None:
        """The number by which the place answers, None before it is asked."""
        return next((one.id for one in self.steps if one.step is UnattendedStep.ASKED), None)

    @property
    def answer(self) -> Step | None:
        """What the place said."""
        return next((one for one in self.steps if one.step is UnattendedStep.ANSWERED), None)

    @property
    def incident(self) -> int | None:
        """The incident it became."""
        return next((one.incident for one in self.steps if one.incident is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnattendedPage:
    """What is unattended now, the longest first; `is_sample` says whose clocks decide.

    `closed` are the sections that stand closed, of the own office or of all: what they have is in the safe.
    `shows_things`: the reader is told how much that is, which nobody is who counts.
    """

    rows: tuple[ShownUnattended, ...]
    is_sample: bool
    has_more: bool
    closed: tuple[SectionNotice, ...] = ()
    shows_things: bool = False


def list_unattended(uow: UnitOfWork, *, actor: Actor, now: datetime, tools: Tools) -> UnattendedPage:
    """Return what this person answers for: a courier the own things, an office its own, an auditor all."""
    require(actor, Permission.VIEW_UNATTENDED)
    table = tools.incident_standards.at(now)
    found = _find_seen(uow, actor, table.unattended, limit=MOST_SHOWN + 1, now=now)
    shown = found[:MOST_SHOWN]
    steps = _steps_of(uow, shown)
    people = uow.users.list_by_ids({one.custodian.user for one in shown}) if shown else {}
    named: set[UnitId] = {unit for one in shown for unit in (one.custodian.unit, one.asked)}
    units = uow.units.list_by_ids(named) if shown else {}
    closed = _closed(uow, actor)
    around = _Around(actor=actor, now=now, people=people, units=units, closed=closed)
    rows = tuple(_shown(one, steps[_key(one)], table.unattended[one.reason], around) for one in shown)
    return UnattendedPage(
        rows=rows,
        is_sample=table.sample,
        has_more=len(found) > MOST_SHOWN,
        closed=tuple(closed.values()),
        shows_things=actor.role in {Role.CLERK, Role.AUDITOR} and not is_counting(uow, actor),
    )


def count_unattended(uow: UnitOfWork, *, actor: Actor, now: datetime, tools: Tools) -> int:
    """Count what the list shows, up to what a list can hold."""
    require(actor, Permission.VIEW_UNATTENDED)
    terms = tools.incident_standards.at(now).unattended
    return min(MOST_SHOWN, len(_find_seen(uow, actor, terms, limit=MOST_SHOWN, now=now)))


def answer(uow: UnitOfWork, command: AnswerUnattended, *, actor: Actor, now: datetime) -> None:
    """Write the answer of the place, once, and its entry; custody stays where it is."""
    require(actor, Permission.ANSWER_UNATTENDED)
    question = uow.unattended.find_step(command.question)
    if question is None or question.step is not UnattendedStep.ASKED:
        raise NotFound
    _lock(uow, question.code)
    # Read behind the lock: two colleagues may answer at once.
    steps = [one for one in uow.unattended.list_steps({question.code}) if _of_step(one) == _of_step(question)]
    done = frozenset(one.step for one in steps)
    rules.check_answerable(question.unit, question.custodian, done, actor=actor)
    said = rules.parse_answer(command.untrusted_answer)
    note = parse_line(command.untrusted_note, field="note", longest=LONGEST_NOTE, required=True)
    step = Step(
        code=question.code,
        reason=question.reason,
        since=question.since,
        step=UnattendedStep.ANSWERED,
        unit=question.unit,
        custodian=question.custodian,
        at=now,
        by=actor.user,
        answer=said,
        note=note,
    )
    _write(uow, step, {"actor": int(actor.user), "answer": said.value, "note": note})


def raise_unattended(uow: UnitOfWork, *, now: datetime, tools: Tools, limit: int = AT_ONCE) -> int:
    """Ask and raise at most `limit` of what is due by now; returns how many steps were done.

    All that is unattended is looked at: what was raised long ago and still stands must hide nothing newer.
    """
    terms = tools.incident_standards.at(now).unattended
    found = sorted(_find_all(uow, Scope(), terms, now=now), key=lambda thing: thing.code)
    done = 0
    for start in range(0, len(found), _READ_AT_ONCE):
        part = found[start : start + _READ_AT_ONCE]
        steps = _steps_of(uow, part)
        for one in part:
            step = _next(one, terms[one.reason], steps[_key(one)], now=now)
            if step is None or done >= limit or not _is_so(_lock(uow, one.code), one):
                continue
            _do(uow, one, step, steps[_key(one)], now=now, tools=tools)
            done += 1
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """Who looks, when, the names of everybody in the list, and which offices are closed."""

    actor: Actor
    now: datetime
    people: Mapping[UserId, User]
    units: Mapping[UnitId, Unit]
    closed: Mapping[UnitId, SectionNotice]


_Key = tuple[str, UnattendedReason, datetime]


def _key(found: Unattended) -> _Key:
    return found.code, found.reason, found.since


def _of_step(step: Step) -> _Key:
    return step.code, step.reason, step.since


def _closed(uow: UnitOfWork, actor: Actor) -> dict[UnitId, SectionNotice]:
    """Return the closed sections that concern this person, the first to come back first."""
    units = None if actor.role is Role.AUDITOR else {actor.unit}
    found = notices_of(uow, uow.sections.list_standing(units))
    return {one.closing.unit: one for one in found}


def _scope(actor: Actor, limit: int) -> Scope:
    match actor.role:
        case Role.AUDITOR:
            return Scope(limit=limit)
        case Role.CLERK | Role.FOCAL_POINT:
            return Scope(unit=actor.unit, limit=limit)
        case Role.COURIER | Role.ADMINISTRATOR | Role.MINISTRY_READER:
            return Scope(custodian=actor.user, limit=limit)


def _find_seen(
    uow: UnitOfWork,
    actor: Actor,
    terms: Mapping[UnattendedReason, Terms],
    *,
    limit: int,
    now: datetime,
) -> list[Unattended]:
    """Find what this person answers for, without what they are counting at this moment."""
    hidden = unseen_holder(uow, actor)
    found = _find_all(uow, _scope(actor, limit), terms, now=now)
    return [one for one in found if one.custodian.user != hidden]


def _find_all(
    uow: UnitOfWork, scope: Scope, terms: Mapping[UnattendedReason, Terms], *, now: datetime
) -> list[Unattended]:
    """Ask one question for each reason and let the rules decide; the longest unattended comes first."""
    found: list[Unattended] = []
    for reason in UnattendedReason:
        until, due = now - terms[reason].show, now - terms[reason].grace
        for traces in uow.unattended.list_traces(reason, scope, until=until, due=due):
            one = rules.unattended(traces, reason, terms[reason], now=now)
            if one is not None:
                found.append(one)
    return sorted(found, key=lambda one: (one.since, one.code))


def _steps_of(uow: UnitOfWork, found: Sequence[Unattended]) -> dict[_Key, tuple[Step, ...]]:
    known: dict[_Key, list[Step]] = {_key(one): [] for one in found}
    for step in uow.unattended.list_steps({one.code for one in found}):
        if _of_step(step) in known:
            known[_of_step(step)].append(step)
    return {key: tuple(steps) for key, steps in known.items()}


def _answered(steps: Iterable[Step]) -> Answered | None:
    return next((Answered(answer=one.answer, at=one.at) for one in steps if one.answer is not None), None)


def _next(found: Unattended, terms: Terms, steps: Sequence[Step], *, now: datetime) -> UnattendedStep | None:
    done = frozenset(one.step for one in steps)
    return rules.next_step(found, terms, done=done, answered=_answered(steps), now=now)


def _lock(uow: UnitOfWork, code: str) -> Consignment | Bag | None:
    return uow.consignments.lock(code) or uow.bags.lock(code)


def _is_so(thing: Consignment | Bag | None, found: Unattended) -> bool:
    """Tell whether a locked thing is still as it was found: the same custodian, the same offer."""
    if thing is None or thing.state.is_final or thing.custodian != found.custodian:
        return False
    offered_at = None if thing.offer is None else thing.offer.offered_at
    return found.reason is not UnattendedReason.OFFER_UNANSWERED or offered_at == found.since


def _do(
    uow: UnitOfWork,
    found: Unattended,
    step: UnattendedStep,
    steps: Sequence[Step],
    *,
    now: datetime,
    tools: Tools,
) -> None:
    facts: dict[str, JsonValue] = {}
    incident: int | None = None
    if step is UnattendedStep.RAISED:
        wrong = Found(kind=rules.incident_kind(_answered(steps)), codes=(found.code,))
        opened = open_by_machine(uow, wrong, unit=found.asked, now=now, tools=tools)
        incident, facts = opened.id, {"incident": str(opened.number)}
    done = Step(
        code=found.code,
        reason=found.reason,
        since=found.since,
        step=step,
        unit=found.asked,
        custodian=found.custodian.user,
        at=now,
        incident=incident,
    )
    _write(uow, done, facts)


def _write(uow: UnitOfWork, step: Step, more: Mapping[str, JsonValue]) -> None:
    uow.unattended.add(step)
    unit = uow.units.list_by_ids({step.unit})[step.unit]
    facts: dict[str, JsonValue] = {
        "reason": step.reason.value,
        "since": format_at(step.since),
        "unit": unit.code,
        **more,
    }
    line = item_line(ConsignmentCode(step.code))
    uow.audit.append(EntryDraft(kind=_DONE[step.step], facts=facts, items=(line,)))


def _shown(
    found: Unattended,
    steps: tuple[Step, ...],
    terms: Terms,
    around: _Around,
) -> ShownUnattended:
    actor = around.actor
    done = {one.step for one in steps}
    open_question = UnattendedStep.ASKED in done and UnattendedStep.ANSWERED not in done
    asks_us = actor.role is Role.AUDITOR or (
        actor.unit == found.asked and actor.role in {Role.CLERK, Role.FOCAL_POINT}
    )
    return ShownUnattended(
        found=found,
        age=around.now - found.since,
        holder=around.people[found.custodian.user],
        unit=around.units[found.custodian.unit],
        asked=around.units[found.asked],
        asks_at=rules.asks_at(found, terms),
        raises_at=rules.raises_at(found, terms, _answered(steps)),
        steps=steps,
        may_answer=open_question and asks_us and actor.user != found.custodian.user,
        closed=around.closed.get(found.custodian.unit),
    )
