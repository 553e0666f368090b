"""Describe an incident (sự vụ) and what may be done with it: open, report, resolve, close by another.

A leak (lộ) and a loss (mất) are two kinds: a secret seen is not a secret gone, and each is reported to other
people. Rules only: how grave a kind is and how long it may stay open is dated configuration
(:mod:`app.domain.incident_standards`), and this module must never see a database, a clock or a sealed text.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import Actor, Role
from app.domain.errors import Conflict, ConflictCode
from app.domain.ids import UnitId, UserId

MOST_ITEMS = 200


class IncidentKind(StrEnum):
    """What went wrong. Every difference between papers, scans and things is one of these."""

    LEAK = "leak"
    LOSS = "loss"
    DAMAGED = "damaged"
    SEAL_BROKEN = "seal_broken"
    MISSENT = "missent"
    LATE = "late"
    REFUSED = "refused"
    CLOSED_OFFICE = "closed_office"
    UNRECORDED = "unrecorded"
    COUNT_DIFFERS = "count_differs"


class Severity(StrEnum):
    """How grave it is; the word decides the deadlines and who may close it."""

    MINOR = "minor"
    SERIOUS = "serious"
    GRAVE = "grave"


class IncidentStatus(StrEnum):
    """Where an incident stands; only the last is final."""

    OPEN = "open"
    REPORTED = "reported"
    RESOLVED = "resolved"
    CLOSED = "closed"


class IncidentStep(StrEnum):
    """One thing done about an incident; each is one log entry."""

    OPENED = "opened"
    COMMENTED = "commented"
    ASSIGNED = "assigned"
    EVIDENCED = "evidenced"
    REPORTED = "reported"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"


class Proof(StrEnum):
    """What is kept as evidence of an incident; the thing itself stays where the reference says."""

    MINUTES = "minutes"
    COVER_PHOTO = "cover_photo"
    KEPT_PACKING = "kept_packing"
    STATEMENT = "statement"
    RECOUNT = "recount"
    SEARCH = "search"
    SENDER_TOLD = "sender_told"
    POLICE_TOLD = "police_told"


class ReportedTo(StrEnum):
    """Who got the first report."""

    SENDER = "sender"
    POST_LEADER = "post_leader"
    DEPARTMENT = "department"
    POLICE = "police"


class Cause(StrEnum):
    """Why it happened, as far as was found out; grouped by who can do something about it."""

    HANDLING = "handling"
    TRANSPORT = "transport"
    PACKING = "packing"
    ADDRESS = "address"
    RECIPIENT = "recipient"
    CRIME_SUSPECTED = "crime_suspected"
    FORCE_MAJEURE = "force_majeure"
    WRONG_RECORD = "wrong_record"
    UNKNOWN = "unknown"


# What must lie in the file before an incident of a kind counts as resolved. The inner cover is never opened
# for a photograph, so only the outer one is asked for.
REQUIRED_PROOFS: dict[IncidentKind, frozenset[Proof]] = {
    IncidentKind.LEAK: frozenset({Proof.MINUTES, Proof.STATEMENT, Proof.SENDER_TOLD, Proof.POLICE_TOLD}),
    IncidentKind.LOSS: frozenset({Proof.MINUTES, Proof.SEARCH, Proof.SENDER_TOLD, Proof.POLICE_TOLD}),
    IncidentKind.DAMAGED: frozenset({Proof.MINUTES, Proof.COVER_PHOTO, Proof.SENDER_TOLD}),
    IncidentKind.SEAL_BROKEN: frozenset({Proof.MINUTES, Proof.COVER_PHOTO, Proof.KEPT_PACKING}),
    IncidentKind.MISSENT: frozenset({Proof.STATEMENT, Proof.SENDER_TOLD}),
    IncidentKind.LATE: frozenset({Proof.STATEMENT}),
    IncidentKind.REFUSED: frozenset({Proof.STATEMENT}),
    IncidentKind.CLOSED_OFFICE: frozenset({Proof.STATEMENT}),
    IncidentKind.UNRECORDED: frozenset({Proof.MINUTES, Proof.SEARCH}),
    IncidentKind.COUNT_DIFFERS: frozenset({Proof.MINUTES, Proof.RECOUNT}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentNumber:
    """The number of an incident: gapless per unit and working year, `24.P01/2026/3` in full."""

    unit_code: str
    year: int
    number: int

    def __str__(self) -> str:
        """Return the number as entries, papers and addresses write it."""
        return f"{self.unit_code}/{self.year}/{self.number}"


def parse_number(text: str) -> IncidentNumber | None:
    """Read a number as it is written in full; None for anything else."""
    unit_code, year, number = (*text.rsplit("/", 2), "", "")[:3]
    if not unit_code or not all(part.isascii() and part.isdigit() for part in (year, number)):
        return None
    found = IncidentNumber(unit_code=unit_code, year=int(year), number=int(number))
    return found if str(found) == text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident as it stands.

    `opened_by` is None where the machine found it; `scan` is "" where no scan raised it.
    """

    id: int
    number: IncidentNumber
    unit: UnitId
    kind: IncidentKind
    severity: Severity
    standard: str
    status: IncidentStatus
    opened_by: UserId | None
    opened_at: datetime
    scan: str
    owner: UserId | None
    report_due_at: datetime
    resolve_due_at: datetime
    reported_at: datetime | None
    resolved_by: UserId | None
    resolved_at: datetime | None
    closed_by: UserId | None
    closed_at: datetime | None
    steps: int

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be added any more."""
        return self.status is IncidentStatus.CLOSED

    def due_at(self) -> datetime | None:
        """Return the clock that runs now: the first report, then the solution; None when neither does."""
        match self.status:
            case IncidentStatus.OPEN:
                return self.report_due_at
            case IncidentStatus.REPORTED:
                return self.resolve_due_at
            case IncidentStatus.RESOLVED | IncidentStatus.CLOSED:
                return None


def missing_proofs(kind: IncidentKind, present: frozenset[Proof]) -> tuple[Proof, ...]:
    """Return what evidence is still owed, in the order of the list of proofs."""
    owed = REQUIRED_PROOFS[kind] - present
    return tuple(proof for proof in Proof if proof in owed)


def check_open(incident: Incident) -> None:
    """Raise Conflict when the incident is closed: nothing is added to it any more."""
    if incident.is_closed:
        raise Conflict(ConflictCode.INCIDENT_CLOSED)


def check_reportable(incident: Incident) -> None:
    """Raise Conflict unless the first report is still owed."""
    check_open(incident)
    if incident.status is not IncidentStatus.OPEN:
        raise Conflict(ConflictCode.INCIDENT_REPORTED)


def check_resolvable(incident: Incident, present: frozenset[Proof]) -> None:
    """Raise Conflict before the first report, twice, or while evidence of its kind is still owed."""
    check_open(incident)
    if incident.status is IncidentStatus.OPEN:
        raise Conflict(ConflictCode.INCIDENT_NOT_REPORTED)
    if incident.status is IncidentStatus.RESOLVED:
        raise Conflict(ConflictCode.INCIDENT_RESOLVED)
    if missing_proofs(incident.kind, present):
        raise Conflict(ConflictCode.EVIDENCE_OWED)


def check_judged_by(incident: Incident, actor: Actor) -> None:
    """Raise Conflict unless the incident is resolved and `actor` is the second person who may judge that.

    Whoever opened or resolved it has said their word. What is grave is judged by an auditor, who answers for
    no item.
    """
    check_open(incident)
    if incident.status is not IncidentStatus.RESOLVED:
        raise Conflict(ConflictCode.INCIDENT_NOT_RESOLVED)
    if actor.user in {incident.resolved_by, incident.opened_by}:
        raise Conflict(ConflictCode.OWN_INCIDENT)
    if incident.severity is Severity.GRAVE and actor.role is not Role.AUDITOR:
        raise Conflict(ConflictCode.AUDITOR_CLOSES)
