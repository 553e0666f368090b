"""Opens incidents: a person's by a form, a scan's inside the scan, the machine's by itself.

An incident that a scan raises is part of that scan's one entry: the caller merges `Raised.facts` into the
facts of its entry and calls `bind` with the pending entry. Severity and deadlines come from the standard that
counts at that moment. What a person writes is sealed; the log gets its commitment. Nothing here decides
custody. What is done afterwards: `incident_steps.py`; who may look: `incident_pages.py`.

For other services, in a running unit of work:
    raise_in_scan(uow, [Found], *, scan, actor, now, tools) -> Raised; then bind(uow, raised, entry)
    open_by_machine(uow, Found, *, unit, now, tools) -> Incident       an entry of its own, without an actor
For the surfaces (raises NotPermitted, InvalidInput):
    open_incident(uow, OpenIncident, *, actor, now, tools) -> Incident
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor, Permission, Role
from app.domain.consignment import Consignment
from app.domain.errors import InvalidInput, NotFound, Problem, ProblemCode
from app.domain.ids import UnitId, parse_code
from app.domain.incident import (
    MOST_ITEMS,
    Incident,
    IncidentKind,
    IncidentNumber,
    IncidentStatus,
    IncidentStep,
)
from app.domain.incident_standards import highest
from app.domain.register import register_year
from app.domain.text import parse_text
from app.services.incidents.incident_grades import marks_of
from app.services.incidents.incident_notes import SealedText, first_note, seal_text
from app.services.items.registration_record import item_line
from app.services.people.access import get_consignment
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.group import PendingEntry
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at

LONGEST_TEXT = 2_000
# A code that is none of ours is kept as it was read, like the code of a scan's line.
_FOREIGN = re.compile(r"[!-~]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that is wrong, with every code it concerns, ours or not."""

    kind: IncidentKind
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanInHand:
    """The scan that raises incidents: its id, where it happened, the codes of its entry's lines in order."""

    scan: str
    place: UnitId | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """What a scan raised: `facts` belong into the scan's own entry."""

    incidents: tuple[Incident, ...] = ()
    facts: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """An untrusted form: what kind, which codes (separated by spaces, commas or lines), what was seen."""

    untrusted_kind: str
    untrusted_codes: str
    untrusted_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """Who opens an incident, and where: what is the same for a person, a scan and the machine."""

    unit: UnitId
    involved: frozenset[UnitId]
    by: Actor | None = None
    scan: str = ""


def raise_in_scan(
    uow: UnitOfWork, found: Sequence[Found], *, scan: ScanInHand, actor: Actor, now: datetime, tools: Tools
) -> Raised:
    """Open one incident for each thing found, inside the running scan; nothing found costs nothing."""
    if not found:
        return Raised(facts={})
    involved = frozenset({actor.unit} if scan.place is None else {actor.unit, scan.place})
    opening = _Opening(unit=actor.unit, involved=involved, by=actor, scan=scan.scan)
    incidents, told = [], []
    for one in found:
        items = _lock_items(uow, one.codes)
        incident = _create(uow, one, items, opening=opening, now=now, tools=tools)
        uow.incidents.note(first_note(incident, text=None))
        incidents.append(incident)
        told.append({**_facts(incident), **_which(one.codes, scan.lines)})
    return Raised(incidents=tuple(incidents), facts={"incidents": list[JsonValue](told)})


def bind(uow: UnitOfWork, raised: Raised, entry: PendingEntry) -> None:
    """Remember which entry tells of what was raised."""
    for incident in raised.incidents:
        uow.incidents.bind(incident.id, entry)


def open_by_machine(uow: UnitOfWork, found: Found, *, unit: UnitId, now: datetime, tools: Tools) -> Incident:
    """Open what nobody scanned, a term that ran out above all; `unit` is whose number it gets."""
    items = _lock_items(uow, found.codes)
    opening = _Opening(unit=unit, involved=frozenset({unit}))
    incident = _create(uow, found, items, opening=opening, now=now, tools=tools)
    return _record(uow, incident, items, text=None, actor=None)


def open_incident(
    uow: UnitOfWork, command: OpenIncident, *, actor: Actor, now: datetime, tools: Tools
) -> Incident:
    """Open an incident by hand; it names items this person may know about, and other codes as they read."""
    require(actor, Permission.OPEN_INCIDENT)
    found, text = _parse(command)
    items = _lock_items(uow, found.codes)
    if actor.role in {Role.FOCAL_POINT, Role.COURIER}:
        items = {code: _if_seen(uow, item, actor) for code, item in items.items()}
    opening = _Opening(unit=actor.unit, involved=frozenset({actor.unit}), by=actor)
    incident = _create(uow, found, items, opening=opening, now=now, tools=tools)
    return _record(uow, incident, items, text=seal_text(incident, 1, text, tools.vault), actor=actor)


def _parse(command: OpenIncident) -> tuple[Found, str]:
    problems: list[Problem] = []
    kind = next((one for one in IncidentKind if one.value == command.untrusted_kind), None)
    if kind is None:
        problems += InvalidInput("kind", ProblemCode.NOT_A_CHOICE).problems
    text = ""
    try:
        text = parse_text(command.untrusted_text, field="text", longest=LONGEST_TEXT, required=True)
    except InvalidInput as error:
        problems += error.problems
    typed = [part for part in re.split(r"[\s,;]+", command.untrusted_codes[:20_000]) if part]
    codes = tuple(dict.fromkeys(map(_read_code, typed)))
    if len(codes) > MOST_ITEMS:
        problems += InvalidInput("codes", ProblemCode.TOO_MANY, params={"most": MOST_ITEMS}).problems
    if not all(_FOREIGN.fullmatch(code) for code in codes):
        problems += InvalidInput("codes", ProblemCode.NOT_A_CODE).problems
    if problems or kind is None:
        raise InvalidInput.all_of(problems)
    return Found(kind=kind, codes=codes), text


def _read_code(untrusted: str) -> str:
    try:
        return parse_code(untrusted)
    except InvalidInput:
        return untrusted


def _lock_items(uow: UnitOfWork, codes: Iterable[str]) -> dict[str, Consignment | None]:
    """Lock the items of these codes, in order of code, as every other use case does; None: no such item."""
    ordered = sorted(set(codes))
    uow.consignments.prefetch(ordered)
    return {code: uow.consignments.lock(code) for code in ordered}


def _if_seen(uow: UnitOfWork, item: Consignment | None, actor: Actor) -> Consignment | None:
    """Link what this person may know about; of anything else only the code they typed is kept."""
    if item is None:
        return None
    try:
        return get_consignment(uow, item.code, actor=actor)
    except NotFound:
        return None


def _create(
    uow: UnitOfWork,
    found: Found,
    items: Mapping[str, Consignment | None],
    *,
    opening: _Opening,
    now: datetime,
    tools: Tools,
) -> Incident:
    known = [item for item in items.values() if item is not None]
    standard = tools.incident_standards.at(now)
    bags = [bag for code, item in items.items() if item is None and (bag := uow.bags.lock(code))]
    severity = standard.severity[found.kind, highest(marks_of(uow, known, bags))]
    deadlines = standard.deadlines[severity]
    year = register_year(now)
    number = IncidentNumber(
        unit_code=uow.units.get(opening.unit).code,
        year=year,
        number=uow.incidents.next_number(opening.unit, year),
    )
    incident = Incident(
        id=0,
        number=number,
        unit=opening.unit,
        kind=found.kind,
        severity=severity,
        standard=standard.name,
        status=IncidentStatus.OPEN,
        opened_by=None if opening.by is None else opening.by.user,
        opened_at=now,
        scan=opening.scan,
        owner=None,
        report_due_at=now + deadlines.report,
        resolve_due_at=now + deadlines.resolve,
        reported_at=None,
        resolved_by=None,
        resolved_at=None,
        closed_by=None,
        closed_at=None,
        steps=1,
    )
    linked = {code: None if item is None else item.id for code, item in items.items()}
    holders = frozenset({item.custodian.unit for item in known} | {bag.custodian.unit for bag in bags})
    return uow.incidents.add(incident, items=linked, units=opening.involved | holders)


def _record(
    uow: UnitOfWork,
    incident: Incident,
    items: Mapping[str, Consignment | None],
    *,
    text: SealedText | None,
    actor: Actor | None,
) -> Incident:
    """Append the entry of an incident that no scan raised."""
    uow.incidents.note(first_note(incident, text=text))
    facts: dict[str, JsonValue] = dict(_facts(incident))
    if actor is not None:
        facts["actor"] = int(actor.user)
    strangers = [code for code, item in items.items() if item is None]
    # A bag has a chain of its own in the log, and what it is suspected of belongs there.
    bags = [uow.bags.lock(code) for code in strangers]
    if strangers:
        facts["codes"] = ",".join(strangers)
    entry = uow.audit.append(
        EntryDraft(
            kind=EntryKind.INCIDENT_OPENED,
            facts=facts,
            items=tuple(item_line(one.code) for one in (*items.values(), *bags) if one is not None),
            commitments={} if text is None else {IncidentStep.OPENED.value: text.commitment},
        )
    )
    uow.incidents.bind(incident.id, entry)
    return incident


def _facts(incident: Incident) -> dict[str, JsonValue]:
    return {
        "incident": str(incident.number),
        "kind": incident.kind.value,
        "severity": incident.severity.value,
        "standard": incident.standard,
        "report_due": format_at(incident.report_due_at),
        "resolve_due": format_at(incident.resolve_due_at),
    }


def _which(codes: Sequence[str], lines: Sequence[str]) -> dict[str, JsonValue]:
    """Name codes by the number of their line, which is short enough for any list; others as they read."""
    places = {code: str(number) for number, code in enumerate(lines, 1)}
    said: dict[str, JsonValue] = {}
    if listed := [places[code] for code in codes if code in places]:
        said["lines"] = ",".join(listed)
    if others := [code for code in codes if code not in places]:
        said["codes"] = ",".join(others)
    return said
