"""Rule on handing in at a post office counter: an agency's person gives to the clerk, without a device.

The clerk's take is the one statement; that the giver agreed to this very list is the log's own word, because
they proved who they are at that moment. So more is asked than of an offer: the giver is there, of the agency
that registered the item, answers for it in person, and has a letter of introduction for its mark where the
policy asks for one. Nothing here may look anything up or read a clock.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from app.domain.access import Actor, Role
from app.domain.consignment import Consignment, Custodian, State
from app.domain.decision import Accepted, Decision, HandGiver, LineFacts, Refusal, Refused, first_of
from app.domain.demanding import find_demand_refusal
from app.domain.grades import Secrecy
from app.domain.taking import find_authority_refusal, find_seal_refusal
from app.domain.validity import Validity
from audit.evidence import Take, TakeLine, Verdict


def decide_hand_in(
    consignment: Consignment, scan: Take, line: TakeLine, actor: Actor, *, facts: LineFacts, now: datetime
) -> Decision:
    """Decide one line: custody moves with an accepted one, a refused one stays with the agency."""
    if facts.giver is None or scan.giver is None or int(facts.giver.user) != scan.giver.user:
        raise ValueError("the giver who was looked up is the one that the statement names")
    refusal = find_hand_in_refusal(consignment, facts.giver, actor)
    accepts = line.verdict is Verdict.ACCEPT
    if refusal is None and accepts:
        refusal = _find_hand_refusal(consignment, facts.giver, line, actor, facts)
    if refusal is not None:
        return Refused(code=refusal)
    return Accepted(after=_handed_in(consignment, actor, now) if accepts else consignment)


def find_hand_in_refusal(consignment: Consignment, giver: HandGiver, clerk: Actor) -> Refusal | None:
    """Find why this person cannot give this item to this clerk, whatever the clerk says of it."""
    mine = consignment.custodian.user == giver.user and consignment.state is State.REGISTERED
    return first_of(
        (clerk.role is not Role.CLERK, Refusal.ROLE_NOT_ALLOWED),
        (not giver.present, Refusal.GIVER_NOT_PRESENT),
        (not giver.fits, Refusal.GIVER_OF_ANOTHER_AGENCY),
        (consignment.sender_unit != giver.unit, Refusal.NOT_REGISTERED_BY_GIVER),
        (not mine, Refusal.WRONG_CUSTODIAN),
        (consignment.offer is not None, Refusal.ALREADY_OFFERED),
    )


def find_letter_refusal(giver: HandGiver, mark: Secrecy) -> Refusal | None:
    """Find why the giver's letter of introduction does not do for what bears this mark."""
    match giver.backing.standing:
        case Validity.VALID:
            return None if giver.backing.covers(mark) else Refusal.MARK_ABOVE_AUTHORITY
        case None:
            return Refusal.GIVER_LETTER_MISSING
        case Validity.EXPIRED:
            return Refusal.GIVER_LETTER_EXPIRED
        case Validity.FUTURE:
            return Refusal.GIVER_LETTER_NOT_YET
        case Validity.REVOKED:
            return Refusal.GIVER_LETTER_REVOKED
        case _:
            assert_never(giver.backing.standing)


def _find_hand_refusal(
    consignment: Consignment, giver: HandGiver, line: TakeLine, clerk: Actor, facts: LineFacts
) -> Refusal | None:
    """Check what only matters when it changes hands: quarantine, both papers, policy, seal."""
    if consignment.hold is not None:
        return Refusal.QUARANTINED
    mark = consignment.grade.secrecy
    letter = find_letter_refusal(giver, mark) if facts.authority_asked else None
    return (
        letter
        or find_authority_refusal(facts, mark)
        or find_demand_refusal(facts, giver.user, clerk)
        or find_seal_refusal(consignment, line)
    )


def _handed_in(consignment: Consignment, clerk: Actor, now: datetime) -> Consignment:
    """Let the clerk answer for it: the post's promise runs from here."""
    return replace(
        consignment,
        custodian=Custodian(user=clerk.user, unit=clerk.unit),
        state=State.IN_CUSTODY,
        accepted_at=consignment.accepted_at or now,
    )
