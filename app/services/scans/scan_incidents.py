"""Raises, inside a scan, the incidents that its own lines tell of: one for each kind, with all their codes.

What a line says is wrong is the domain's (`app/domain/incident_finding.py`); numbers, severity and deadlines
come from `incidents.py`. A scan in which nothing is wrong asks the database nothing here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from app.domain.access import Actor
from app.domain.incident import IncidentKind
from app.domain.incident_finding import find_act_incident, find_incident, find_line_incident
from app.services.incidents.incidents import Found, Raised, ScanInHand, raise_in_scan
from app.services.scans.act_scan import ActScan, Done
from app.services.scans.scan_outcome import DecidedLine
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.evidence import ActLine, Evidence


def raise_by_act(uow: UnitOfWork, scan: ActScan, done: Done) -> Raised:
    """Open what an accepted act tells of its subject and of its lines."""
    wrong: dict[IncidentKind, list[str]] = defaultdict(list)
    if not done.subject:
        whole = find_act_incident(scan.act)
        if whole is not None:
            wrong[whole].append(scan.subject.code)
        for read, refusal in zip(scan.lines, done.lines, strict=True):
            kind = (
                find_line_incident(scan.act, read.line, refusal) if isinstance(read.line, ActLine) else None
            )
            if kind is not None:
                wrong[kind].append(read.code)
    lines = (scan.subject.code, *(read.code for read in scan.lines))
    in_hand = ScanInHand(scan=scan.act.scan, place=scan.place, lines=lines)
    found = _one_for_each_kind(wrong)
    return raise_in_scan(uow, found, scan=in_hand, actor=scan.actor, now=scan.now, tools=scan.tools)


def _one_for_each_kind(wrong: Mapping[IncidentKind, Sequence[str]]) -> list[Found]:
    """Put codes of one kind together, the kinds in the order of their list."""
    return [Found(kind=kind, codes=tuple(wrong[kind])) for kind in IncidentKind if kind in wrong]


def raise_incidents(
    uow: UnitOfWork,
    scan: Evidence,
    decided: Sequence[DecidedLine],
    *,
    actor: Actor,
    now: datetime,
    tools: Tools,
) -> Raised:
    """Open what the accepted lines of a scan tell of; `Raised.facts` belong into the scan's entry."""
    wrong: dict[IncidentKind, list[str]] = defaultdict(list)
    for line in decided:
        # A bag that was turned down tells of itself as an item does: it has no row of an item afterwards.
        kind = None if line.refusal else find_incident(scan, line.read.line)
        if kind is not None:
            wrong[kind].append(line.read.code)
    found = _one_for_each_kind(wrong)
    if not found:
        return Raised(facts={})
    place = decided[0].place
    lines = tuple(line.read.code for line in decided)
    in_hand = ScanInHand(scan=scan.scan, place=place, lines=lines)
    return raise_in_scan(uow, found, scan=in_hand, actor=actor, now=now, tools=tools)
