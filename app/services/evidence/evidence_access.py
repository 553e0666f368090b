"""Who may have the bytes of an entry: they hold more than the page of one item shows.

An entry is one piece. A list handover names other agencies' items, and what a taker signed holds the number
that was read from each seal. So the bytes go to whoever reads the whole log, to the entry's own actor, and to
a party that may see every item in it and read those items' sealed fields. As long as a bag that the entry
names is closed, its seal may have to be read again, so nobody but the former gets them. Afterwards a party
whose item lay in it gets what names the bag alone, or with it only items that are its own. Nobody else may
repeat this rule.

    may_have_bytes(uow, entry, *, actor, travelled) -> bool
"""

from app.domain.access import Actor, Permission, may, may_read_sealed
from app.domain.errors import NotFound
from app.services.people.access import get_consignment
from app.storage.uow import UnitOfWork
from audit.entry import Entry


def may_have_bytes(
    uow: UnitOfWork, entry: Entry, *, actor: Actor, travelled: frozenset[str] = frozenset()
) -> bool:
    """Tell whether this person gets the entry as stored.

    `travelled` are bags in which the item that is asked about lay: once such a bag is closed no longer, who
    had it is part of that item's own way.
    """
    if may(actor.role, Permission.VIEW_LOG):
        return True
    codes = {line.code for line in entry.items}
    if not codes or uow.bags.count_closed(codes):
        return False
    # Whoever acted has said every word of it, or was shown it; the account must still be of that role.
    if entry.facts.get("actor") == actor.user and may(actor.role, Permission.VIEW_ENTRY):
        return True
    return all(code in travelled or _is_open(uow, code, actor) for code in codes)


def _is_open(uow: UnitOfWork, code: str, actor: Actor) -> bool:
    try:
        consignment = get_consignment(uow, code, actor=actor)
    except NotFound:
        return False
    return may_read_sealed(consignment, actor)
