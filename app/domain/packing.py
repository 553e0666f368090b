"""Rule on filling a bag: packing, taking out again, and closing it with a seal and a weight.

Only the custodian of an open bag fills it, with what they answer for themselves, so nothing changes hands
here. Nothing here may look anything up or read a clock.
"""

from dataclasses import replace
from datetime import datetime

from app.domain.access import POST, Actor
from app.domain.bag import MOST_PACKED, Bag, BagState, Dispatch
from app.domain.consignment import Consignment, State
from app.domain.decision import Refusal
from app.domain.ids import UnitId
from app.domain.seal import seal_key

Packed = Consignment | Bag


def find_bag_refusal(bag: Bag | None, actor: Actor, place: UnitId | None) -> Refusal | None:
    """Find what forbids this person to work on a bag's contents here, whatever the line."""
    if bag is None:
        return Refusal.UNKNOWN_CODE
    if not actor.active or actor.role not in POST:
        return Refusal.ROLE_NOT_ALLOWED
    if place is None or place != bag.origin:
        return Refusal.WRONG_PLACE
    if bag.custodian.user != actor.user:
        return Refusal.WRONG_CUSTODIAN
    return None if bag.state is BagState.OPEN else Refusal.BAG_NOT_OPEN


def find_packing_refusal(
    bag: Bag, thing: Packed | None, actor: Actor, *, is_nested: bool = False
) -> Refusal | None:
    """Find why this item or closed bag may not go into this bag.

    `is_nested` says that the inner bag holds bags itself: two layers are what a person can still oversee.
    """
    if thing is None:
        return Refusal.UNKNOWN_CODE
    if bag.pieces >= MOST_PACKED:
        return Refusal.BAG_FULL
    refusal = _find_item_refusal(thing) if isinstance(thing, Consignment) else _find_inner_refusal(bag, thing)
    if refusal is not None:
        return refusal
    if thing.custodian.user != actor.user:
        return Refusal.WRONG_CUSTODIAN
    if thing.offer is not None:
        return Refusal.ALREADY_OFFERED
    return Refusal.BAG_IN_BAG if is_nested else None


def _find_item_refusal(item: Consignment) -> Refusal | None:
    if item.hold is not None:
        return Refusal.QUARANTINED
    if item.state is State.CANCELLED:
        return Refusal.CANCELLED
    if item.state is not State.IN_CUSTODY:
        return Refusal.WRONG_STATE
    return None if item.bag is None else Refusal.IN_BAG


def _find_inner_refusal(bag: Bag, inner: Bag) -> Refusal | None:
    if inner.state is not BagState.CLOSED or inner.id == bag.id:
        return Refusal.BAG_NOT_CLOSED
    return None if inner.outer is None else Refusal.IN_BAG


def put_in(thing: Packed, bag: Bag) -> Packed:
    """Return the thing as it lies in the bag."""
    return replace(thing, bag=bag.id) if isinstance(thing, Consignment) else replace(thing, outer=bag.id)


def is_inside(bag: Bag, thing: Packed) -> bool:
    """Tell whether a thing lies in this bag."""
    return (thing.bag if isinstance(thing, Consignment) else thing.outer) == bag.id


def find_unpacking_refusal(thing: Packed | None, *, is_listed: bool) -> Refusal | None:
    """Find why this thing cannot be taken out of an open bag: because nobody put it there."""
    if thing is None:
        return Refusal.UNKNOWN_CODE
    return None if is_listed else Refusal.NOT_IN_THIS_BAG


def take_out(bag: Bag, thing: Packed) -> Packed:
    """Return the thing outside this bag, with the custodian who had it in hand last.

    What was found in another bag meanwhile is off this bag's list, and stays where it is.
    """
    if not is_inside(bag, thing):
        return thing
    return replace(thing, bag=None) if isinstance(thing, Consignment) else replace(thing, outer=None)


def find_closing_refusal(
    bag: Bag, *, pieces: int, inside: int, contents: str, signed_contents: str
) -> Refusal | None:
    """Find why the bag cannot be closed: the closer must have seen exactly what is in it.

    `inside` is how much lies in it by the things themselves: less than was packed, where something of it was
    found in another bag meanwhile.
    """
    if bag.pieces == 0:
        return Refusal.BAG_EMPTY
    seen = pieces == inside == bag.pieces and contents == signed_contents
    return None if seen else Refusal.CONTENTS_DIFFER


def close(bag: Bag, *, seal: str, weight_g: int, dispatch: Dispatch, manifest: str, now: datetime) -> Bag:
    """Return the bag closed: from here on it moves as one thing."""
    return replace(
        bag,
        state=BagState.CLOSED,
        seal=seal,
        weight_g=weight_g,
        dispatch=dispatch,
        manifest=manifest,
        closed_at=now,
    )


def seals_equal(recorded: str, read: str) -> bool:
    """Compare two seal numbers as read, not as typed."""
    return seal_key(recorded) == seal_key(read)
