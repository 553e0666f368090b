"""Looks up who hands in at a counter: their agency, their letter, and that they agreed to this very list.

Their agreement is a ticket, like a witness's (:mod:`app.services.scans.presence`): they type their own
password at the clerk's station, and the ticket names the digest of the lines. A list of other lines has no
ticket.

For the scan:
    find_giver(uow, scan, *, now, said) -> HandGiver | None
    giver_facts(giver, asked, accepted) -> the facts of the entry
For the surfaces (raise NotPermitted, NotFound):
    look_at(uow, code, unit, *, actor, now, tools) -> Brought       one code at the clerk's station
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor, Permission, Role
from app.domain.consignment import State
from app.domain.decision import HandGiver
from app.domain.errors import NotFound
from app.domain.handover_policy import Demand
from app.domain.ids import ConsignmentCode, UnitId, UserId
from app.domain.validity import Validity
from app.services.people.authorities import find_backing
from app.services.people.permissions import require
from app.services.people.sessions import actor_of
from app.services.scans.policies import find_in_force
from app.services.scans.presence import use_ticket
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.evidence import Take, named_code
from crypto.canonical import JsonValue
from crypto.digest import sha256_hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What the clerk's station asks for before anything is signed; `demands` by the policy in force."""

    sealed: bool
    demands: frozenset[Demand]


def list_digest(unit: str, lines: Iterable[tuple[str, str]]) -> str:
    """Return what a giver agrees to: the agency, and of each code as read whether it is accepted."""
    said = sorted(f"{named_code(code)} {verdict}" for code, verdict in lines)
    return sha256_hex("\n".join((unit, *said)).encode())


def find_giver(uow: UnitOfWork, scan: Take, *, now: datetime, said: Entry | None = None) -> HandGiver | None:
    """Return whom a take names as giver; the ticket is used up by asking.

    `said` is the entry that is done again: that they were there is what it says.
    """
    if scan.giver is None:
        return None
    named = UserId(scan.giver.user)
    user, unit = uow.users.find(named), uow.units.find_by_code(scan.giver.unit)
    if said is None:
        digest = list_digest(scan.giver.unit, ((line.code, line.verdict.value) for line in scan.lines))
        present = use_ticket(uow, scan.nonce, digest, pair=(UserId(scan.actor), named), now=now)
    else:
        present = "giver" in said.facts
    if user is None or unit is None:
        return HandGiver(user=named, unit=UnitId(0), fits=False, present=present)
    person = actor_of(user)
    fits = person.active and person.role is Role.FOCAL_POINT and person.unit == unit.id
    return HandGiver(
        user=named,
        unit=person.unit,
        fits=fits,
        present=present,
        backing=find_backing(uow, person, now=now),
    )


def giver_facts(
    giver: HandGiver | None, asked: Collection[str], accepted: Collection[str]
) -> Mapping[str, JsonValue]:
    """Return the facts that say who gave, and by which letter where an accepted line asked for one."""
    if giver is None or not giver.present:
        return {}
    facts: dict[str, JsonValue] = {"giver": int(giver.user)}
    paper = giver.backing.paper if giver.backing.standing is Validity.VALID else None
    if paper is not None and not frozenset(asked).isdisjoint(accepted):
        facts |= {"giver_authority": paper.id, "giver_authority_number": paper.number}
    return facts


def look_at(
    uow: UnitOfWork,
    code: ConsignmentCode,
    untrusted_unit: str,
    *,
    actor: Actor,
    now: datetime,
    tools: Tools | None = None,
) -> Brought:
    """Return an item that an agency brings to the counter; raises NotFound for what it did not register.

    A clerk has no part in the item yet, so nothing is said but what they must do to take it; whoever keeps
    no counter is told nothing.
    """
    del tools
    require(actor, Permission.SCAN)
    if actor.role is not Role.CLERK:
        raise NotFound
    unit = uow.units.find_by_code(untrusted_unit[:32])
    item = uow.consignments.find(code)
    if unit is None or item is None or item.sender_unit != unit.id or item.state is not State.REGISTERED:
        raise NotFound
    return Brought(sealed=item.seal != "", demands=find_in_force(uow, now).demands[item.grade.secrecy])
