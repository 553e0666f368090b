"""Show musters: to whoever opened them, to the people they concern, to the auditor, and to nobody else.

Neither the frozen list nor how long it is, nor anything scanned, is told before the closing. Whoever counts
at this moment is told of no earlier muster either.

For the surfaces (raise NotPermitted, NotFound):
    show(uow, code, *, actor) -> MusterPage
    list_musters(uow, *, actor, page) -> MusterList
    list_owed(uow, *, actor) -> tuple[Muster, ...]       into which this person has yet to count
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.access import Actor, Permission, Role
from app.domain.errors import NotFound
from app.domain.ids import UnitId, UserId
from app.domain.muster import Counter, Muster, MusterFinding
from app.services.people.permissions import require
from app.services.shifts.blind import is_counting, owed_musters
from app.storage.records import Unit, User
from app.storage.repositories.musters import MusterEntry
from app.storage.uow import UnitOfWork

PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterPage:
    """One muster with its people and entries; `lines` is None until it is closed, and of a withdrawn one.

    `scanned` is how many codes were scanned so far, told to the opener alone. `is_hidden`: the reader counts,
    so that `lines` is None though it is closed.
    """

    muster: Muster
    unit: Unit
    people: Mapping[UserId, User]
    counters: tuple[Counter, ...]
    entries: tuple[MusterEntry, ...]
    scanned: int
    lines: Mapping[str, MusterFinding] | None
    owes: bool
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterList:
    """A page of musters, open ones first, with their people and places.

    `is_hidden`: the reader counts, so that nobody may tell them the figures of a muster.
    """

    musters: tuple[Muster, ...]
    people: Mapping[UserId, User]
    units: Mapping[UnitId, Unit]
    page: int
    has_more: bool
    is_hidden: bool


def show(uow: UnitOfWork, code: str, *, actor: Actor) -> MusterPage:
    """Return a muster; what was expected and found only when it is closed."""
    require(actor, Permission.VIEW_MUSTER)
    with uow.snapshot():
        muster = uow.musters.find(code[:64])
        if muster is None or not _may_see(muster, actor):
            raise NotFound
        counters = uow.musters.list_counters(muster.id)
        entries = uow.musters.list_entries(muster.id)
        users = {entry.user for entry in entries} | {counter.user for counter in counters}
        is_closed, is_hidden = muster.closed_at is not None, is_counting(uow, actor)
        scanned = is_closed or (muster.is_open and muster.opened_by == actor.user)
        return MusterPage(
            muster=muster,
            unit=uow.units.get(muster.unit),
            people=uow.users.list_by_ids(users | _people_of((muster,))),
            counters=counters,
            entries=entries,
            scanned=uow.musters.count_lines(muster.id, "counted") if scanned and not is_hidden else 0,
            lines=uow.musters.list_result(muster.id) if is_closed and not is_hidden else None,
            is_hidden=is_hidden,
            owes=any(one.id == muster.id for one in owed_musters(uow, actor)),
        )


def list_musters(uow: UnitOfWork, *, actor: Actor, page: int = 1) -> MusterList:
    """Return the musters a person may see: those that concern them, their office's, or all."""
    require(actor, Permission.VIEW_MUSTER)
    found = uow.musters.list_page(
        unit=None if actor.role is Role.AUDITOR else actor.unit,
        user=actor.user if actor.role is Role.COURIER else None,
        after=(page - 1) * PER_PAGE,
        limit=PER_PAGE + 1,
    )
    shown = found[:PER_PAGE]
    return MusterList(
        musters=shown,
        people=uow.users.list_by_ids(_people_of(shown)) if shown else {},
        units=uow.units.list_by_ids({muster.unit for muster in shown}) if shown else {},
        page=page,
        has_more=len(found) > PER_PAGE,
        is_hidden=is_counting(uow, actor),
    )


def list_owed(uow: UnitOfWork, *, actor: Actor) -> tuple[Muster, ...]:
    """Return the open musters into which this person has yet to count."""
    require(actor, Permission.VIEW_MUSTER)
    return owed_musters(uow, actor)


def _may_see(muster: Muster, actor: Actor) -> bool:
    if actor.role is Role.AUDITOR:
        return True
    return muster.unit == actor.unit and (actor.role is Role.CLERK or muster.concerns(actor.user, actor.unit))


def _people_of(musters: Iterable[Muster]) -> set[UserId]:
    return {
        user
        for muster in musters
        for user in (
            muster.user,
            muster.opened_by,
            muster.partner,
            None if muster.withdrawal is None else muster.withdrawal.by,
        )
        if user is not None
    }
