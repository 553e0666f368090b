"""Say who answers for each item now: whoever has it in hand, or has the bag it lies in.

Custody of what is in a bag is stored once, at the bag (ADR 0010); this is where it is asked for pages and
lists. Whether a scan is allowed is never decided from it.

    custodians_of_items(uow, items) -> dict[ConsignmentId, Custodian]      read; two questions for any list
"""

from collections.abc import Iterable

from app.domain.consignment import Consignment, Custodian
from app.domain.ids import ConsignmentId
from app.services.bags.bag_access import custodians_of
from app.storage.uow import UnitOfWork


def custodians_of_items(uow: UnitOfWork, items: Iterable[Consignment]) -> dict[ConsignmentId, Custodian]:
    """Return the answering custodian of each item by its id."""
    listed = tuple(items)
    bags = uow.bags.list_by_ids({item.bag for item in listed if item.bag is not None})
    answering = custodians_of(uow, bags.values())
    return {
        item.id: item.custodian if item.bag is None else answering.get(item.bag, item.custodian)
        for item in listed
    }
