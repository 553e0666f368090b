"""Show legs: to who travels, to the clerks of both ends, to the auditor; nobody else learns of one.

What is aboard, and how much, is not shown to whoever counts at this moment.

For the surfaces (raise NotPermitted, NotFound):
    show(uow, code, *, actor, now) -> LegPage
    list_legs(uow, queue, *, actor, now, before) -> LegList
    count_queues(uow, *, actor, now) -> dict[LegQueue, int]
    list_choices(uow, *, actor) -> Choices                          what a plan may choose from
    list_of_thing(uow, code, *, actor) -> tuple[LegOnWay, ...]       for whoever may see the thing
    list_vehicles(uow, *, actor) -> tuple[Vehicle, ...]
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.access import POST, Actor, Permission, Role, may
from app.domain.bag import Bag
from app.domain.errors import NotFound
from app.domain.ids import UnitId, UserId
from app.domain.leg import Leg, LegFate, LegState, Vehicle, may_see_leg
from app.domain.register import VIETNAM
from app.services.people.permissions import require
from app.services.shifts.blind import is_counting, unseen_codes
from app.storage.records import Unit, User
from app.storage.repositories.leg_queries import LegEntry, LegSearch
from app.storage.uow import UnitOfWork

PAGE: Final = 50


class LegQueue(StrEnum):
    """The work lists of legs."""

    TODAY = "today"
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    OVERDUE = "overdue"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPage:
    """One leg with what it carries; `fates` says what became of it once the leg is over.

    `with_courier` is what of it the courier answers for now, `bags` what is a bag. `is_hidden`: the reader
    counts, so that nothing of that is told.
    """

    leg: Leg
    aboard: tuple[str, ...]
    with_courier: frozenset[str]
    bags: frozenset[str]
    fates: Mapping[str, LegFate]
    vehicle: Vehicle
    entries: tuple[LegEntry, ...]
    units: Mapping[UnitId, Unit]
    people: Mapping[UserId, User]
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LegList:
    """One page of legs, newest first, with the names in it; `next_before` continues it.

    `loads` is None while the reader counts.
    """

    rows: tuple[Leg, ...]
    loads: Mapping[int, int] | None
    units: Mapping[UnitId, Unit]
    people: Mapping[UserId, User]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the clerks of an office may plan with: its couriers, who may go along, vehicles, closed bags."""

    couriers: tuple[User, ...]
    escorts: tuple[User, ...]
    vehicles: tuple[Vehicle, ...]
    bags: tuple[Bag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegOnWay:
    """A leg on the page of an item or bag; `with_whom` is False for whoever must not know who drives."""

    leg: Leg
    origin: Unit
    destination: Unit
    courier: User
    escort: User | None
    with_whom: bool


def show(uow: UnitOfWork, code: str, *, actor: Actor, now: datetime | None = None) -> LegPage:
    """Return a leg this person may know about."""
    del now
    require(actor, Permission.VIEW_LEG)
    with uow.snapshot():
        leg = uow.legs.find(code[:64])
        if leg is None or not may_see_leg(leg, actor):
            raise NotFound
        vehicle = uow.legs.find_vehicle(leg.vehicle)
        if vehicle is None:
            raise NotFound
        is_hidden = is_counting(uow, actor)
        aboard = () if is_hidden else tuple(sorted(uow.legs.list_lines(leg.id)))
        return LegPage(
            leg=leg,
            aboard=aboard,
            with_courier=uow.legs.list_with(leg.courier, aboard) if aboard else frozenset(),
            bags=frozenset(uow.bags.list_custody(aboard)) if aboard else frozenset(),
            fates={} if is_hidden else uow.legs.list_fates(leg.id),
            vehicle=vehicle,
            entries=uow.legs.list_entries(leg.id),
            units=uow.units.list_by_ids({leg.origin, leg.destination}),
            people=uow.users.list_by_ids(_people_of((leg,))),
            is_hidden=is_hidden,
        )


def list_legs(
    uow: UnitOfWork, queue: LegQueue | None, *, actor: Actor, now: datetime, before: int | None = None
) -> LegList:
    """Return one page of a queue (None: of every leg in sight), newest first."""
    require(actor, Permission.VIEW_LEG)
    asked = replace(_search(queue, actor, now), before_id=before, limit=PAGE + 1)
    found = uow.legs.list_page(asked)
    rows = found[:PAGE]
    units = {unit for leg in rows for unit in (leg.origin, leg.destination)}
    return LegList(
        rows=rows,
        loads=None if is_counting(uow, actor) else uow.legs.count_lines([leg.id for leg in rows]),
        units=uow.units.list_by_ids(units) if units else {},
        people=uow.users.list_by_ids(_people_of(rows)) if rows else {},
        next_before=rows[-1].id if len(found) > PAGE else None,
    )


def count_queues(uow: UnitOfWork, *, actor: Actor, now: datetime) -> dict[LegQueue, int]:
    """Count what waits in each queue of this person."""
    require(actor, Permission.VIEW_LEG)
    return {queue: uow.legs.count(_search(queue, actor, now)) for queue in LegQueue}


def list_choices(uow: UnitOfWork, *, actor: Actor, now: datetime | None = None) -> Choices:
    """Return what the form of a plan offers."""
    del now
    require(actor, Permission.PLAN_LEG)
    hidden = unseen_codes(uow, actor)
    colleagues = [user for user in uow.users.list(unit=actor.unit) if user.active and Role(user.role) in POST]
    return Choices(
        couriers=tuple(user for user in colleagues if Role(user.role) is Role.COURIER),
        escorts=tuple(colleagues),
        vehicles=tuple(one for one in uow.legs.list_vehicles(actor.unit) if one.retired_at is None),
        bags=tuple(bag for bag in uow.legs.list_loose_bags(actor.unit) if bag.code not in hidden),
    )


def list_of_thing(
    uow: UnitOfWork, code: str, *, actor: Actor, now: datetime | None = None
) -> tuple[LegOnWay, ...]:
    """Return the legs of an item or bag that the caller has found to be visible to this person."""
    del now
    found = uow.legs.list_of(code)
    if not found:
        return ()
    units = uow.units.list_by_ids({unit for leg in found for unit in (leg.origin, leg.destination)})
    people = uow.users.list_by_ids(_people_of(found))
    return tuple(
        LegOnWay(
            leg=leg,
            origin=units[leg.origin],
            destination=units[leg.destination],
            courier=people[leg.courier],
            escort=None if leg.escort is None else people[leg.escort],
            with_whom=may(actor.role, Permission.VIEW_LEG),
        )
        for leg in found
    )


def list_vehicles(uow: UnitOfWork, *, actor: Actor, now: datetime | None = None) -> tuple[Vehicle, ...]:
    """Return the vehicles of one's own office, for an auditor of all."""
    del now
    require(actor, Permission.VIEW_LEG)
    return uow.legs.list_vehicles(actor.unit if actor.role in POST else None)


def _search(queue: LegQueue | None, actor: Actor, now: datetime) -> LegSearch:
    mine = LegSearch(
        office=actor.unit if actor.role is Role.CLERK else None,
        person=actor.user if actor.role is Role.COURIER else None,
    )
    match queue:
        case None:
            return mine
        case LegQueue.TODAY:
            return replace(mine, planned_between=_day_of(now))
        case LegQueue.PLANNED:
            return replace(mine, states=(LegState.PLANNED,))
        case LegQueue.UNDER_WAY:
            return replace(mine, states=(LegState.DEPARTED,))
        case LegQueue.OVERDUE:
            return replace(mine, overdue_at=now)
        case LegQueue.KEPT:
            return replace(mine, has_kept=True)


def _day_of(now: datetime) -> tuple[datetime, datetime]:
    """Return the day in Vietnam that this moment is in."""
    first = now.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)
    return first, first + timedelta(days=1)


def _people_of(legs: tuple[Leg, ...]) -> set[UserId]:
    people = {person for leg in legs for person in (leg.courier, leg.planned_by)}
    return people | {leg.escort for leg in legs if leg.escort is not None}
