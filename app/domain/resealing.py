"""Rule on a closed bag's seal between its ends: looking at it, and changing it.

Whoever looks types what they read; the recorded number is compared and never told. A change needs the old
number, a new one, and two persons. Nothing here may look anything up.
"""

from app.domain.access import POST, Actor, Role
from app.domain.bag import Bag, BagState
from app.domain.decision import Refusal, first_of
from app.domain.ids import UnitId
from app.domain.packing import seals_equal


def find_check_refusal(bag: Bag, actor: Actor, place: UnitId | None, *, seal: str) -> Refusal | None:
    """Find why a look at the seal is no good; a number that differs is one of the reasons."""
    return _find_standing_refusal(bag, actor, place) or (
        None if seals_equal(bag.seal, seal) else Refusal.SEAL_DIFFERS
    )


def find_change_refusal(
    bag: Bag, actor: Actor, place: UnitId | None, *, old: str, new: str
) -> Refusal | None:
    """Find why the seal may not be changed: by the custodian only, from the recorded number to another."""
    return _find_standing_refusal(bag, actor, place) or first_of(
        (bag.custodian.user != actor.user, Refusal.WRONG_CUSTODIAN),
        (bag.offer is not None, Refusal.ALREADY_OFFERED),
        (not seals_equal(bag.seal, old), Refusal.SEAL_DIFFERS),
        (seals_equal(old, new), Refusal.SEAL_SAME),
    )


def _find_standing_refusal(bag: Bag, actor: Actor, place: UnitId | None) -> Refusal | None:
    elsewhere = place is None or (actor.role is not Role.COURIER and place != actor.unit)
    return first_of(
        (not actor.active or actor.role not in POST, Refusal.ROLE_NOT_ALLOWED),
        (elsewhere, Refusal.WRONG_PLACE),
        (bag.outer is not None, Refusal.IN_BAG),
        (bag.state is not BagState.CLOSED, Refusal.BAG_NOT_CLOSED),
    )
