"""Put back the incidents that people and the machine opened, and every step that was taken on one.

Number, kind, severity, deadlines and who did what stand in the entries. What people wrote about it is only
committed to: it comes back as lost and is told. Nothing here may judge a step again: who was allowed to take
it, and what evidence was owed, was decided then.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from app.domain.ids import ConsignmentId, UnitId, UserId
from app.domain.incident import (
    Incident,
    IncidentKind,
    IncidentNumber,
    IncidentStatus,
    IncidentStep,
    Severity,
    parse_number,
)
from app.services.incidents.incident_notes import SealedText, first_note, note_of
from app.services.items.sealed_fields import LOST
from app.services.recovery.facts import Lost, Replay, Said, draft_of, get_person, get_unit
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

# The step that each kind of entry tells of, and the fact that holds its one word.
_STEPS: Final = {
    EntryKind.INCIDENT_REPORTED: (IncidentStep.REPORTED, "to"),
    EntryKind.INCIDENT_RESOLVED: (IncidentStep.RESOLVED, "cause"),
    EntryKind.INCIDENT_REOPENED: (IncidentStep.REOPENED, ""),
    EntryKind.INCIDENT_CLOSED: (IncidentStep.CLOSED, ""),
}
_NOTED: Final = {
    IncidentStep.COMMENTED: "",
    IncidentStep.ASSIGNED: "owner",
    IncidentStep.EVIDENCED: "proof",
}
KINDS: Final = frozenset({EntryKind.INCIDENT_OPENED, EntryKind.INCIDENT_NOTED, *_STEPS})


def act_again(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Open an incident again, or take one step on it."""
    if entry.kind is EntryKind.INCIDENT_OPENED:
        _open(uow, Said(entry=entry), replay)
    else:
        _step(uow, Said(entry=entry), replay)


def lock_numbered(uow: UnitOfWork, said: Said) -> Incident:
    """Lock the incident that an entry names by its number; raises NotInTheLog."""
    number = _number(said)
    incident = uow.incidents.lock_numbered(get_unit(uow, said, number.unit_code).id, number)
    if incident is None:
        raise said.differs(f"is of the incident {number}, which the database does not know")
    return incident


def opened_at(entry: Entry, tools: Tools) -> datetime:
    """Tell when an incident was opened: its first deadline less what its standard allows.

    That is a little before the entry's seal, and all the rest of its scan is of that moment too. Where nobody
    has its standard any more, it is the seal.
    """
    listed = entry.facts.get("incidents")
    facts = listed[0] if isinstance(listed, list) and listed else dict(entry.facts)
    standards = {table.name: table for table in tools.incident_standards.tables}
    if not isinstance(facts, dict) or facts.get("standard") not in standards:
        return entry.at
    said = Said(entry=replace(entry, facts=facts))
    due = said.moment("report_due")
    allowed = standards[said.text("standard")].deadlines[Severity(said.text("severity"))].report
    return entry.at if due is None else due - allowed


def _open(uow: UnitOfWork, said: Said, replay: Replay) -> None:
    """Open it under its number, with the items, bags and units of that moment."""
    entry, number = said.entry, _number(said)
    unit = get_unit(uow, said, number.unit_code).id
    if uow.incidents.next_number(unit, number.year) != number.number:
        raise said.differs("drew another number than the database would")
    items, units = _involved(uow, said)
    bare = _incident(said, number, unit, replay.tools)
    incident = uow.incidents.add(bare, items=items, units=units | {unit})
    text = _lost_text(said, IncidentStep.OPENED, incident, replay)
    uow.incidents.note(first_note(incident, text=text))
    uow.incidents.bind(incident.id, uow.audit.append(draft_of(entry)))


def _incident(said: Said, number: IncidentNumber, unit: UnitId, tools: Tools) -> Incident:
    """Return it as it was opened; what an older entry does not state follows from the table of its day."""
    severity, at = Severity(said.text("severity")), opened_at(said.entry, tools)
    standard = tools.incident_standards.at(at)
    allowed = standard.deadlines[severity]
    return Incident(
        id=0,
        number=number,
        unit=unit,
        kind=IncidentKind(said.text("kind")),
        severity=severity,
        standard=said.text("standard") if "standard" in said.entry.facts else standard.name,
        status=IncidentStatus.OPEN,
        opened_by=said.actor() if "actor" in said.entry.facts else None,
        opened_at=at,
        scan="",
        owner=None,
        report_due_at=said.moment("report_due") or at + allowed.report,
        resolve_due_at=said.moment("resolve_due") or at + allowed.resolve,
        reported_at=None,
        resolved_by=None,
        resolved_at=None,
        closed_by=None,
        closed_at=None,
        steps=1,
    )


def _involved(uow: UnitOfWork, said: Said) -> tuple[dict[str, ConsignmentId | None], frozenset[UnitId]]:
    """Return the codes with the item of each that it was linked to, and the units that had them then."""
    strangers = said.text("codes").split(",") if "codes" in said.entry.facts else []
    linked = sorted({item.code for item in said.entry.items} - set(strangers))
    items: dict[str, ConsignmentId | None] = dict.fromkeys(strangers)
    units: set[UnitId] = set()
    for code in linked:
        item = uow.consignments.lock(code)
        if item is None:
            raise said.differs(f"is of the item {code}, which the database does not know")
        items[code] = item.id
        units.add(item.custodian.unit)
    for code in strangers:
        bag = uow.bags.lock(code)
        if bag is not None:
            units.add(bag.custodian.unit)
    return items, frozenset(units)


def _step(uow: UnitOfWork, said: Said, replay: Replay) -> None:
    entry, before = said.entry, lock_numbered(uow, said)
    step, fact = _what(said)
    after = replace(_moved(said, before, step), steps=before.steps + 1)
    if step is IncidentStep.ASSIGNED and after.owner is not None:
        uow.incidents.involve(before, frozenset({get_person(uow, said, after.owner).unit_id}))
    uow.incidents.save(after)
    word = "" if not fact else str(said.number(fact)) if fact == "owner" else said.text(fact)
    note = note_of(after, step, text=_lost_text(said, step, after, replay), word=word)
    uow.incidents.note(replace(note, by=said.actor(), noted_at=entry.at))
    uow.incidents.bind(after.id, uow.audit.append(draft_of(entry)))


def _what(said: Said) -> tuple[IncidentStep, str]:
    if said.entry.kind is not EntryKind.INCIDENT_NOTED:
        return _STEPS[said.entry.kind]
    step = IncidentStep(said.text("step"))
    if step not in _NOTED:
        raise said.differs("notes a step that has an entry of its own")
    return step, _NOTED[step]


def _moved(said: Said, before: Incident, step: IncidentStep) -> Incident:
    """Return how far the incident has come with this step."""
    actor, at = said.actor(), said.entry.at
    match step:
        case IncidentStep.ASSIGNED:
            return replace(before, owner=UserId(said.number("owner")))
        case IncidentStep.REPORTED:
            return replace(before, status=IncidentStatus.REPORTED, reported_at=at)
        case IncidentStep.RESOLVED:
            return replace(before, status=IncidentStatus.RESOLVED, resolved_by=actor, resolved_at=at)
        case IncidentStep.REOPENED:
            return replace(before, status=IncidentStatus.REPORTED, resolved_by=None, resolved_at=None)
        case IncidentStep.CLOSED:
            return replace(before, status=IncidentStatus.CLOSED, closed_by=actor, closed_at=at)
        case IncidentStep.OPENED | IncidentStep.COMMENTED | IncidentStep.EVIDENCED:
            return before


def _lost_text(said: Said, step: IncidentStep, incident: Incident, replay: Replay) -> SealedText | None:
    """Return what stands for the text of a step: lost where one was committed to, else none."""
    digest = said.entry.commitments.get(step.value)
    if digest is None:
        return None
    values = (f"text of step {incident.steps} ({step.value})",)
    replay.lose(Lost(entry=said.entry.index, of=f"incident {incident.number}", values=values))
    return SealedText(blob=LOST, commitment=digest)


def _number(said: Said) -> IncidentNumber:
    number = parse_number(said.text("incident"))
    if number is None:
        raise said.differs("does not name an incident by its number")
    return number
