"""What lies on one person's desk at the scan station: held by them, waiting for them, offered by them.

Only looks, so that the station can answer a scan before the network does; whether a scan is allowed is
decided when it arrives. Never shows a sealed field, and of a recorded seal only that there is one: the
taker reads the number off the item.

For the surfaces:
    read_desk(uow, *, actor, now, tools) -> Desk
    list_takers(uow, unit_code, *, actor, now, tools) -> tuple[User, ...]      whom an offer may name
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.access import POST, Actor, Permission, Role
from app.domain.consignment import Consignment, State
from app.domain.ids import UnitId, UserId
from app.services.access import visibility_of
from app.services.permissions import require
from app.services.tools import Tools
from app.services.units import find_open_unit
from app.storage.records import Unit, User
from app.storage.repositories.consignment_queries import Search
from app.storage.uow import UnitOfWork

MOST_ITEMS = 500
_OPEN = (State.REGISTERED, State.IN_CUSTODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Items newest first, at most `MOST_ITEMS` of each kind, and every unit and person that they name.

    `held` answers to this person, offered or not; `incoming` waits for them; `outgoing` is offered by them.
    """

    held: tuple[Consignment, ...]
    incoming: tuple[Consignment, ...]
    outgoing: tuple[Consignment, ...]
    units: dict[UnitId, Unit]
    users: dict[UserId, User]


def read_desk(
    uow: UnitOfWork, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> Desk:
    """Return the desk of the person who asks."""
    del now, tools
    require(actor, Permission.SCAN)
    held = _list(uow, Search(custodian=actor.user, states=_OPEN, limit=MOST_ITEMS), actor)
    waiting = Search(offered_to=(actor.user, actor.unit), is_offered=True, limit=MOST_ITEMS)
    incoming = tuple(
        item for item in _list(uow, waiting, actor) if item.offer and item.offer.by != actor.user
    )
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
    )


def list_takers(
    uow: UnitOfWork,
    untrusted_unit: str,
    *,
    actor: Actor,
    now: datetime | None = None,
    tools: Tools | None = None,
) -> tuple[User, ...]:
    """Return whom a transfer may name: the post's people, or a colleague of one's own unit.

    An agency's focal points are nobody else's to list. Whoever holds nothing has nothing to hand over and is
    told no names; an unknown unit has nobody.
    """
    del now, tools
    require(actor, Permission.SCAN)
    unit = find_open_unit(uow, untrusted_unit)
    if unit is None or not _list(uow, Search(custodian=actor.user, states=_OPEN, limit=1), actor):
        return ()
    takers = POST | {Role.FOCAL_POINT} if unit == actor.unit else POST
    return tuple(
        user
        for user in uow.users.list(unit=unit)
        if user.active and Role(user.role) in takers and user.id != actor.user
    )


def _list(uow: UnitOfWork, search: Search, actor: Actor) -> tuple[Consignment, ...]:
    return tuple(row.consignment for row in uow.consignments.list(search, visibility_of(actor)))


def _units(item: Consignment) -> set[UnitId]:
    named = {item.sender_unit, item.recipient_unit}
    return named | ({item.offer.to_unit, item.offer.place} if item.offer is not None else set())
