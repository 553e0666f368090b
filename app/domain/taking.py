"""Rule on the taker's side: who may answer an offer, and what a take or a refused line does.

A take is the second signature over the giver's nonce; only here does custody move. Nothing here checks what
holds for every scan: :mod:`app.domain.custody` has done that before it asks.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from app.domain.access import POST, Actor, Role
from app.domain.authority import Backing
from app.domain.consignment import Consignment, Custodian, PendingOffer, State
from app.domain.decision import Accepted, Decision, LineFacts, Refusal, Refused, first_of
from app.domain.demanding import find_demand_refusal
from app.domain.grades import Secrecy
from app.domain.ids import UnitId
from app.domain.mandate import Standing
from app.domain.offering import count_attempt
from app.domain.receiving_check import find_check_refusal
from app.domain.seal import seal_key
from app.domain.validity import Validity
from audit.evidence import Purpose, Take, TakeLine, Verdict


def decide_take(
    consignment: Consignment, scan: Take, line: TakeLine, actor: Actor, *, facts: LineFacts, now: datetime
) -> Decision:
    """Answer one line of an offer: custody moves with an accepted one; a refused one stays with the giver."""
    offer = consignment.offer
    if offer is None:
        return Refused(code=Refusal.NOT_OFFERED)
    if offer.nonce != scan.nonce:
        return Refused(code=Refusal.OFFER_CHANGED)
    refusal = find_taker_refusal(consignment, offer, actor, facts.place, facts.standing)
    if refusal is None and line.verdict is Verdict.ACCEPT:
        refusal = _find_hand_refusal(consignment, offer, line, actor, facts)
    if refusal is not None:
        return Refused(code=refusal)
    match line.verdict:
        case Verdict.ACCEPT:
            return Accepted(after=_taken(consignment, offer, actor, now))
        case Verdict.REFUSE:
            return Accepted(after=_turned_down(consignment, offer, now))
        case _:
            assert_never(line.verdict)


def find_taker_refusal(
    consignment: Consignment,
    offer: PendingOffer,
    actor: Actor,
    place: UnitId | None,
    standing: Standing = Standing.BY_ROLE,
) -> Refusal | None:
    """Find why this person may not answer this offer at this place, by accepting or by refusing."""
    if offer.by == actor.user:
        return Refusal.OWN_OFFER
    if offer.place != place:
        return Refusal.WRONG_PLACE
    if offer.to_unit != actor.unit or offer.to_user not in {None, actor.user}:
        return Refusal.WRONG_TAKER
    match offer.purpose:
        case Purpose.TRANSFER:
            # An agency's focal points relieve one another; between agencies an item goes by post only.
            colleague = actor.role is Role.FOCAL_POINT and actor.unit == consignment.custodian.unit
            return None if actor.role in POST or colleague else Refusal.WRONG_UNIT
        case Purpose.DELIVERY | Purpose.RETURN:
            return _find_receiver_refusal(actor, standing)
        case _:
            assert_never(offer.purpose)


def _find_receiver_refusal(actor: Actor, standing: Standing) -> Refusal | None:
    """Ask the unit's mandates first: a date that is over refuses even where the role alone would do."""
    match standing:
        case Standing.VALID:
            return None
        case Standing.BY_ROLE:
            return None if actor.role is Role.FOCAL_POINT else Refusal.NOT_A_RECEIVER
        case Standing.UNLISTED:
            return Refusal.NOT_A_RECEIVER
        case Standing.EXPIRED:
            return Refusal.DELEGATION_EXPIRED
        case Standing.FUTURE:
            return Refusal.DELEGATION_NOT_YET
        case _:
            assert_never(standing)


def _find_hand_refusal(
    consignment: Consignment, offer: PendingOffer, line: TakeLine, actor: Actor, facts: LineFacts
) -> Refusal | None:
    """Check what only matters when it changes hands: quarantine, paper, name, policy, seal, checklist."""
    if consignment.hold is not None:
        return Refusal.QUARANTINED
    if shows_paper(offer, actor):
        # At a counter a mandate with its dates says as much as a letter: the agency itself named this person.
        mandated = offer.at_counter and facts.standing is Standing.VALID
        refusal = None if mandated else find_authority_refusal(facts, consignment.grade.secrecy)
        if refusal is not None:
            return refusal
    # A delegation opens what is for its giver by name, if it says so; it never opens anybody else's.
    named = offer.purpose is Purpose.DELIVERY and consignment.named_only
    allowed = {actor.name_key} | facts.named_keys
    if named and facts.receiver_key not in allowed:
        return Refusal.NAMED_PERSON_ONLY
    return (
        find_demand_refusal(facts, offer.by, actor)
        or find_seal_refusal(consignment, line)
        or find_check_refusal(offer, consignment.grade, line, facts)
    )


def find_seal_refusal(consignment: Consignment, line: TakeLine) -> Refusal | None:
    """Hold the seal that was read against the recorded one; only a sealed item is asked for one."""
    recorded, read = seal_key(consignment.seal), seal_key(line.seal)
    return first_of(
        # Whoever takes a sealed item has looked at the seal: a blank is no statement about it.
        (bool(recorded) and not read, Refusal.SEAL_MISSING),
        (bool(recorded) and read != recorded, Refusal.SEAL_DIFFERS),
    )


def shows_paper(offer: PendingOffer, actor: Actor) -> bool:
    """Tell whether this taker has a paper to show: on the way the card, at a counter the agency's letter.

    At the last door the unit's own mandates have said who receives; a colleague inside is known there.
    """
    return actor.role in POST if offer.purpose is Purpose.TRANSFER else offer.at_counter


def find_authority_refusal(facts: LineFacts, mark: Secrecy) -> Refusal | None:
    """Find why the taker's card or letter does not do, where the policy asks for one.

    A bag is handled as if the highest mark were in it: nobody is told what is.
    """
    if not facts.authority_asked:
        return None
    above = not facts.backing.covers(mark)
    return find_doubt(facts.backing) or (Refusal.MARK_ABOVE_AUTHORITY if above else None)


def find_doubt(backing: Backing) -> Refusal | None:
    """Find why a paper does not do; the giver is told the same before offering."""
    match backing.standing:
        case Validity.VALID:
            return None
        case None:
            return Refusal.AUTHORITY_MISSING
        case Validity.EXPIRED:
            return Refusal.AUTHORITY_EXPIRED
        case Validity.FUTURE:
            return Refusal.AUTHORITY_NOT_YET
        case Validity.REVOKED:
            return Refusal.AUTHORITY_REVOKED
        case _:
            assert_never(backing.standing)


def _taken(consignment: Consignment, offer: PendingOffer, actor: Actor, now: datetime) -> Consignment:
    custodian = Custodian(user=actor.user, unit=actor.unit)
    match offer.purpose:
        case Purpose.TRANSFER:
            if actor.role not in POST:
                return replace(consignment, offer=None, custodian=custodian)
            # The post's promise runs from the first time that one of its people answers for the item.
            first = consignment.accepted_at or now
            return replace(
                consignment, offer=None, custodian=custodian, state=State.IN_CUSTODY, accepted_at=first
            )
        case Purpose.DELIVERY:
            first = consignment.first_attempt_at or now
            return replace(
                consignment,
                offer=None,
                custodian=custodian,
                state=State.DELIVERED,
                closed_at=now,
                first_attempt_at=first,
            )
        case Purpose.RETURN:
            return replace(consignment, offer=None, custodian=custodian, state=State.RETURNED, closed_at=now)
        case _:
            assert_never(offer.purpose)


def _turned_down(consignment: Consignment, offer: PendingOffer, now: datetime) -> Consignment:
    """Leave a refused line with the giver; at the recipient's door it was an attempt at delivery."""
    if offer.purpose is Purpose.DELIVERY:
        return count_attempt(consignment, now)
    return replace(consignment, offer=None)
