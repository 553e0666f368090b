"""Show the register of pouches: an office its own and what lies with it, the auditor everything.

How many pouches travel tells how many bags an office holds, so whoever counts is not shown the balance.

For the surfaces (raise NotPermitted, NotFound, Conflict while the caller counts):
    list_balances(uow, *, actor, now, tools) -> BalanceSheet
    list_pouches(uow, queue, *, actor, now, tools, after) -> PouchPage
    count_queues(uow, *, actor, now, tools) -> dict[PouchQueue, int]
    show(uow, asset, *, actor) -> PouchFile
    list_lists(uow, *, actor, open_only, before) -> ListsPage
    count_coming(uow, *, actor) -> int                                  returns that wait for our answer
    show_list(uow, code, *, actor) -> ListFile
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.domain import pouch as rules
from app.domain.access import Actor, Permission, Role
from app.domain.bag import Bag
from app.domain.errors import NotFound
from app.domain.ids import UnitId, UserId
from app.domain.pouch import Balance, PouchList, PouchState
from app.services.people.permissions import require
from app.services.shifts.blind import check_not_counting, unseen_holder
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.repositories.pouch_queries import ListEntry, Placed, PouchSearch
from app.storage.uow import UnitOfWork

PAGE: Final = 50
_FEW: Final = 20
_ALIVE: Final = (PouchState.HELD, PouchState.SENT)


class PouchQueue(StrEnum):
    """The lists of an office's pouches."""

    EMPTY = "empty"
    IN_USE = "in_use"
    OUT = "out"
    OF_OTHERS = "of_others"
    OVERDUE = "overdue"
    MISSING = "missing"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeBalance:
    """One office with its balance."""

    unit: Unit
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceSheet:
    """One's own balance, or every office's; `is_sample` says that nobody published the days."""

    rows: tuple[OfficeBalance, ...]
    return_days: int
    is_sample: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PouchPage:
    """One page of pouches in the order of their numbers; `next_after` continues it."""

    rows: tuple[Placed, ...]
    units: Mapping[UnitId, Unit]
    old_at: datetime
    next_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PouchFile:
    """One pouch, its latest trips and returns, newest first, and what this person may do about it."""

    placed: Placed
    trips: tuple[Bag, ...]
    lists: tuple[PouchList, ...]
    units: Mapping[UnitId, Unit]
    people: Mapping[UserId, User]
    may_retire: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsPage:
    """One page of returns, newest first; `next_before` continues it."""

    rows: tuple[PouchList, ...]
    loads: Mapping[int, int]
    units: Mapping[UnitId, Unit]
    people: Mapping[UserId, User]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """One return with its lines and entries; its receiver may answer it, its sender may cancel it."""

    list: PouchList
    lines: Mapping[str, frozenset[str]]
    entries: tuple[ListEntry, ...]
    units: Mapping[UnitId, Unit]
    people: Mapping[UserId, User]
    may_answer: bool
    may_cancel: bool


def list_balances(uow: UnitOfWork, *, actor: Actor, now: datetime, tools: Tools) -> BalanceSheet:
    """Add up the pouches of one's own office, or for the auditor of every office."""
    require(actor, Permission.VIEW_POUCH)
    check_not_counting(uow, actor)
    standard, office = tools.incident_standards.at(now), _office(actor)
    found = rules.balances(uow.pouches.list_tallies(office, old_at=now - standard.pouch_return))
    wanted = set(found) if office is None else {office}
    units = uow.units.list_by_ids(wanted) if wanted else {}
    rows = [OfficeBalance(unit=unit, balance=found.get(unit.id, Balance())) for unit in units.values()]
    return BalanceSheet(
        rows=tuple(sorted(rows, key=lambda row: row.unit.code)),
        return_days=standard.pouch_return.days,
        is_sample=standard.sample,
    )


def list_pouches(
    uow: UnitOfWork,
    queue: PouchQueue | None,
    *,
    actor: Actor,
    now: datetime,
    tools: Tools,
    after: str = "",
) -> PouchPage:
    """Return one page of one queue, or of all that the office owns or has."""
    require(actor, Permission.VIEW_POUCH)
    old_at = now - tools.incident_standards.at(now).pouch_return
    search = replace(_search(queue, _seen_by(uow, actor), old_at), after=after[:32], limit=PAGE + 1)
    found = uow.pouches.list_page(search)
    rows = found[:PAGE]
    units = {unit for one in rows for unit in (one.pouch.owner, one.pouch.holder, one.place)}
    return PouchPage(
        rows=rows,
        units=uow.units.list_by_ids(units) if units else {},
        old_at=old_at,
        next_after=rows[-1].pouch.asset if len(found) > PAGE else "",
    )


def count_queues(uow: UnitOfWork, *, actor: Actor, now: datetime, tools: Tools) -> dict[PouchQueue, int]:
    """Count every queue."""
    require(actor, Permission.VIEW_POUCH)
    old_at = now - tools.incident_standards.at(now).pouch_return
    seen = _seen_by(uow, actor)
    return {queue: uow.pouches.count(_search(queue, seen, old_at)) for queue in PouchQueue}


def show(uow: UnitOfWork, asset: str, *, actor: Actor) -> PouchFile:
    """Return a pouch that one's own office owns, has or has had in a return."""
    require(actor, Permission.VIEW_POUCH)
    check_not_counting(uow, actor)
    with uow.snapshot():
        placed = uow.pouches.find(asset[:32])
        office = _office(actor)
        if placed is None:
            raise NotFound
        pouch = placed.pouch
        lists = uow.pouches.list_lists(office, asset=pouch.asset, limit=_FEW)
        if office not in {None, pouch.owner, pouch.holder, placed.place} and not lists:
            raise NotFound
        trips = tuple(
            bag
            for bag in uow.pouches.list_trips(pouch.asset)
            if office is None or office in {bag.origin, bag.destination, pouch.owner}
        )
        named = {pouch.owner, pouch.holder, placed.place}
        named |= {unit for bag in trips for unit in (bag.origin, bag.destination)}
        return PouchFile(
            placed=placed,
            trips=trips,
            lists=lists,
            units=uow.units.list_by_ids(named | _ends(lists)),
            people=_people(uow, lists, () if pouch.proposal is None else (pouch.proposal.by,)),
            may_retire=rules.may_retire(pouch, actor),
        )


def list_lists(
    uow: UnitOfWork, *, actor: Actor, open_only: bool = False, before: int | None = None
) -> ListsPage:
    """Return one page of the returns that one's own office sent or gets."""
    require(actor, Permission.VIEW_POUCH)
    found = uow.pouches.list_lists(_office(actor), open_only=open_only, before_id=before, limit=PAGE + 1)
    rows = found[:PAGE]
    return ListsPage(
        rows=rows,
        loads=uow.pouches.count_lines({one.id for one in rows}),
        units=uow.units.list_by_ids(_ends(rows)) if rows else {},
        people=_people(uow, rows),
        next_before=rows[-1].id if len(found) > PAGE else None,
    )


def count_coming(uow: UnitOfWork, *, actor: Actor) -> int:
    """Count the returns that wait for the answer of one's own office."""
    require(actor, Permission.VIEW_POUCH)
    return uow.pouches.count_coming(actor.unit)


def show_list(uow: UnitOfWork, code: str, *, actor: Actor) -> ListFile:
    """Return a return of one's own office, of either side."""
    require(actor, Permission.VIEW_POUCH)
    with uow.snapshot():
        found = uow.pouches.find_list(code[:64])
        if found is None or _office(actor) not in {None, found.sender, found.receiver}:
            raise NotFound
        handles = actor.role is Role.CLERK and actor.unit == found.receiver
        return ListFile(
            list=found,
            lines=uow.pouches.list_lines(found.id),
            entries=uow.pouches.list_entries(found.id),
            units=uow.units.list_by_ids({found.sender, found.receiver}),
            people=_people(uow, (found,)),
            may_answer=handles and found.is_open,
            may_cancel=actor.role is Role.CLERK and actor.unit == found.sender and found.is_open,
        )


def _office(actor: Actor) -> UnitId | None:
    """Return whose pouches this person sees; None: everybody's."""
    return None if actor.role is Role.AUDITOR else actor.unit


def _seen_by(uow: UnitOfWork, actor: Actor) -> PouchSearch:
    """Say which pouches a list shows this person now: one on a trip names its bag, which may be counted."""
    return PouchSearch(office=_office(actor), unseen_holder=unseen_holder(uow, actor))


def _search(queue: PouchQueue | None, either: PouchSearch, old_at: datetime) -> PouchSearch:
    here = replace(either, office=None, place=either.office)
    ours = replace(either, office=None, owner=either.office)
    return {
        None: either,
        PouchQueue.EMPTY: replace(here, states=(PouchState.HELD,), in_use=False),
        PouchQueue.IN_USE: replace(here, in_use=True),
        PouchQueue.OUT: replace(ours, foreign=True, states=_ALIVE),
        PouchQueue.OF_OTHERS: replace(here, foreign=True, states=_ALIVE),
        PouchQueue.OVERDUE: replace(here, foreign=True, states=_ALIVE, in_use=False, old_at=old_at),
        PouchQueue.MISSING: replace(either, states=(PouchState.MISSING,)),
        PouchQueue.PROPOSED: replace(either, proposed=True),
    }[queue]


def _ends(lists: tuple[PouchList, ...]) -> set[UnitId]:
    return {unit for one in lists for unit in (one.sender, one.receiver)}


def _people(
    uow: UnitOfWork, lists: tuple[PouchList, ...], more: tuple[UserId, ...] = ()
) -> Mapping[UserId, User]:
    named = {*more, *(one.sent_by for one in lists)}
    named |= {one.received_by for one in lists if one.received_by is not None}
    named |= {one.cancelled_by for one in lists if one.cancelled_by is not None}
    return uow.users.list_by_ids(named) if named else {}
