"""Tell who answered for a thing at any time, and what a person, a unit or a bag held then.

The answer names the log entry from which on it held, so that it can be proven; that entry is read and checked
each time. Nobody is told more about the past than they may know about the thing now.

For the surfaces:
    find_custodian_at(uow, code, *, untrusted_at, actor, now, tools) -> CustodyAt
    list_holdings_at(uow, untrusted form, *, actor, now, tools) -> HoldingsAt
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.access import Actor, Permission, may_list_holdings
from app.domain.consignment import Custodian
from app.domain.errors import InvalidInput, NotFound, ProblemCode
from app.domain.ids import UnitId, UserId
from app.services.bags.bag_access import find_visible_bag, get_bag_record
from app.services.fields import Fields
from app.services.log.events import Event, read_one
from app.services.people.access import get_consignment
from app.services.people.permissions import require
from app.services.shifts.blind import unseen_codes, unseen_holder
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.repositories.past_custody import Holder, Lay, PastHolding, When
from app.storage.uow import UnitOfWork
from audit.kinds import EntryKind
from crypto.errors import MalformedEncoding
from crypto.timestamps import parse_at

MOST_ITEMS: Final = 500
HOLDERS: Final = ("user", "unit", "bag")
_SCANS: Final = frozenset(
    {EntryKind.REGISTERED, EntryKind.HANDOVER_TAKEN, EntryKind.BAG_ANSWERED, EntryKind.BAG_STARTED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyAt:
    """Who answered for one thing at a time; `custodian` is None before there was the thing.

    `bag` is the code of the bag that it lay in and whose custodian is meant, "" where it lay in none or the
    reader may not know which; `inferred` tells that it lay in one. `size` is how many entries the log had,
    `since` the entry that made this person the custodian, checked just now.
    """

    code: str
    at: datetime
    size: int
    custodian: Custodian | None
    inferred: bool
    bag: str
    since: Event | None
    units: dict[UnitId, Unit]
    users: dict[UserId, User]

    @property
    def is_proven(self) -> bool:
        """Whether the entry is sound and was made by the person it is said to have made the custodian."""
        event = self.since
        if event is None or event.entry is None or self.custodian is None:
            return False
        actor = event.entry.facts.get("actor")
        return event.is_verified and event.kind in _SCANS and actor == self.custodian.user


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldThing:
    """One thing that was held, since which entry; `bag` is where it lay, "" where it lay in none."""

    code: str
    is_bag: bool
    bag: str
    custodian: Custodian
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingsAt:
    """What was held at a time, bags first, then items by code; `more` where the list was cut off.

    `hides` tells that the reader counts at this moment, so that nothing of their own is among it.
    """

    at: datetime
    size: int
    things: tuple[HeldThing, ...]
    more: bool
    hides: bool
    units: dict[UnitId, Unit]
    users: dict[UserId, User]

    @property
    def items(self) -> int:
        """How many consignments, those in bags included."""
        return sum(not thing.is_bag for thing in self.things)


def find_custodian_at(
    uow: UnitOfWork, code: str, *, untrusted_at: str, actor: Actor, now: datetime, tools: Tools
) -> CustodyAt:
    """Return who answered for an item or a bag at a time; raises NotFound, InvalidInput for a bad time."""
    if find_visible_bag(uow, code, actor=actor) is None:
        code = get_consignment(uow, code, actor=actor).code
    at = _read_time(untrusted_at, now)
    with uow.snapshot():
        size = uow.audit.count_until(at, size=uow.audit.head().size)
        outer = _outermost(uow, code, size)
        found = uow.past_custody.find_holding(outer or code, size)
        row = None if found is None else uow.audit.find(found.since)
        event = None if row is None or found is None else read_one(uow, row, (found.code,), tools=tools)
    visible = outer is not None and find_visible_bag(uow, outer, actor=actor) is not None
    if outer in unseen_codes(uow, actor):
        visible = False
    people = () if found is None else (found.custodian,)
    return CustodyAt(
        code=code,
        at=at,
        size=size,
        custodian=None if found is None else found.custodian,
        inferred=outer is not None,
        bag=outer if outer is not None and visible else "",
        since=event,
        units=uow.units.list_by_ids({one.unit for one in people}),
        users=uow.users.list_by_ids({one.user for one in people}),
    )


def list_holdings_at(
    uow: UnitOfWork, untrusted: Mapping[str, str], *, actor: Actor, now: datetime, tools: Tools | None = None
) -> HoldingsAt:
    """Return what was held by whoever is named; `holder` is one of `HOLDERS`, `value` the name or code.

    Raises NotFound for whose holdings are not for this person to know, as for those who do not exist.
    """
    del tools
    require(actor, Permission.VIEW_HOLDINGS)
    fields = Fields(untrusted=untrusted)
    kind, value = untrusted.get("holder", "user"), fields.line("value", longest=64)
    if kind not in HOLDERS:
        fields.refuse("holder", ProblemCode.NOT_A_CHOICE)
    fields.raise_problems()
    at = _read_time(untrusted.get("at", ""), now)
    with uow.snapshot():
        head = uow.audit.head().size
        size = uow.audit.count_until(at, size=head)
        if kind == "bag":
            things = _in_bag(uow, value, size, actor=actor)
        else:
            holder = _find_holder(uow, kind, value, actor)
            things = _of_holder(uow, holder, When(at=at, size=size, is_now=size == head))
        hidden = unseen_holder(uow, actor)
        things = tuple(thing for thing in things if thing.custodian.user != hidden)
    units = {thing.custodian.unit for thing in things}
    users = {thing.custodian.user for thing in things}
    return HoldingsAt(
        at=at,
        size=size,
        things=things[:MOST_ITEMS],
        more=len(things) > MOST_ITEMS,
        hides=hidden is not None,
        units=uow.units.list_by_ids(units) if units else {},
        users=uow.users.list_by_ids(users) if users else {},
    )


def _read_time(untrusted: str, now: datetime) -> datetime:
    """Read a time as a device writes it, or as a person types it in Vietnam; nothing is now."""
    text = untrusted.strip()
    try:
        at = parse_at(text)
    except MalformedEncoding:
        fields = Fields(untrusted={"at": text})
        at = fields.moment("at") or now
        fields.raise_problems()
    if at > now:
        raise InvalidInput("at", ProblemCode.IN_FUTURE)
    return at


def _find_holder(uow: UnitOfWork, kind: str, value: str, actor: Actor) -> Holder:
    """Name whose holdings are meant, if this person may know them; an empty value is the person asking."""
    if kind == "unit":
        unit = uow.units.find_by_code(value) if value else uow.units.find(actor.unit)
        if unit is None or not may_list_holdings(actor, user=None, unit=unit.id):
            raise NotFound
        return Holder(unit=unit.id)
    user = uow.users.find_by_username(value) if value else uow.users.find(actor.user)
    if user is None or not may_list_holdings(actor, user=user.id, unit=user.unit_id):
        raise NotFound
    # What a colleague held while elsewhere is that other place's.
    return Holder(
        user=user.id, unit=None if may_list_holdings(actor, user=user.id, unit=None) else actor.unit
    )


def _of_holder(uow: UnitOfWork, holder: Holder, when: When) -> tuple[HeldThing, ...]:
    most = MOST_ITEMS + 1
    bags = uow.past_custody.list_bags(holder, when, limit=most)
    items = uow.past_custody.list_items(holder, when, limit=most)
    carried = _carried(uow, bags, when.size)
    return (
        *(_thing(bag, is_bag=True) for bag in bags),
        *sorted((*carried, *(_thing(item, is_bag=False) for item in items)), key=lambda one: one.code),
    )


def _in_bag(uow: UnitOfWork, code: str, size: int, *, actor: Actor) -> tuple[HeldThing, ...]:
    if get_bag_record(uow, code, actor=actor).contents is None:
        raise NotFound
    outer = _outermost(uow, code, size) or code
    found = uow.past_custody.find_holding(outer, size)
    if found is None:
        return ()
    bag = PastHolding(code=code, custodian=found.custodian, since=found.since)
    return tuple(sorted(_carried(uow, (bag,), size), key=lambda one: (not one.is_bag, one.code)))


def _carried(uow: UnitOfWork, bags: Iterable[PastHolding], size: int) -> tuple[HeldThing, ...]:
    """Return what lay in bags, and in the bags in them; a bag lies in a bag one deep."""
    found: list[HeldThing] = []
    level = {bag.code: bag for bag in bags}
    while level:
        lays = uow.past_custody.list_contents(level, size, limit=MOST_ITEMS + 1)
        identities = uow.bags.list_by_ids({lay.bag for lay in lays})
        inner = {bag.code for bag in uow.bags.list_by_codes({lay.code for lay in lays})}
        deeper: dict[str, PastHolding] = {}
        for lay in lays:
            holding = level[identities[lay.bag].code]
            since = max(holding.since, lay.packed)
            inside = PastHolding(code=lay.code, custodian=holding.custodian, since=since)
            found.append(_thing(inside, is_bag=lay.code in inner, bag=str(identities[lay.bag].code)))
            if lay.code in inner:
                deeper[lay.code] = inside
        level = deeper
    return tuple(found)


def _thing(held: PastHolding, *, is_bag: bool, bag: str = "") -> HeldThing:
    return HeldThing(code=held.code, is_bag=is_bag, bag=bag, custodian=held.custodian, since=held.since)


def _outermost(uow: UnitOfWork, code: str, size: int) -> str | None:
    """Return the code of the bag whose custodian answered for a thing, None where it lay in none."""
    found: str | None = None
    lay = _lay_at(uow.past_custody.list_lays(code), size)
    while lay is not None:
        found = str(uow.bags.list_by_ids({lay.bag})[lay.bag].code)
        lay = _lay_at(uow.past_custody.list_lays(found), size)
    return found


def _lay_at(lays: Iterable[Lay], size: int) -> Lay | None:
    return next(
        (one for one in lays if one.packed < size and (one.removed is None or one.removed >= size)), None
    )
