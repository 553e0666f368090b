"""Works out what the policy in force asks of each line of a take: by its mark, or the highest in a bag.

Asked at the log's own time: a device's clock is its owner's to set. A list of items costs one statement,
or none where another scan of the same transaction has asked before; bags cost two more for each depth.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from app.domain.bag import Bag
from app.domain.consignment import Consignment
from app.domain.grades import Secrecy
from app.domain.handover_policy import Demand
from app.domain.ids import BagId
from app.domain.incident_standards import highest
from app.services.scans.policies import find_in_force
from app.storage.uow import UnitOfWork


def find_demands(uow: UnitOfWork, codes: Iterable[str], now: datetime) -> dict[str, frozenset[Demand]]:
    """Return what is asked for the items and bags among the codes, which are locked."""
    found = (uow.consignments.lock(code) or uow.bags.lock(code) for code in codes)
    return ask_of(uow, [thing for thing in found if thing is not None], now)


def ask_of(
    uow: UnitOfWork, things: Iterable[Consignment | Bag], now: datetime
) -> dict[str, frozenset[Demand]]:
    """Return what is asked for each of these, by code; only reads."""
    marks: dict[str, Secrecy] = {}
    bags: dict[str, BagId] = {}
    for thing in things:
        if isinstance(thing, Consignment):
            marks[thing.code] = thing.grade.secrecy
        else:
            bags[thing.code] = thing.id
    inside = find_bag_marks(uow, set(bags.values()))
    marks |= {code: inside[bag] for code, bag in bags.items()}
    policy = find_in_force(uow, now)
    return {code: policy.demands[mark] for code, mark in marks.items()}


def find_bag_marks(uow: UnitOfWork, bags: Collection[BagId]) -> dict[BagId, Secrecy]:
    """Return the highest outer mark of what lies in each bag, in bags inside it too."""
    found: dict[BagId, list[Secrecy]] = {bag: [] for bag in bags}
    # Which of the bags that were asked for a bag of the present depth lies in.
    owners: Mapping[BagId, BagId] = {bag: bag for bag in bags}
    while owners:
        for bag, mark in uow.consignments.list_marks_in(owners.keys()):
            found[owners[bag]].append(mark)
        owners = {inner: owners[outer] for inner, outer in uow.bags.list_nested(owners.keys())}
    return {bag: highest(marks) for bag, marks in found.items()}
