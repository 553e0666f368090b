"""Rule on handing over a closed bag: the same two signatures over one nonce as for an item.

A bag is only ever transferred, between people of the post, and taken only by whoever reads its seal off the
bag itself: the recorded number is shown to nobody before. Nothing here may look anything up or read a clock.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from app.domain.access import POST, Actor, Role
from app.domain.bag import Bag, BagState
from app.domain.consignment import Custodian
from app.domain.decision import LineFacts, Refusal, first_of
from app.domain.demanding import find_demand_refusal
from app.domain.grades import Secrecy
from app.domain.ids import UserId
from app.domain.offering import make_offer
from app.domain.packing import seals_equal
from app.domain.seal import seal_key
from app.domain.taking import find_authority_refusal
from audit.evidence import Attempt, Handover, HandoverLine, Offer, Purpose, Recall, Take, TakeLine, Verdict


def decide_bag(
    bag: Bag, scan: Handover, line: HandoverLine, actor: Actor, *, facts: LineFacts, now: datetime
) -> Bag | Refusal:
    """Decide one line about a bag: the bag afterwards, or why not."""
    refusal = _find_standing_refusal(bag, actor, facts)
    if refusal is None and facts.section_closed:
        refusal = Refusal.SECTION_CLOSED
    if refusal is not None:
        return refusal
    match scan:
        case Offer():
            return _offer(bag, scan, actor, facts=facts, now=now)
        case Take():
            if not isinstance(line, TakeLine):
                raise TypeError("a take is answered line by take line")
            return _take(bag, scan, line, actor, facts=facts)
        case Recall():
            return _recall(bag, scan, actor)
        case Attempt():
            # A bag is delivered to nobody: what is in it is.
            return Refusal.WRONG_STATE
        case _:
            assert_never(scan)


def _find_standing_refusal(bag: Bag, actor: Actor, facts: LineFacts) -> Refusal | None:
    return first_of(
        (facts.stopped, Refusal.STOPPED),
        (facts.forged, facts.forgery),
        (not actor.active or actor.role not in POST, Refusal.ROLE_NOT_ALLOWED),
        (facts.place is None, Refusal.WRONG_PLACE),
        (actor.role is not Role.COURIER and facts.place != actor.unit, Refusal.WRONG_PLACE),
        (bag.outer is not None, Refusal.IN_BAG),
        (bag.state is not BagState.CLOSED, Refusal.BAG_NOT_CLOSED),
    )


def _offer(bag: Bag, scan: Offer, actor: Actor, *, facts: LineFacts, now: datetime) -> Bag | Refusal:
    to_user = None if scan.to.user is None else UserId(scan.to.user)
    refusal = first_of(
        (bag.custodian.user != actor.user, Refusal.WRONG_CUSTODIAN),
        (bag.offer is not None, Refusal.ALREADY_OFFERED),
        (scan.purpose is not Purpose.TRANSFER, Refusal.WRONG_STATE),
        (facts.to_unit is None or not facts.to_user_fits, Refusal.WRONG_UNIT),
        (to_user == actor.user, Refusal.OWN_OFFER),
    )
    if refusal is not None:
        return refusal
    return replace(bag, offer=make_offer(scan, actor, facts=facts, now=now))


def _recall(bag: Bag, scan: Recall, actor: Actor) -> Bag | Refusal:
    refusal = first_of(
        (bag.custodian.user != actor.user, Refusal.WRONG_CUSTODIAN),
        (bag.offer is None, Refusal.NOT_OFFERED),
        (bag.offer is not None and bag.offer.nonce != scan.nonce, Refusal.OFFER_CHANGED),
    )
    return replace(bag, offer=None) if refusal is None else refusal


def _take(bag: Bag, scan: Take, line: TakeLine, actor: Actor, *, facts: LineFacts) -> Bag | Refusal:
    offer = bag.offer
    if scan.giver is not None:
        # An agency packs no bags.
        return Refusal.NOT_REGISTERED_BY_GIVER
    if offer is None:
        return Refusal.NOT_OFFERED
    accepts = line.verdict is Verdict.ACCEPT
    refusal = first_of(
        (offer.nonce != scan.nonce, Refusal.OFFER_CHANGED),
        (offer.by == actor.user, Refusal.OWN_OFFER),
        (offer.place != facts.place, Refusal.WRONG_PLACE),
        (offer.to_unit != actor.unit or offer.to_user not in {None, actor.user}, Refusal.WRONG_TAKER),
    )
    if refusal is None and accepts:
        refusal = (
            find_authority_refusal(facts, Secrecy.A)
            or find_demand_refusal(facts, offer.by, actor)
            or first_of(
                (not seal_key(line.seal), Refusal.SEAL_MISSING),
                (not seals_equal(bag.seal, line.seal), Refusal.SEAL_DIFFERS),
            )
        )
    if refusal is not None:
        return refusal
    after = replace(bag, offer=None)
    return replace(after, custodian=Custodian(user=actor.user, unit=actor.unit)) if accepts else after
