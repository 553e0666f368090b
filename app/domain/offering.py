"""Rule on the giver's side: offer, recall, and the failed attempt at delivery.

Only the custodian in person gives. Nothing here checks what holds for every scan (label, final states, role,
own place): :mod:`app.domain.custody` has done that before it asks.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from app.domain.access import POST, Actor, Role
from app.domain.consignment import Consignment, PendingOffer, State
from app.domain.decision import Accepted, Decision, LineFacts, Refusal, Refused
from app.domain.ids import UnitId, UserId
from audit.evidence import Offer, Purpose, Recall


def decide_offer(
    consignment: Consignment, scan: Offer, actor: Actor, *, facts: LineFacts, now: datetime
) -> Decision:
    """Make the item offered: custody stays with the giver until the taker answers the same nonce."""
    to_user = None if scan.to.user is None else UserId(scan.to.user)
    refusal = find_offer_refusal(consignment, scan.purpose, actor, facts)
    if refusal is None and to_user == actor.user:
        refusal = Refusal.OWN_OFFER
    if refusal is not None:
        return Refused(code=refusal)
    return Accepted(after=replace(consignment, offer=make_offer(scan, actor, facts=facts, now=now)))


def make_offer(scan: Offer, actor: Actor, *, facts: LineFacts, now: datetime) -> PendingOffer:
    """Return the giver's half of a handover that the rules have let through, of an item or of a bag."""
    if facts.to_unit is None or facts.place is None:
        raise ValueError("an offer that passed the rules has a place and a unit")
    return PendingOffer(
        nonce=scan.nonce,
        purpose=scan.purpose,
        to_unit=facts.to_unit,
        to_user=None if scan.to.user is None else UserId(scan.to.user),
        place=facts.place,
        by=actor.user,
        offered_at=now,
    )


def find_offer_refusal(
    consignment: Consignment, purpose: Purpose, actor: Actor, facts: LineFacts
) -> Refusal | None:
    """Find why the item may not be offered for this purpose, to this unit, at this place."""
    if consignment.hold is not None:
        return Refusal.QUARANTINED
    if consignment.custodian.user != actor.user:
        return Refusal.WRONG_CUSTODIAN
    if consignment.offer is not None:
        return Refusal.ALREADY_OFFERED
    match purpose:
        case Purpose.TRANSFER:
            known = facts.to_unit is not None and facts.to_user_fits
            return None if known else Refusal.WRONG_UNIT
        case Purpose.DELIVERY:
            return _find_final_refusal(consignment, actor, facts, returning=False)
        case Purpose.RETURN:
            return _find_final_refusal(consignment, actor, facts, returning=True)
        case _:
            assert_never(purpose)


def _find_final_refusal(
    consignment: Consignment, actor: Actor, facts: LineFacts, *, returning: bool
) -> Refusal | None:
    """Delivery ends at the recipient's door and return at the sender's; only the post goes there.

    A clerk goes nowhere: at the counter of the own post office the unit's person fetches the item.
    """
    destination = consignment.sender_unit if returning else consignment.recipient_unit
    if actor.role not in POST:
        return Refusal.ROLE_NOT_ALLOWED
    if consignment.state is not State.IN_CUSTODY:
        return Refusal.WRONG_STATE
    if returning and consignment.attempts < 1:
        return Refusal.NO_ATTEMPT_YET
    if facts.to_unit != destination:
        return Refusal.WRONG_RECIPIENT
    at_counter = facts.has_counter and actor.role is Role.CLERK and facts.place == actor.unit
    if facts.place != destination and not at_counter:
        return Refusal.WRONG_PLACE
    return None if facts.to_user_fits else Refusal.WRONG_UNIT


def decide_recall(consignment: Consignment, scan: Recall, actor: Actor) -> Decision:
    """Withdraw the giver's own offer while nobody has answered it."""
    refusal = find_recall_refusal(consignment, actor)
    if refusal is None and consignment.offer is not None and consignment.offer.nonce != scan.nonce:
        refusal = Refusal.OFFER_CHANGED
    if refusal is not None:
        return Refused(code=refusal)
    return Accepted(after=replace(consignment, offer=None))


def find_recall_refusal(consignment: Consignment, actor: Actor) -> Refusal | None:
    """Find why this person has nothing to recall here."""
    if consignment.custodian.user != actor.user:
        return Refusal.WRONG_CUSTODIAN
    return Refusal.NOT_OFFERED if consignment.offer is None else None


def decide_attempt(
    consignment: Consignment, actor: Actor, *, place: UnitId | None, now: datetime
) -> Decision:
    """Record a failed attempt: it stops the service clock and ends the offer that nobody took up."""
    refusal = find_attempt_refusal(consignment, actor, place)
    if refusal is not None:
        return Refused(code=refusal)
    return Accepted(after=count_attempt(consignment, now))


def find_attempt_refusal(consignment: Consignment, actor: Actor, place: UnitId | None) -> Refusal | None:
    """Find why this person cannot have attempted a delivery of this item at this place."""
    if consignment.custodian.user != actor.user:
        return Refusal.WRONG_CUSTODIAN
    if actor.role not in POST:
        return Refusal.ROLE_NOT_ALLOWED
    if consignment.state is not State.IN_CUSTODY:
        return Refusal.WRONG_STATE
    # An attempt stops the service clock and opens the way back, so it happens at the address on the item.
    if place != consignment.recipient_unit:
        return Refusal.WRONG_PLACE
    # A transfer or return that is still offered is somebody else's to answer; recall it first.
    if consignment.offer is not None and consignment.offer.purpose is not Purpose.DELIVERY:
        return Refusal.ALREADY_OFFERED
    return None


def count_attempt(consignment: Consignment, now: datetime) -> Consignment:
    """Count a delivery that failed; the quality clock stops at the first (Circular 15/2022)."""
    return replace(
        consignment,
        offer=None,
        attempts=consignment.attempts + 1,
        first_attempt_at=consignment.first_attempt_at or now,
    )
