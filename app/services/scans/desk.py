"""What lies on one person's desk at the scan station: held by them, waiting for them, offered by them.

Items and closed bags alike, because one list hands over both; what is in a bag is told to nobody here.

Only looks, so that the station can answer a scan before the network does; whether a scan is allowed is
decided when it arrives. Never shows a sealed field, and of a recorded seal only that there is one: the
taker reads the number off the item.

For the surfaces:
    read_desk(uow, place, *, actor, now, tools) -> Desk      `place`: a unit's code, where they stand
    list_takers(uow, unit_code, *, actor, now, tools) -> tuple[Taker, ...]     whom an offer may name
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.access import POST, Actor, Permission, Role, may
from app.domain.bag import Bag, BagState
from app.domain.consignment import Consignment, State
from app.domain.decision import Refusal
from app.domain.grades import Secrecy
from app.domain.handover_policy import Demand
from app.domain.ids import UnitId, UserId
from app.domain.taking import find_doubt
from app.services.bags.bag_access import bags_seen_by
from app.services.people.access import seen_by
from app.services.people.authorities import backings
from app.services.people.permissions import require
from app.services.people.sessions import actor_of
from app.services.people.units import find_open_unit
from app.services.scans.demands import ask_of
from app.services.scans.policies import find_in_force
from app.services.shifts.section_notices import SectionNotice, notices_of
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.repositories.bag_search import BagSearch
from app.storage.repositories.consignment_queries import Search
from app.storage.uow import UnitOfWork

MOST_ITEMS = 500
_OPEN = (State.REGISTERED, State.IN_CUSTODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Items newest first, at most `MOST_ITEMS` of each kind, and every unit and person that they name.

    `held` answers to this person, offered or not; `incoming` waits for them; `outgoing` is offered by them.
    `demands` is what the policy in force asks of whoever takes what is incoming, by code. `closed` are the
    closed sections among the own unit, where the person stands, and where something waits.
    """

    held: tuple[Consignment | Bag, ...]
    incoming: tuple[Consignment | Bag, ...]
    outgoing: tuple[Consignment | Bag, ...]
    units: dict[UnitId, Unit]
    users: dict[UserId, User]
    demands: dict[str, frozenset[Demand]]
    closed: tuple[SectionNotice, ...] = ()


def read_desk(
    uow: UnitOfWork, untrusted_place: str = "", *, actor: Actor, now: datetime, tools: Tools | None = None
) -> Desk:
    """Return the desk of the person who asks."""
    del tools
    require(actor, Permission.SCAN)
    held: tuple[Consignment | Bag, ...] = (
        *_list(uow, Search(custodian=actor.user, states=_OPEN, limit=MOST_ITEMS), actor),
        *_list_bags(uow, BagSearch(holder=actor.user, limit=MOST_ITEMS), actor),
    )
    whom = (actor.user, actor.unit)
    waiting: tuple[Consignment | Bag, ...] = (
        *_list(uow, Search(offered_to=whom, is_offered=True, limit=MOST_ITEMS), actor),
        *_list_bags(uow, BagSearch(offered_to=whom, limit=MOST_ITEMS), actor),
    )
    incoming = tuple(one for one in waiting if one.offer and one.offer.by != actor.user)
    items = (*held, *incoming)
    units = {unit for item in items for unit in _units(item)}
    users = {item.offer.by for item in items if item.offer} | {
        item.offer.to_user for item in items if item.offer and item.offer.to_user
    }
    return Desk(
        held=held,
        incoming=incoming,
        outgoing=tuple(item for item in held if item.offer and item.offer.by == actor.user),
        units=uow.units.list_by_ids(units) if units else {},
        users=uow.users.list_by_ids(users) if users else {},
        demands=ask_of(uow, incoming, now) if incoming else {},
        closed=_closed(uow, items, untrusted_place, actor),
    )


def _closed(
    uow: UnitOfWork, items: tuple[Consignment | Bag, ...], untrusted_place: str, actor: Actor
) -> tuple[SectionNotice, ...]:
    stands = find_open_unit(uow, untrusted_place[:16]) if untrusted_place else None
    places = {actor.unit, *(item.offer.place for item in items if item.offer)}
    return notices_of(uow, uow.sections.list_standing(places if stands is None else places | {stands}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """Somebody an offer may name; `doubt` is why a take that asks for a card would be refused now."""

    user: User
    doubt: Refusal | None


def list_takers(
    uow: UnitOfWork, untrusted_unit: str, *, actor: Actor, now: datetime, tools: Tools | None = None
) -> tuple[Taker, ...]:
    """Return whom a transfer may name: the post's people, or a colleague of one's own unit.

    An agency's focal points are nobody else's to list. Whoever holds nothing has nothing to hand over and is
    told no names; an unknown unit has nobody. A card that has expired is told to the giver before, and by
    the rules at the take.
    """
    del tools
    require(actor, Permission.SCAN)
    unit = find_open_unit(uow, untrusted_unit)
    if unit is None or not _holds_something(uow, actor):
        return ()
    takers = POST | {Role.FOCAL_POINT} if unit == actor.unit else POST
    people = tuple(
        user
        for user in uow.users.list(unit=unit)
        if user.active and Role(user.role) in takers and user.id != actor.user
    )
    policy = find_in_force(uow, now)
    asked = any(policy.asks(Demand.AUTHORITY, secrecy) for secrecy in Secrecy)
    carriers = tuple(actor_of(user) for user in people if Role(user.role) in POST)
    stands = backings(uow, carriers, now=now) if asked else {}
    return tuple(
        Taker(user=user, doubt=find_doubt(stands[user.id]) if user.id in stands else None) for user in people
    )


def _list(uow: UnitOfWork, search: Search, actor: Actor) -> tuple[Consignment, ...]:
    return tuple(row.consignment for row in uow.consignments.list(search, seen_by(uow, actor)))


def _list_bags(uow: UnitOfWork, search: BagSearch, actor: Actor) -> tuple[Bag, ...]:
    """Return the bags that move as one thing: closed, and in no other bag."""
    if not may(actor.role, Permission.HANDLE_BAG):
        return ()
    moving = replace(search, states=(BagState.CLOSED,), is_nested=False)
    return uow.bags.list(moving, bags_seen_by(uow, actor))


def _holds_something(uow: UnitOfWork, actor: Actor) -> bool:
    items = _list(uow, Search(custodian=actor.user, states=_OPEN, limit=1), actor)
    return bool(items or _list_bags(uow, BagSearch(holder=actor.user, limit=1), actor))


def _units(item: Consignment | Bag) -> set[UnitId]:
    if isinstance(item, Bag):
        named = {item.origin, item.destination}
    else:
        named = {item.sender_unit, item.recipient_unit}
    return named | ({item.offer.to_unit, item.offer.place} if item.offer is not None else set())
