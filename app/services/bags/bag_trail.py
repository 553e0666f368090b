"""What happened to a bag, from the log's own bytes, for whoever may know about the bag.

Only what concerns the bag is told; the codes in an entry are shown by nobody who must not know them.

For the surfaces:
    get_bag_timeline(uow, code, *, before, limit, actor, now, tools) -> BagTimeline            newest first
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor
from app.domain.bag import Bag
from app.services.bags.bag_access import get_bag
from app.services.log.events import Event, read_chain
from app.services.tools import Tools
from app.storage.uow import UnitOfWork

TIMELINE_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BagTimeline:
    """Events of one bag, newest first; `next_before` continues with older ones, None at the beginning."""

    bag: Bag
    events: tuple[Event, ...]
    next_before: int | None


def get_bag_timeline(
    uow: UnitOfWork,
    code: str,
    *,
    actor: Actor,
    now: datetime,
    tools: Tools,
    before: int | None = None,
    limit: int = TIMELINE_PAGE,
) -> BagTimeline:
    """Return one page of the events of a bag this person may know about; raises NotFound otherwise."""
    bag = get_bag(uow, code, actor=actor, now=now, tools=tools)
    events, next_before = read_chain(
        uow, bag.code, head=bag.item_head, before=before, limit=limit, tools=tools
    )
    return BagTimeline(bag=bag, events=events, next_before=next_before)
