"""Which bags wait for a person: the queues of the list of bags.

A queue is a search, so its number and the list behind it are the same question.

    list_queue(uow, queue, *, before, actor, now, tools) -> BagPage            None: every bag in sight
    count_queues(uow, *, actor, now, tools) -> dict[BagQueue, int]
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.domain.access import Actor, Permission, Role
from app.domain.bag import BagState
from app.domain.ids import BagId
from app.services.bags.bag_access import BagPage, bags_seen_by, list_bags
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.repositories.bag_search import BagSearch
from app.storage.uow import UnitOfWork

PAGE: Final = 50


class BagQueue(StrEnum):
    """The work lists of bags."""

    PACKING = "packing"
    TO_ACCEPT = "to_accept"
    IN_HAND = "in_hand"
    ON_THE_WAY = "on_the_way"
    TO_OPEN = "to_open"
    TO_ANSWER = "to_answer"


BAG_QUEUES: Final[Mapping[Role, tuple[BagQueue, ...]]] = {
    Role.CLERK: tuple(BagQueue),
    Role.COURIER: (
        BagQueue.TO_ACCEPT,
        BagQueue.IN_HAND,
        BagQueue.PACKING,
        BagQueue.TO_OPEN,
        BagQueue.TO_ANSWER,
    ),
    Role.AUDITOR: (BagQueue.PACKING, BagQueue.ON_THE_WAY, BagQueue.TO_ANSWER),
}


def list_queue(
    uow: UnitOfWork,
    queue: BagQueue | None,
    *,
    actor: Actor,
    before: int | None = None,
    now: datetime | None = None,
    tools: Tools | None = None,
) -> BagPage:
    """Return one page of a queue, newest first."""
    before_id = None if before is None else BagId(before)
    return list_bags(uow, _search(queue, actor, before_id), actor=actor, now=now, tools=tools)


def count_queues(
    uow: UnitOfWork, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> dict[BagQueue, int]:
    """Count what waits in each queue of this person."""
    del now, tools
    require(actor, Permission.VIEW_BAG)
    visibility = bags_seen_by(uow, actor)
    return {
        queue: uow.bags.count(_search(queue, actor, None), visibility)
        for queue in BAG_QUEUES.get(actor.role, ())
    }


def _search(queue: BagQueue | None, actor: Actor, before: BagId | None) -> BagSearch:
    asked = BagSearch() if queue is None else _question(queue, actor)
    return replace(asked, before_id=before, limit=PAGE)


def _question(queue: BagQueue, actor: Actor) -> BagSearch:
    office = actor.unit if actor.role is Role.CLERK else None
    # A clerk looks after the office's bags, a courier after their own, an auditor at everybody's.
    holder = actor.user if actor.role is Role.COURIER else None
    in_hand = BagSearch(states=(BagState.CLOSED,), holder=actor.user, is_nested=False)
    match queue:
        case BagQueue.PACKING:
            return BagSearch(states=(BagState.OPEN,), origin=office, holder=holder)
        case BagQueue.TO_ACCEPT:
            return BagSearch(offered_to=(actor.user, actor.unit))
        case BagQueue.IN_HAND:
            return in_hand
        case BagQueue.ON_THE_WAY:
            return BagSearch(states=(BagState.CLOSED,))
        case BagQueue.TO_OPEN:
            return replace(in_hand, destination=actor.unit, is_offered=False)
        case BagQueue.TO_ANSWER:
            return BagSearch(states=(BagState.OPENED,), destination=office, holder=holder)
