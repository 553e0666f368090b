"""Moves an incident on: comment, owner, evidence, first report, solution, and the second person's judgement.

Every step is one log entry that names the incident and its items; what people write is sealed and committed
to. Who may know of an incident is asked first, by the same scope as the pages. Nothing here moves an item.

For the surfaces (raise NotPermitted, NotFound, InvalidInput, Conflict):
    comment(uow, StepIncident, *, actor, now, tools) -> Incident    whoever may look at it
    assign, add_evidence, report, resolve                        clerks of the units involved, auditors
    reopen, close                                                another person than who resolved it
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from app.domain import incident as rules
from app.domain.access import Actor, Permission, Role
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.held_back import Hold
from app.domain.ids import UserId
from app.domain.incident import Cause, Incident, IncidentStatus, IncidentStep, Proof, ReportedTo
from app.domain.text import parse_text
from app.services.incidents.incident_notes import note_of, seal_text
from app.services.incidents.incident_pages import scope_of
from app.services.incidents.incidents import LONGEST_TEXT
from app.services.items.registration_record import item_line
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue

Word = TypeVar("Word", bound=StrEnum)
HANDLERS = frozenset({Role.CLERK, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepIncident:
    """An untrusted form for one incident: its id, the one word of the step where it has one, and a text."""

    incident: int
    untrusted_word: str = ""
    untrusted_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What a step leaves behind, decided and not yet written."""

    step: IncidentStep
    kind: EntryKind
    after: Incident
    text: str = ""
    word: str = ""
    facts: Mapping[str, JsonValue] = field(default_factory=dict)


def comment(uow: UnitOfWork, command: StepIncident, *, actor: Actor, now: datetime, tools: Tools) -> Incident:
    """Add what somebody has to say."""
    before = _lock(uow, command, Permission.VIEW_INCIDENT, actor)
    rules.check_open(before)
    text = _text(command, required=True)
    done = _Done(step=IncidentStep.COMMENTED, kind=EntryKind.INCIDENT_NOTED, after=before, text=text)
    return _write(uow, done, actor=actor, now=now, tools=tools)


def assign(uow: UnitOfWork, command: StepIncident, *, actor: Actor, now: datetime, tools: Tools) -> Incident:
    """Say who answers for it from now on; the owner's unit is involved by that."""
    before = _lock(uow, command, Permission.HANDLE_INCIDENT, actor)
    rules.check_open(before)
    word = command.untrusted_word
    owner = (
        uow.users.find(UserId(int(word))) if word.isascii() and word.isdigit() and len(word) < 16 else None
    )
    if owner is None or not owner.active or Role(owner.role) not in HANDLERS:
        raise InvalidInput("owner", ProblemCode.UNKNOWN_USER)
    uow.incidents.involve(before, frozenset({owner.unit_id}))
    done = _Done(
        step=IncidentStep.ASSIGNED,
        kind=EntryKind.INCIDENT_NOTED,
        after=replace(before, owner=owner.id),
        word=str(int(owner.id)),
        facts={"owner": int(owner.id)},
    )
    return _write(uow, done, actor=actor, now=now, tools=tools)


def add_evidence(
    uow: UnitOfWork, command: StepIncident, *, actor: Actor, now: datetime, tools: Tools
) -> Incident:
    """Note one piece of evidence and where it is kept; the thing itself stays there."""
    before = _lock(uow, command, Permission.HANDLE_INCIDENT, actor)
    rules.check_open(before)
    proof = _word(command, Proof, "proof")
    done = _Done(
        step=IncidentStep.EVIDENCED,
        kind=EntryKind.INCIDENT_NOTED,
        after=before,
        text=_text(command, required=True),
        word=proof.value,
        facts={"proof": proof.value},
    )
    return _write(uow, done, actor=actor, now=now, tools=tools)


def report(uow: UnitOfWork, command: StepIncident, *, actor: Actor, now: datetime, tools: Tools) -> Incident:
    """Note the first report, which stops the first clock: to whom, and by which paper."""
    before = _lock(uow, command, Permission.HANDLE_INCIDENT, actor)
    rules.check_reportable(before)
    to = _word(command, ReportedTo, "to")
    done = _Done(
        step=IncidentStep.REPORTED,
        kind=EntryKind.INCIDENT_REPORTED,
        after=replace(before, status=IncidentStatus.REPORTED, reported_at=now),
        text=_text(command, required=True),
        word=to.value,
        facts={"to": to.value},
    )
    return _write(uow, done, actor=actor, now=now, tools=tools)


def resolve(uow: UnitOfWork, command: StepIncident, *, actor: Actor, now: datetime, tools: Tools) -> Incident:
    """Say why it happened and what was done; another person judges whether that is enough."""
    before = _lock(uow, command, Permission.HANDLE_INCIDENT, actor)
    rules.check_resolvable(before, list_proofs(uow, before))
    cause = _word(command, Cause, "cause")
    done = _Done(
        step=IncidentStep.RESOLVED,
        kind=EntryKind.INCIDENT_RESOLVED,
        after=replace(before, status=IncidentStatus.RESOLVED, resolved_by=actor.user, resolved_at=now),
        text=_text(command, required=True),
        word=cause.value,
        facts={"cause": cause.value},
    )
    return _write(uow, done, actor=actor, now=now, tools=tools)


def reopen(uow: UnitOfWork, command: StepIncident, *, actor: Actor, now: datetime, tools: Tools) -> Incident:
    """Send it back: the second person is not convinced, and says why."""
    before = _lock(uow, command, Permission.CLOSE_INCIDENT, actor)
    rules.check_judged_by(before, actor)
    done = _Done(
        step=IncidentStep.REOPENED,
        kind=EntryKind.INCIDENT_REOPENED,
        after=replace(before, status=IncidentStatus.REPORTED, resolved_by=None, resolved_at=None),
        text=_text(command, required=True),
        facts={"resolver": int(before.resolved_by or 0)},
    )
    return _write(uow, done, actor=actor, now=now, tools=tools)


def close(uow: UnitOfWork, command: StepIncident, *, actor: Actor, now: datetime, tools: Tools) -> Incident:
    """End it, as the second person; nothing is added afterwards."""
    before = _lock(uow, command, Permission.CLOSE_INCIDENT, actor)
    rules.check_judged_by(before, actor)
    if _is_quarantined(uow, before):
        raise Conflict(ConflictCode.STILL_HELD)
    done = _Done(
        step=IncidentStep.CLOSED,
        kind=EntryKind.INCIDENT_CLOSED,
        after=replace(before, status=IncidentStatus.CLOSED, closed_by=actor.user, closed_at=now),
        text=_text(command, required=False),
        facts={"resolver": int(before.resolved_by or 0)},
    )
    return _write(uow, done, actor=actor, now=now, tools=tools)


def list_proofs(uow: UnitOfWork, incident: Incident) -> frozenset[Proof]:
    """Return what evidence has been noted so far."""
    notes = uow.incidents.list_notes(incident.id)
    return frozenset(Proof(note.word) for note in notes if note.step is IncidentStep.EVIDENCED)


def _is_quarantined(uow: UnitOfWork, incident: Incident) -> bool:
    # Of two holds an item's own row names the stronger only, and a stop is no end of a quarantine.
    items = uow.incidents.list_items((incident.id,))[incident.id]
    return bool(uow.holds.list_held(items, Hold.QUARANTINED))


def _lock(uow: UnitOfWork, command: StepIncident, permission: Permission, actor: Actor) -> Incident:
    """Lock an incident this person may know about; its items first, as every other use case does."""
    require(actor, permission)
    if uow.incidents.find(command.incident, scope_of(actor)) is None:
        raise NotFound
    items = uow.incidents.list_items((command.incident,))[command.incident]
    uow.consignments.prefetch([code for code, item in items.items() if item is not None])
    incident = uow.incidents.lock(command.incident)
    if incident is None:
        raise NotFound
    return incident


def _text(command: StepIncident, *, required: bool) -> str:
    return parse_text(command.untrusted_text, field="text", longest=LONGEST_TEXT, required=required)


def _word(command: StepIncident, words: type[Word], name: str) -> Word:
    found = next((word for word in words if word.value == command.untrusted_word), None)
    if found is None:
        raise InvalidInput(name, ProblemCode.NOT_A_CHOICE)
    return found


def _write(uow: UnitOfWork, done: _Done, *, actor: Actor, now: datetime, tools: Tools) -> Incident:
    after = replace(done.after, steps=done.after.steps + 1)
    text = seal_text(after, after.steps, done.text, tools.vault, label=done.step)
    uow.incidents.save(after)
    note = note_of(after, done.step, text=text, word=done.word)
    uow.incidents.note(replace(note, by=actor.user, noted_at=now))
    facts: dict[str, JsonValue] = {"actor": int(actor.user), "incident": str(after.number), **done.facts}
    if done.kind is EntryKind.INCIDENT_NOTED:
        facts["step"] = done.step.value
    items = uow.incidents.list_items((after.id,))[after.id]
    locked = (uow.consignments.lock(code) for code, item in items.items() if item is not None)
    entry = uow.audit.append(
        EntryDraft(
            kind=done.kind,
            facts=facts,
            items=tuple(item_line(item.code) for item in locked if item is not None),
            commitments={} if text is None else {done.step.value: text.commitment},
        )
    )
    uow.incidents.bind(after.id, entry)
    return after
