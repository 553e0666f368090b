"""Decide who is told nothing of what they hold, because they are counting it at this moment.

The one place that says so: every list a person can open asks here, through the visibility of items
(:mod:`app.services.people.access`) and of bags (:mod:`app.services.bags.bag_access`). A code that somebody
types in full is answered still: whoever has it has read it.

    unseen_holder(uow, actor) -> UserId | None       whose holdings are hidden from this person: their own
    unseen_codes(uow, actor) -> frozenset[str]       the codes that no list may show them
    check_not_counting(uow, actor) -> None           for figures from which a count could be read off
"""

from app.domain.access import POST, Actor
from app.domain.errors import Conflict, ConflictCode
from app.domain.ids import UserId
from app.domain.muster import Muster
from app.storage.uow import UnitOfWork


def unseen_holder(uow: UnitOfWork, actor: Actor) -> UserId | None:
    """Return the actor while a count of theirs is under way, else None."""
    return actor.user if is_counting(uow, actor) else None


def unseen_codes(uow: UnitOfWork, actor: Actor) -> frozenset[str]:
    """Return everything the actor answers for, in bags too, while a count of theirs is under way."""
    return uow.shifts.list_answered_for(actor.user) if is_counting(uow, actor) else frozenset()


def check_not_counting(uow: UnitOfWork, actor: Actor) -> None:
    """Raise Conflict while a count of theirs is under way: what was asked for would tell them of it."""
    if is_counting(uow, actor):
        raise Conflict(ConflictCode.COUNTING)


def is_counting(uow: UnitOfWork, actor: Actor) -> bool:
    """Tell whether this person sits at a count: of their shift, or of a muster that they still owe."""
    if actor.role not in POST:
        return False
    shift = uow.shifts.find_open(actor.user)
    return (shift is not None and shift.is_counting) or bool(owed_musters(uow, actor))


def owed_musters(uow: UnitOfWork, actor: Actor) -> tuple[Muster, ...]:
    """Return the open musters into which this person has yet to count."""
    if actor.role not in POST:
        return ()
    return tuple(
        muster
        for muster in uow.musters.list_open(actor.unit)
        if muster.concerns(actor.user, actor.unit)
        and not uow.musters.find_counter(muster.id, actor.user).is_done
    )
