"""Tells the marks of secrecy of everything that an incident is about, what lies in its bags included.

A bag counts as the highest of what is in it: whoever packed it counted on that, and whoever broke it may have
seen that. One question for each bag, and one for all the items; nothing here decides how grave that is.
"""

from collections.abc import Iterable

from app.domain.bag import Bag
from app.domain.consignment import Consignment
from app.domain.grades import Secrecy
from app.storage.uow import UnitOfWork


def marks_of(uow: UnitOfWork, items: Iterable[Consignment], bags: Iterable[Bag]) -> list[Secrecy]:
    """Return the marks of the items and of what lies or lay in the bags, each once."""
    found = {item.grade.secrecy for item in items}
    inside: set[str] = set()
    for bag in bags:
        lines = set(uow.bags.lines(bag.id))
        inside |= lines
        for code in sorted(uow.bags.list_known(lines)):
            inner = uow.bags.lock(code)
            inside |= set() if inner is None else set(uow.bags.lines(inner.id))
    return sorted(found | (uow.consignments.list_marks(inside) if inside else set()))
