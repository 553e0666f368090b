"""Which handovers wait for one person's half: offered to them by name, or to their unit.

Only looks: whether the person may take an item is decided when they scan it.

For the surfaces:
    list_offered(uow, *, actor, now, tools) -> Offered
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor, Permission, may
from app.domain.consignment import Consignment
from app.domain.ids import ConsignmentId, UnitId
from app.services.bags.bag_access import BagPage, list_bags
from app.services.people.access import seen_by
from app.services.people.permissions import require
from app.services.scans.custody_marks import find_mismatches
from app.services.tools import Tools
from app.storage.records import Unit
from app.storage.repositories.bag_search import BagSearch
from app.storage.repositories.consignment_queries import Search
from app.storage.uow import UnitOfWork

MOST_OFFERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """At most `MOST_OFFERS` items and as many bags, newest first, and every unit they name.

    `mismatched` are the items that do not fit the records.
    """

    items: tuple[Consignment, ...]
    bags: BagPage | None
    mismatched: frozenset[ConsignmentId]
    units: dict[UnitId, Unit]


def list_offered(
    uow: UnitOfWork, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> Offered:
    """Return what waits for this person, in few questions however much it is."""
    del now, tools
    require(actor, Permission.SCAN)
    search = Search(offered_to=(actor.user, actor.unit), is_offered=True, limit=MOST_OFFERS)
    items = tuple(row.consignment for row in uow.consignments.list(search, seen_by(uow, actor)))
    named = {unit for item in items for unit in _units(item)}
    bags = None
    if may(actor.role, Permission.HANDLE_BAG):
        bags = list_bags(uow, BagSearch(offered_to=(actor.user, actor.unit), limit=MOST_OFFERS), actor=actor)
        offers = [bag.offer for bag in bags.rows if bag.offer is not None]
        named |= {unit for offer in offers for unit in (offer.to_unit, offer.place)}
    return Offered(
        items=items,
        bags=bags,
        mismatched=find_mismatches(uow, items),
        units=uow.units.list_by_ids(named) if named else {},
    )


def _units(item: Consignment) -> set[UnitId]:
    named = {item.sender_unit, item.recipient_unit, item.custodian.unit}
    return named | ({item.offer.to_unit, item.offer.place} if item.offer is not None else set())
