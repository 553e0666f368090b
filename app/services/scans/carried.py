"""What happened to an item while it lay in a bag: the bag's own entries, inferred for the item.

Nobody scanned the item then; the seal vouches that it was there (ADR 0010). Which bag it was is told only to
whoever may know about the bag, and never what else lay in it.

    list_carried(uow, code, *, after, before, actor, tools) -> tuple[CarriedEvent, ...]      newest first
"""

from dataclasses import dataclass
from typing import Final

from app.domain.access import Actor
from app.services.bags.bag_access import find_visible_bag
from app.services.log.events import Event, read_stretch
from app.services.shifts.blind import unseen_codes
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.kinds import EntryKind

MOST_EVENTS: Final = 100
# What else was put into the bag or taken out of it is no event of this item.
_SHARED: Final = frozenset(
    {
        EntryKind.HANDOVER_OFFERED,
        EntryKind.HANDOVER_TAKEN,
        EntryKind.HANDOVER_RECALLED,
        EntryKind.BAG_CLOSED,
        EntryKind.SEAL_CHECKED,
        EntryKind.SEAL_CHANGED,
        EntryKind.BAG_OPENED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedEvent:
    """An event of a bag that an item lay in; `bag` is "" for whoever may not know which bag it was.

    `code` is the chain that the event was read from, and for nobody's eyes.
    """

    event: Event
    code: str
    bag: str


def list_carried(
    uow: UnitOfWork, code: str, *, after: int, before: int, actor: Actor, tools: Tools
) -> tuple[CarriedEvent, ...]:
    """Return what happened, between two entries, to the bags in which a thing lay at the time."""
    found: list[CarriedEvent] = []
    hidden = unseen_codes(uow, actor)
    for lay in uow.past_custody.list_lays(code):
        first = max(lay.packed, after)
        until = before if lay.removed is None else min(lay.removed, before)
        if first >= until:
            continue
        bag = uow.bags.list_by_ids({lay.bag})[lay.bag].code
        is_shown = bag not in hidden and find_visible_bag(uow, bag, actor=actor) is not None
        shown = bag if is_shown else ""
        events = read_stretch(uow, bag, after=first, before=until, limit=MOST_EVENTS, tools=tools)
        found += [CarriedEvent(event=event, code=bag, bag=shown) for event in events if event.kind in _SHARED]
        found += list_carried(uow, bag, after=first, before=until, actor=actor, tools=tools)
    return tuple(sorted(found, key=lambda one: -one.event.index))
