"""Open a muster of a place or a person, and close it with a person of the place: two signatures.

What must be there is frozen when it is opened, from what the log says then, and shown to nobody before the
closing. The counts between are signed acts (:mod:`app.services.shifts.muster_count`). What is missing, and
what nobody expected, opens incidents in the closing's own entry, as in a shift. Rules:
:mod:`app.domain.muster`.

For the surfaces (raise NotPermitted, NotFound, Conflict, InvalidInput):
    open_muster(uow, OpenMuster, *, actor, now, tools) -> Muster
    close_muster(uow, CloseMuster, *, actor, now, tools) -> Muster
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain import muster as rules
from app.domain.access import POST, Actor, Permission, Role
from app.domain.bag import contents_digest
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.muster import Moved, Muster, MusterFinding, MusterStep, Partner
from app.domain.register import register_year
from app.services.incidents.incidents import ScanInHand, bind, raise_in_scan
from app.services.people.permissions import require
from app.services.people.units import find_open_unit
from app.services.scans.presence import use_ticket
from app.services.shifts.in_hand import freeze_in_hand
from app.services.shifts.shift_count import found_differing
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMuster:
    """An untrusted form: the place's code, and the user name of one person there, "" for everybody."""

    untrusted_unit: str
    untrusted_person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseMuster:
    """An untrusted form: the muster's code, the nonce of the partner's ticket, and who that is."""

    untrusted_muster: str
    untrusted_nonce: str
    partner: UserId


def open_muster(uow: UnitOfWork, command: OpenMuster, *, actor: Actor, now: datetime, tools: Tools) -> Muster:
    """Freeze what a place or a person must have now; a clerk opens musters of their own office only."""
    del tools
    require(actor, Permission.OPEN_MUSTER)
    unit = find_open_unit(uow, command.untrusted_unit[:16])
    if unit is None or not people_of(uow, unit, active=True):
        raise InvalidInput("unit", ProblemCode.UNKNOWN_UNIT)
    if actor.role is Role.CLERK and unit != actor.unit:
        raise NotFound
    user = None
    if command.untrusted_person:
        found = uow.users.find_by_username(command.untrusted_person[:64].casefold())
        if found is None or found.id not in people_of(uow, unit, active=True):
            raise InvalidInput("person", ProblemCode.NOT_A_CHOICE)
        user = found.id
    return freeze(uow, unit, user, by=actor.user, now=now)


def freeze(
    uow: UnitOfWork, unit: UnitId, user: UserId | None, *, by: UserId, now: datetime, is_drawn: bool = False
) -> Muster:
    """Open a muster whose opening was decided; raises Conflict while one of the same hands is open."""
    year = register_year(now)
    # Drawing locks the place's series, so that one place is not mustered twice at once.
    number = uow.musters.next_number(unit, year)
    if any(one.user == user for one in uow.musters.list_open(unit)):
        raise Conflict(ConflictCode.MUSTER_OPEN_ALREADY)
    expected = freeze_in_hand(uow, *hands(uow, unit, user))
    code = uow.units.get(unit).code
    muster = uow.musters.add(
        Muster(
            id=0,
            code=f"{rules.PREFIX}{code}-{year}-{number}",
            unit=unit,
            user=user,
            opened_by=by,
            opened_at=now,
            expected=len(expected),
            is_drawn=is_drawn,
        ),
        expected=expected,
    )
    facts: dict[str, JsonValue] = {
        "actor": int(by),
        "muster": muster.code,
        "unit": code,
        "expected": len(expected),
        "digest": contents_digest(expected),
        "opened_at": format_at(now),
    }
    if user is not None:
        facts["user"] = int(user)
    if is_drawn:
        facts["drawn"] = "yes"
    entry = uow.audit.append(EntryDraft(kind=EntryKind.MUSTER_OPENED, facts=facts))
    uow.musters.bind(muster, MusterStep.OPENED, entry, user=by)
    return muster


def close_muster(
    uow: UnitOfWork, command: CloseMuster, *, actor: Actor, now: datetime, tools: Tools
) -> Muster:
    """Close the actor's own muster with a person of the place who is there; differences open incidents."""
    require(actor, Permission.OPEN_MUSTER)
    muster = uow.musters.lock(command.untrusted_muster[:64])
    if muster is None or (actor.role is Role.CLERK and muster.unit != actor.unit):
        raise NotFound
    lines = _compare(uow, muster)
    rules.check_closing(muster, uow.musters.list_counters(muster.id), lines, by=actor.user)
    rules.check_partner(muster, _find_partner(uow, command, muster, now=now))
    return settle(uow, muster, lines, actor=actor, partner=command.partner, now=now, tools=tools)


def settle(
    uow: UnitOfWork,
    muster: Muster,
    lines: Mapping[str, MusterFinding] | None,
    *,
    actor: Actor,
    partner: UserId,
    now: datetime,
    tools: Tools,
) -> Muster:
    """Close a locked muster whose closing was decided, and raise what differs."""
    lines = _compare(uow, muster) if lines is None else lines
    closed = rules.close(muster, lines, partner=partner, now=now)
    uow.musters.save(closed)
    for finding in MusterFinding:
        uow.musters.add_lines(closed, finding.value, rules.codes_of(lines, finding))
    differing = rules.codes_of(lines, MusterFinding.MISSING, MusterFinding.UNEXPECTED)
    at_place = ScanInHand(scan="", place=muster.unit, lines=())
    raised = raise_in_scan(uow, found_differing(differing), scan=at_place, actor=actor, now=now, tools=tools)
    figures = {finding.value: len(rules.codes_of(lines, finding)) for finding in MusterFinding}
    entry = uow.audit.append(
        EntryDraft(
            kind=EntryKind.MUSTER_CLOSED,
            facts={
                "actor": int(actor.user),
                "muster": closed.code,
                "partner": int(partner),
                "digest": rules.result_digest(lines),
                "closed_at": format_at(now),
                **figures,
                **raised.facts,
            },
        )
    )
    uow.musters.bind(closed, MusterStep.CLOSED, entry, user=actor.user)
    bind(uow, raised, entry)
    return closed


def people_of(uow: UnitOfWork, unit: UnitId, *, active: bool) -> frozenset[UserId]:
    """Return the people of a place who carry for the post; with `active` only those who still do."""
    return frozenset(
        user.id
        for user in uow.users.list(unit=unit)
        if Role(user.role) in POST and (user.active or not active)
    )


def hands(uow: UnitOfWork, unit: UnitId, user: UserId | None) -> tuple[UserId, ...]:
    """Return whose hands a muster looks into: a person's, or those of everybody who ever worked there."""
    return (user,) if user is not None else tuple(sorted(people_of(uow, unit, active=False)))


def _compare(uow: UnitOfWork, muster: Muster) -> Mapping[str, MusterFinding]:
    """Hold what was scanned against what was frozen, and tell apart what the log moved since."""
    expected = uow.musters.list_lines(muster.id, "expected")
    counted = uow.musters.list_lines(muster.id, "counted")
    people = hands(uow, muster.unit, muster.user)
    moved = Moved(
        now=freeze_in_hand(uow, *people),
        came=uow.musters.list_lines(muster.id, "came"),
        lost=uow.musters.list_lost(expected - counted),
    )
    return rules.compare(expected=expected, counted=counted, moved=moved)


def _find_partner(uow: UnitOfWork, command: CloseMuster, muster: Muster, *, now: datetime) -> Partner | None:
    """Look the second person up; their ticket is used up only by a closing that stands."""
    user = uow.users.find(command.partner)
    if user is None:
        return None
    pair = (muster.opened_by, user.id)
    return Partner(
        user=user.id,
        unit=user.unit_id,
        role=Role(user.role),
        active=user.active,
        present=use_ticket(uow, command.untrusted_nonce[:32], muster.code, pair=pair, now=now),
    )
