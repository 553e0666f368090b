"""Rule on what happens to a closed bag at its end: opening before a witness, and the answer line by line.

Opening ends what was inferred from the seal; from then on each line of the manifest is answered by whoever
looked. An item that is missing stays with the person who packed it, the last whose custody was verified.
Nothing here may look anything up or read a clock.
"""

from dataclasses import replace
from datetime import datetime

from app.domain.access import POST, Actor
from app.domain.bag import Bag, BagState
from app.domain.consignment import Consignment, Custodian, State
from app.domain.decision import Refusal, first_of
from app.domain.ids import UnitId
from app.domain.packing import Packed, is_inside, seals_equal
from app.domain.witness import Witness
from audit.evidence import Mark, SealState


def find_witness_refusal(witness: Witness | None, actor: Actor) -> Refusal | None:
    """Find why an act lacks its second person: absent, the same, unfit, off duty, or not there just now."""
    if witness is None:
        return Refusal.WITNESS_MISSING
    if witness.user == actor.user:
        return Refusal.WITNESS_IS_ACTOR
    if not witness.may_witness:
        return Refusal.WITNESS_NOT_ALLOWED
    if not witness.on_duty:
        return Refusal.WITNESS_OFF_DUTY
    return None if witness.present else Refusal.WITNESS_NOT_PRESENT


def find_opening_refusal(
    bag: Bag | None, actor: Actor, place: UnitId | None, *, seal: str, found: SealState
) -> Refusal | None:
    """Find why the bag may not be opened here by this person.

    A seal found intact must be the recorded one. A broken seal is no reason to leave the bag closed for ever:
    it is opened all the same, and the answer of this very act says so.
    """
    if bag is None:
        return Refusal.UNKNOWN_CODE
    lies = found is SealState.INTACT and not seals_equal(bag.seal, seal)
    return _find_handler_refusal(bag, actor, place) or first_of(
        (bag.outer is not None, Refusal.IN_BAG),
        (bag.state is not BagState.CLOSED, Refusal.BAG_NOT_CLOSED),
        (bag.offer is not None, Refusal.ALREADY_OFFERED),
        (lies, Refusal.SEAL_DIFFERS),
    )


def _find_handler_refusal(bag: Bag, actor: Actor, place: UnitId | None) -> Refusal | None:
    """Find who is not at the bag's end: opened and answered at its destination, by whoever answers for it."""
    elsewhere = place is None or place != bag.destination or place != actor.unit
    return first_of(
        (not actor.active or actor.role not in POST, Refusal.ROLE_NOT_ALLOWED),
        (elsewhere, Refusal.WRONG_PLACE),
        (bag.custodian.user != actor.user, Refusal.WRONG_CUSTODIAN),
    )


def open_bag(bag: Bag, now: datetime) -> Bag:
    """Return the bag opened; what is in it waits for its answers."""
    return replace(bag, state=BagState.OPENED, opened_at=now)


def find_answering_refusal(bag: Bag | None, actor: Actor, place: UnitId | None) -> Refusal | None:
    """Find what forbids this person to answer the manifest, whatever the line."""
    if bag is None:
        return Refusal.UNKNOWN_CODE
    opened = bag.state is BagState.OPENED
    return _find_handler_refusal(bag, actor, place) or (None if opened else Refusal.BAG_NOT_OPENED)


def find_answer_refusal(
    bag: Bag, thing: Packed | None, mark: Mark, *, is_listed: bool, is_answered: bool = False
) -> Refusal | None:
    """Find why one line cannot be answered so: only what is listed is received, only a stranger is excess.

    What is listed may have been found in another bag meanwhile: it is missing here then, or found once more.
    """
    if thing is None:
        return Refusal.UNKNOWN_CODE
    if is_answered:
        return Refusal.ALREADY_ANSWERED
    if is_listed is (mark is Mark.EXCESS):
        return Refusal.NOT_IN_THIS_BAG
    settled = mark is Mark.MISSING or is_inside(bag, thing)
    return None if settled else _find_finding_refusal(thing)


def _find_finding_refusal(thing: Packed) -> Refusal | None:
    """Find why a thing that lies elsewhere by the log does not come into its finder's hands."""
    if isinstance(thing, Consignment):
        # What is delivered already, or never left its sender, is found without record: told, not moved.
        return first_of(
            (thing.state is State.CANCELLED, Refusal.CANCELLED),
            (thing.state is not State.IN_CUSTODY, Refusal.WRONG_STATE),
        )
    return None if thing.state is BagState.CLOSED else Refusal.BAG_NOT_CLOSED


def answer(bag: Bag, thing: Packed, mark: Mark, actor: Actor) -> Packed:
    """Return the thing after its answer: in the answerer's hands, or, if missing, where it was last seen."""
    if mark is Mark.MISSING and not is_inside(bag, thing):
        return thing
    custodian = thing.custodian if mark is Mark.MISSING else Custodian(user=actor.user, unit=actor.unit)
    if isinstance(thing, Consignment):
        # Custody by finding ends an offer that somebody made of what they no longer had.
        return replace(thing, bag=None, custodian=custodian, offer=None)
    return replace(thing, outer=None, custodian=custodian, offer=None)


def settle(bag: Bag, *, left: int, now: datetime) -> Bag:
    """Return the bag after its answers: emptied with the last line."""
    if left:
        return replace(bag, pieces=left)
    return replace(bag, pieces=0, state=BagState.EMPTIED, emptied_at=now)
