"""Say which bags a person may know about, and whose business the contents of one are.

Rules only; who once held a bag or whether it has left its office comes from the records. Whoever carries a
closed bag must not learn what is in it, and the number of its seal is for nobody who may still have to read
it off the bag. Every bag a person sees comes through ``app/services/bags/bag_access.py``, which asks here.
"""

from app.domain.access import POST, Actor, Permission, Role, may
from app.domain.bag import Bag, BagState


def is_bag_addressed_to(bag: Bag, actor: Actor) -> bool:
    """Tell whether a pending offer of the bag waits for this person, by name or through the unit."""
    offer = bag.offer
    if offer is None or offer.to_unit != actor.unit or offer.by == actor.user:
        return False
    return offer.to_user is None or offer.to_user == actor.user


def may_see_bag(bag: Bag, actor: Actor, *, was_holder: bool) -> bool:
    """Tell whether the bag's outside is for this person: code, offices, dispatch, weight, who has it."""
    if not may(actor.role, Permission.VIEW_BAG):
        return False
    if actor.role is Role.AUDITOR:
        return True
    at_an_end = actor.role is Role.CLERK and actor.unit in {bag.origin, bag.destination}
    holds = actor.role in POST and bag.custodian.user == actor.user
    return at_an_end or holds or was_holder or is_bag_addressed_to(bag, actor)


def may_see_contents(bag: Bag, actor: Actor, *, has_left: bool) -> bool:
    """Tell whether the codes in it, and their number, are for this person who may see the bag.

    Whoever fills an open bag or empties an opened one has them in hand. `has_left`: a closed bag is no longer
    with a clerk of the office that packed it.
    """
    if actor.role is Role.AUDITOR:
        return True
    is_clerk, in_hand = actor.role is Role.CLERK, bag.custodian.user == actor.user
    match bag.state:
        case BagState.OPEN:
            return in_hand or (is_clerk and actor.unit == bag.origin)
        case BagState.CLOSED:
            return is_clerk and actor.unit == bag.origin and not has_left
        case BagState.OPENED:
            return in_hand or (is_clerk and actor.unit == bag.destination)
        case BagState.EMPTIED:
            return is_clerk and actor.unit == bag.destination


def may_see_seal(bag: Bag, actor: Actor, *, has_left: bool) -> bool:
    """Tell whether the recorded seal number is for this person: once nobody compares it any more."""
    if actor.role is Role.AUDITOR:
        return True
    return bag.opened_at is not None and may_see_contents(bag, actor, has_left=has_left)


def may_see_response(bag: Bag, actor: Actor) -> bool:
    """Tell whether the whole answer to the manifest is for this person: both offices, once it is complete.

    The sender gets back what became of the list it made; whoever carried the bag learns nothing of it.
    """
    if not bag.state.is_final or bag.manifest == "":
        return False
    at_an_end = actor.role is Role.CLERK and actor.unit in {bag.origin, bag.destination}
    return at_an_end or actor.role is Role.AUDITOR
