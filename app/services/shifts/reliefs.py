"""Make the list of a balanced count out to a successor, and say when a shift is relieved.

The list is one entry; what is on it moves only by the handovers that follow, under the rules of every
handover. Rules: :mod:`app.domain.relief`.

For the surfaces (raise NotPermitted, NotFound, Conflict):
    list_relief(uow, ListRelief, *, actor, now, tools) -> Relief
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from app.domain import relief as rules
from app.domain.access import Actor, Permission, Role
from app.domain.bag import BagState, contents_digest
from app.domain.errors import NotFound
from app.domain.ids import UserId
from app.domain.relief import Loads, Relief, Successor
from app.domain.shift import Balance, Shift, balance
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.hot import Wanted
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.timestamps import format_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRelief:
    """An untrusted form: the leaver's shift, and the user name of the successor."""

    untrusted_shift: str
    untrusted_successor: str


def list_relief(uow: UnitOfWork, command: ListRelief, *, actor: Actor, now: datetime, tools: Tools) -> Relief:
    """Freeze what the actor's own last count found, for one colleague to take over."""
    del tools
    require(actor, Permission.KEEP_SHIFT)
    shift = uow.shifts.lock(command.untrusted_shift[:64])
    if shift is None or shift.user != actor.user:
        raise NotFound
    found = uow.users.find_by_username(command.untrusted_successor[:64].casefold())
    successor = None
    if found is not None:
        successor = Successor(user=found.id, unit=found.unit_id, role=Role(found.role), active=found.active)
    rules.check_listing(shift, last_count(uow, shift), _loads(uow, shift), successor)
    if successor is None:
        raise NotFound
    return freeze(uow, shift, successor.user, now=now)


def freeze(uow: UnitOfWork, shift: Shift, successor: UserId, *, now: datetime) -> Relief:
    """List a relief that was decided."""
    codes = rules.listed(last_count(uow, shift))
    relief = uow.reliefs.add(
        Relief(
            id=0,
            shift=shift.id,
            number=shift.counts,
            successor=successor,
            listed_at=now,
            lines=len(codes),
        )
    )
    entry = uow.audit.append(
        EntryDraft(
            kind=EntryKind.RELIEF_LISTED,
            facts={
                "actor": int(shift.user),
                "shift": shift.code,
                "count": shift.counts,
                "successor": int(successor),
                "lines": len(codes),
                "digest": contents_digest(codes),
                "listed_at": format_at(now),
            },
        )
    )
    uow.reliefs.bind(relief, entry)
    return relief


def last_count(uow: UnitOfWork, shift: Shift, *, number: int | None = None) -> Balance:
    """Return what a shift's last count, or that of a number, was held against."""
    asked = shift.counts if number is None else number
    counted = uow.shifts.list_lines(shift.id, "counted", number=asked)
    expected = uow.shifts.list_lines(shift.id, "expected", number=asked)
    explained = uow.shifts.list_explained(expected - counted, since=shift.opened_at)
    return balance(opening=(), held=(), expected=expected, counted=counted, explained=explained)


def codes_of(uow: UnitOfWork, relief: Relief) -> frozenset[str]:
    """Return the list of a relief: it is that of its count, and counts are only ever added."""
    counted = uow.shifts.list_lines(relief.shift, "counted", number=relief.number)
    return counted & uow.shifts.list_lines(relief.shift, "expected", number=relief.number)


def find_binding(uow: UnitOfWork, shift: Shift, *, now_held: Collection[str]) -> Relief | None:
    """Return the relief as which alone a shift can be closed, the latest if there are several."""
    found = None
    for relief in uow.reliefs.list_of(shift.id):
        if rules.binds(relief, shift, codes_of(uow, relief), now_held=now_held):
            found = relief
    return found


def taken_over(uow: UnitOfWork, user: UserId, *, since: datetime, in_hand: Collection[str]) -> frozenset[str]:
    """Return what somebody has in hand that reliefs since then were made out to them for."""
    found = frozenset[str]()
    for relief in uow.reliefs.list_to(user, since=since):
        found |= codes_of(uow, relief)
    return found & frozenset(in_hand)


def _loads(uow: UnitOfWork, shift: Shift) -> Loads:
    held = uow.shifts.list_in_hand(shift.user)
    # One question for all; what follows looks into what was read.
    uow.prefetch(Wanted(codes=sorted(held)))
    offered, open_bags = set[str](), set[str]()
    for code in held:
        item = uow.consignments.lock(code)
        bag = uow.bags.lock(code) if item is None else None
        thing = bag if item is None else item
        if thing is not None and thing.offer is not None:
            offered.add(code)
        if bag is not None and bag.state is not BagState.CLOSED:
            open_bags.add(code)
    return Loads(held=held, offered=frozenset(offered), open_bags=frozenset(open_bags))
