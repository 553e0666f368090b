"""Decide a scan: whether it may happen, and what the item is afterwards.

The pure rules of custody, whole: this door, the giver's side (:mod:`app.domain.offering`) and the taker's
(:mod:`app.domain.taking`). A refusal is an answer like any other: it is recorded, and it changes nothing but
the log. The order of the checks is part of the specification: a stop before anything else, then the label,
the item, the person, the place, and last the offer. Nothing here may look anything up, read a clock, or touch
`id`, `version` and `item_head`, which belong to storage.
"""

from datetime import datetime
from typing import assert_never

from app.domain.access import Actor, Permission, Role, may
from app.domain.consignment import Consignment, PendingOffer, State
from app.domain.decision import Accepted, Action, Decision, LineFacts, Preview, Refusal, Refused
from app.domain.handing_in import decide_hand_in
from app.domain.held_back import Hold
from app.domain.ids import UnitId
from app.domain.offering import (
    decide_attempt,
    decide_offer,
    decide_recall,
    find_attempt_refusal,
    find_offer_refusal,
    find_recall_refusal,
)
from app.domain.taking import decide_take, find_taker_refusal
from audit.evidence import Attempt, Handover, HandoverLine, Offer, Purpose, Recall, Take, TakeLine

__all__ = [
    "Accepted",
    "Action",
    "Actor",
    "Decision",
    "LineFacts",
    "Preview",
    "Refusal",
    "Refused",
    "decide",
    "preview",
]


def decide(
    consignment: Consignment | None,
    scan: Handover,
    line: HandoverLine,
    actor: Actor,
    *,
    facts: LineFacts,
    now: datetime,
) -> Decision:
    """Decide one line of one scan. `consignment` is None where no item has this code."""
    stopped = facts.stopped or (consignment is not None and consignment.hold is Hold.STOPPED)
    if consignment is None or facts.forged or stopped:
        strange = facts.forgery if facts.forged else Refusal.UNKNOWN_CODE
        return Refused(code=Refusal.STOPPED if stopped else strange)
    answered = consignment.offer if isinstance(scan, Take) else None
    refusal = _find_standing_refusal(consignment, actor, facts.place, answered)
    if refusal is None and facts.section_closed:
        refusal = Refusal.SECTION_CLOSED
    if refusal is not None:
        return Refused(code=refusal)
    match scan:
        case Offer():
            return decide_offer(consignment, scan, actor, facts=facts, now=now)
        case Take():
            if not isinstance(line, TakeLine):
                raise TypeError("a take is answered line by take line")
            rule = decide_take if scan.giver is None else decide_hand_in
            return rule(consignment, scan, line, actor, facts=facts, now=now)
        case Recall():
            return decide_recall(consignment, scan, actor)
        case Attempt():
            return decide_attempt(consignment, actor, place=facts.place, now=now)
        case _:
            assert_never(scan)


def _find_standing_refusal(
    consignment: Consignment, actor: Actor, place: UnitId | None, answered: PendingOffer | None = None
) -> Refusal | None:
    """Find what forbids every scan alike: final states are final, and only handlers scan, where they work.

    `answered` is the offer that a take answers: an agency's person may fetch what is theirs at a counter.
    """
    if consignment.hold is Hold.STOPPED:
        return Refusal.STOPPED
    if consignment.state is State.CANCELLED:
        return Refusal.CANCELLED
    if consignment.state.is_final:
        return Refusal.WRONG_STATE
    if not actor.active or not may(actor.role, Permission.SCAN):
        return Refusal.ROLE_NOT_ALLOWED
    if place is None or not _may_stand(actor, place, answered):
        return Refusal.WRONG_PLACE
    # What lies in a bag moves with the bag: an item of a closed bag that is scanned alone should not be here.
    return None if consignment.bag is None else Refusal.IN_BAG


def _may_stand(actor: Actor, place: UnitId, answered: PendingOffer | None) -> bool:
    """Couriers scan everywhere, everybody else at their own unit, or at the counter that calls for them."""
    if actor.role is Role.COURIER or place == actor.unit:
        return True
    return answered is not None and answered.calls_to_counter(actor.unit) and answered.place == place


def preview(consignment: Consignment, actor: Actor) -> Preview:
    """Tell what this person may do with the item now, before anything is signed.

    A courier is assumed to stand at the right place, an agency's person at the counter that calls for their
    unit, everybody else at their own. Whether the taker is the named person and has the paper that is asked
    for, and whether the seal agrees, is known only at the scan itself.
    """
    wherever = actor.role is Role.COURIER
    standing = _find_standing_refusal(consignment, actor, actor.unit)
    if standing is not None:
        return Preview(actions=(), refusal=standing)
    found: dict[Action, Refusal | None] = {}
    if consignment.offer is not None:
        called = wherever or consignment.offer.calls_to_counter(actor.unit)
        place = consignment.offer.place if called else actor.unit
        found[Action.TAKE] = find_taker_refusal(consignment, consignment.offer, actor, place)
    found[Action.RECALL] = find_recall_refusal(consignment, actor)
    for action, purpose, target in (
        (Action.OFFER_TRANSFER, Purpose.TRANSFER, actor.unit),
        (Action.OFFER_DELIVERY, Purpose.DELIVERY, consignment.recipient_unit),
        (Action.OFFER_RETURN, Purpose.RETURN, consignment.sender_unit),
    ):
        facts = LineFacts(place=target if wherever else actor.unit, to_unit=target)
        found[action] = find_offer_refusal(consignment, purpose, actor, facts)
    door = consignment.recipient_unit if wherever else actor.unit
    found[Action.ATTEMPT] = find_attempt_refusal(consignment, actor, door)
    actions = tuple(action for action, refusal in found.items() if refusal is None)
    return Preview(actions=actions, refusal=None if actions else next(iter(found.values())))
