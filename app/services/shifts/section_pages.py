"""Show closed sections: who closed which, why, until when, and what waits for somebody to come back.

The fact that a section is closed is for everybody who comes to its counter. What lies in the safe is for the
auditor; a clerk of the office is told how much it is, and of the codes the own ones. Whoever is counting is
told neither. Reads only.

For the surfaces (raise NotPermitted, NotFound):
    list_sections(uow, *, actor, now, before) -> SectionList
    get_section(uow, code, *, actor, now) -> SectionPage
    prepare_closing(uow, *, actor) -> ClosingForm            what the form of a closing offers
    count_overdue(uow, *, actor, now) -> int                 for the first page
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor, Permission, Role
from app.domain.access_key import AccessKey, AccessKeyKind
from app.domain.errors import NotFound
from app.domain.ids import UnitId, UserId
from app.domain.section import Closing, SectionState, astray
from app.services.people.permissions import require
from app.services.people.units import UnitKind
from app.services.shifts import sections
from app.services.shifts.blind import is_counting
from app.services.shifts.section_notices import SectionNotice, notices_of
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork

PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionList:
    """What is closed now, the first to come back first, and what is over; `older` is where to go on."""

    standing: tuple[SectionNotice, ...]
    ended: tuple[SectionNotice, ...]
    people: Mapping[UserId, User]
    mine: SectionNotice | None
    older: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPage:
    """One closing. What lies in the safe is None where the reader is not told, or is counting.

    `things` is how many were locked away, `codes` those of them that the reader may know, `astray` how many
    came into the section's hands since, by scans that were signed before and arrived after.
    `waiting` is how many others have offered at the counter meanwhile.
    """

    notice: SectionNotice
    state: SectionState
    people: Mapping[UserId, User]
    safe: AccessKey | None
    things: int | None
    codes: tuple[str, ...]
    astray: int | None
    waiting: int | None
    may_reopen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingForm:
    """What the form offers: safes of the office, open offices to go to; how much is left in hand, and waits.

    `things` is None for whoever is counting.
    """

    safes: tuple[AccessKey, ...]
    others: tuple[Unit, ...]
    things: int | None
    waiting: int


def list_sections(uow: UnitOfWork, *, actor: Actor, now: datetime, before: int | None = None) -> SectionList:
    """Return what is closed now, and of the own office, or to an auditor of all, what is over."""
    del now
    require(actor, Permission.VIEW_SECTION)
    standing = notices_of(uow, uow.sections.list_standing())
    found: tuple[Closing, ...] = ()
    if actor.role in {Role.CLERK, Role.AUDITOR}:
        unit = actor.unit if actor.role is Role.CLERK else None
        found = uow.sections.list_ended(unit, before=before, limit=PER_PAGE + 1)
    ended = notices_of(uow, found[:PER_PAGE])
    mine = next((one for one in standing if one.closing.unit == actor.unit), None)
    return SectionList(
        standing=standing,
        ended=ended,
        people=_people(uow, (one.closing for one in (*standing, *ended))),
        mine=mine,
        older=found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
    )


def get_section(uow: UnitOfWork, code: str, *, actor: Actor, now: datetime) -> SectionPage:
    """Return one closing: while it stands to all who may come, afterwards to its office and the auditor."""
    require(actor, Permission.VIEW_SECTION)
    closing = uow.sections.find(code[:64])
    is_ours = closing is not None and actor.role is Role.CLERK and closing.unit == actor.unit
    inside = is_ours or actor.role is Role.AUDITOR
    if closing is None or (closing.reopened_at is not None and not inside):
        raise NotFound
    told = inside and not is_counting(uow, actor)
    lines = uow.sections.list_lines(closing) if told else frozenset[str]()
    now_held = sections.in_hand(uow, closing.unit) if told and closing.reopened_at is None else None
    mine = lines if actor.role is Role.AUDITOR else lines & uow.shifts.list_in_hand(actor.user)
    return SectionPage(
        notice=notices_of(uow, (closing,))[0],
        state=closing.state(now),
        people=_people(uow, (closing,)),
        safe=uow.access_keys.find(closing.safe) if inside and closing.safe is not None else None,
        things=closing.things if told else None,
        codes=tuple(sorted(mine)) if told else (),
        astray=None if now_held is None else len(astray(now_held, lines)),
        waiting=uow.sections.count_waiting(closing.unit) if inside else None,
        may_reopen=is_ours and closing.reopened_at is None,
    )


def prepare_closing(uow: UnitOfWork, *, actor: Actor) -> ClosingForm:
    """Return what a clerk chooses from."""
    require(actor, Permission.KEEP_SECTION)
    closed = {one.unit for one in uow.sections.list_standing()} | {actor.unit}
    return ClosingForm(
        safes=tuple(
            key
            for key in uow.access_keys.list(actor.unit)
            if key.retired_at is None and key.kind is not AccessKeyKind.OVERRIDE
        ),
        others=tuple(
            unit for unit in uow.units.list(kinds=(UnitKind.POINT,), active=True) if unit.id not in closed
        ),
        things=None if is_counting(uow, actor) else len(sections.in_hand(uow, actor.unit)),
        waiting=uow.sections.count_waiting(actor.unit),
    )


def count_overdue(uow: UnitOfWork, *, actor: Actor, now: datetime) -> int:
    """Count the sections whose promised return has passed: the own, or to who comes to counters all."""
    require(actor, Permission.VIEW_SECTION)
    unit: UnitId | None = actor.unit if actor.role is Role.CLERK else None
    return uow.sections.count_late(unit, now=now)


def _people(uow: UnitOfWork, closings: Iterable[Closing]) -> Mapping[UserId, User]:
    named: set[UserId] = set()
    for one in closings:
        named.add(one.closed_by)
        if one.reopened_by is not None:
            named.add(one.reopened_by)
    return uow.users.list_by_ids(named) if named else {}
