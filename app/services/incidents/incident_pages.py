"""The only door through which a person looks at incidents.

"Not there" and "not yours" are the same answer, NotFound. An auditor sees all; a clerk those of the units
involved; a focal point those that concern an item of their agency, and of those only that item's code; a
courier, who carries and does not investigate, none.

For the surfaces:
    list_incidents(uow, IncidentSearch, *, actor) -> IncidentPage
    get_incident(uow, identity, *, actor, tools) -> IncidentFile            with every step, texts opened
    list_owners(uow, *, actor) -> tuple[User, ...]                          who could be made the owner
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.access import Actor, Permission, Role, may_see
from app.domain.errors import NotFound
from app.domain.ids import ConsignmentId, UnitId, UserId
from app.domain.incident import Incident, IncidentStep, Proof, missing_proofs
from app.domain.incident_search import IncidentSearch
from app.services.incidents.incident_notes import open_text
from app.services.items.sealed_texts import OpenedText
from app.services.people.permissions import require
from app.services.shifts.blind import unseen_codes
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.repositories.incident_queries import IncidentNote, IncidentScope
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One line of a list: the incident, and those of its codes this person may know."""

    incident: Incident
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """One page of a list with the names in it; `next_before` continues it, None at the end."""

    rows: tuple[IncidentRow, ...]
    total: int
    units: dict[UnitId, Unit]
    users: dict[UserId, User]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNote:
    """One step with its text opened."""

    note: IncidentNote
    text: OpenedText


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFile:
    """Everything about one incident.

    `bags` are codes of bags, `strangers` codes that nothing here has; `sample` tells that its deadlines are
    nobody's rule.
    """

    incident: Incident
    codes: tuple[str, ...]
    bags: tuple[str, ...]
    strangers: tuple[str, ...]
    notes: tuple[ShownNote, ...]
    entries: tuple[int, ...]
    owed: tuple[Proof, ...]
    sample: bool
    units: dict[UnitId, Unit]
    users: dict[UserId, User]


def scope_of(actor: Actor) -> IncidentScope:
    """Say which incidents this person may know about, in the words of storage."""
    match actor.role:
        case Role.AUDITOR:
            return IncidentScope(everything=True)
        case Role.CLERK:
            return IncidentScope(involved_unit=actor.unit)
        case Role.FOCAL_POINT:
            return IncidentScope(involved_unit=actor.unit, party_unit=actor.unit)
        case Role.COURIER | Role.MINISTRY_READER | Role.ADMINISTRATOR:
            return IncidentScope()


def list_incidents(uow: UnitOfWork, search: IncidentSearch, *, actor: Actor) -> IncidentPage:
    """Return one page of what was asked for, within what this person may know about."""
    require(actor, Permission.VIEW_INCIDENT)
    found = uow.incidents.list(search, scope_of(actor))
    items = uow.incidents.list_items([one.id for one in found])
    hidden = unseen_codes(uow, actor)
    rows = tuple(
        IncidentRow(incident=one, codes=tuple(_visible(uow, one, items[one.id], actor, hidden=hidden)))
        for one in found
    )
    users = {user for one in found for user in (one.owner, one.opened_by) if user is not None}
    return IncidentPage(
        rows=rows,
        total=uow.incidents.count(search, scope_of(actor)),
        units=uow.units.list_by_ids({one.unit for one in found}) if found else {},
        users=uow.users.list_by_ids(users) if users else {},
        next_before=found[-1].id if len(found) == search.limit else None,
    )


def get_incident(uow: UnitOfWork, identity: int, *, actor: Actor, tools: Tools) -> IncidentFile:
    """Return one incident with all its steps; raises NotFound for every other id alike."""
    require(actor, Permission.VIEW_INCIDENT)
    incident = uow.incidents.find(identity, scope_of(actor))
    if incident is None:
        raise NotFound
    items = uow.incidents.list_items((identity,))[identity]
    notes = uow.incidents.list_notes(identity)
    shown = set(_visible(uow, incident, items, actor, hidden=unseen_codes(uow, actor)))
    bags = uow.bags.list_known([code for code in items if code in shown and items[code] is None])
    return IncidentFile(
        incident=incident,
        codes=tuple(code for code in items if code in shown and items[code] is not None),
        bags=tuple(code for code in items if code in bags),
        strangers=tuple(code for code in items if code in shown - bags and items[code] is None),
        notes=tuple(ShownNote(note=note, text=open_text(incident, note, tools.vault)) for note in notes),
        entries=uow.incidents.list_entries(identity),
        owed=missing_proofs(
            incident.kind,
            frozenset(Proof(note.word) for note in notes if note.step is IncidentStep.EVIDENCED),
        ),
        sample=any(
            table.sample for table in tools.incident_standards.tables if table.name == incident.standard
        ),
        units=uow.units.list_by_ids({incident.unit} | uow.incidents.list_units(identity)),
        users=uow.users.list_by_ids(_people(incident, notes)),
    )


def list_owners(uow: UnitOfWork, *, actor: Actor) -> tuple[User, ...]:
    """Return who could own an incident: clerks of one's own unit, and auditors, for an auditor all clerks."""
    require(actor, Permission.HANDLE_INCIDENT)
    return tuple(
        user
        for user in uow.users.list()
        if user.active
        and (
            Role(user.role) is Role.AUDITOR
            or (Role(user.role) is Role.CLERK and (actor.role is Role.AUDITOR or user.unit_id == actor.unit))
        )
    )


def _visible(
    uow: UnitOfWork,
    incident: Incident,
    items: Mapping[str, ConsignmentId | None],
    actor: Actor,
    *,
    hidden: frozenset[str],
) -> list[str]:
    """Name the codes of an incident that are for this person; a focal point learns of no other agency's.

    Whoever counts is reminded of nothing that they hold.
    """
    if actor.role is not Role.FOCAL_POINT:
        return [code for code in items if code not in hidden]
    theirs = {
        str(item.code)
        for item in uow.consignments.list_by_codes(items)
        if may_see(item, actor, was_custodian=False)
    }
    own = incident.unit == actor.unit
    return [code for code, item in items.items() if code in theirs or (item is None and own)]


def _people(incident: Incident, notes: tuple[IncidentNote, ...]) -> set[UserId]:
    found = {note.by for note in notes} | {incident.owner, incident.resolved_by, incident.closed_by}
    found |= {UserId(int(note.word)) for note in notes if note.step is IncidentStep.ASSIGNED}
    return {user for user in found if user is not None}
