"""Build scans and decide them: one line each, signed by nobody, for the specifications of custody."""

from dataclasses import replace
from uuid import UUID

from app.domain import custody
from app.domain.access import Actor
from app.domain.consignment import Consignment
from app.domain.custody import Accepted, Decision, LineFacts, Refused
from app.domain.ids import UnitId, UserId
from audit.evidence import (
    Addressee,
    Attempt,
    AttemptAction,
    AttemptLine,
    AttemptReason,
    Checklist,
    CoverMark,
    EntryMode,
    Handover,
    HandoverLine,
    Offer,
    OfferLine,
    Purpose,
    Recall,
    RecallLine,
    Recipient,
    Take,
    TakeLine,
    TakeReason,
    Verdict,
)
from tests.unit.domain.builders import CODE, NONCE, NOW

SCAN_ID = str(UUID("0190b5c8-0000-7000-8000-000000000001"))
DEVICE = "0123456789abcdef"


def offer_scan(
    actor: Actor, purpose: Purpose = Purpose.TRANSFER, *, to_user: UserId | None = None, nonce: str = NONCE
) -> Offer:
    return Offer(
        log="kt1.test/24",
        scan=SCAN_ID,
        at=NOW,
        device=DEVICE,
        actor=actor.user,
        place="P",
        seq=1,
        nonce=nonce,
        purpose=purpose,
        to=Recipient(unit="T", user=to_user),
        lines=(OfferLine(code=CODE, entry=EntryMode.SCAN),),
    )


SOUND = Checklist(mark=CoverMark.INTACT, pieces=1, addressee=Addressee.OURS)


def take_scan(
    actor: Actor,
    verdict: Verdict = Verdict.ACCEPT,
    *,
    seal: str = "",
    nonce: str = NONCE,
    check: Checklist | None = SOUND,
) -> Take:
    reason = None if verdict is Verdict.ACCEPT else TakeReason.DAMAGED
    line = TakeLine(code=CODE, entry=EntryMode.SCAN, verdict=verdict, reason=reason, seal=seal, check=check)
    return Take(
        log="kt1.test/24",
        scan=SCAN_ID,
        at=NOW,
        device=DEVICE,
        actor=actor.user,
        place="P",
        seq=1,
        nonce=nonce,
        lines=(line,),
    )


def recall_scan(actor: Actor, *, nonce: str = NONCE) -> Recall:
    line = RecallLine(code=CODE, entry=EntryMode.SCAN)
    return Recall(
        log="kt1.test/24",
        scan=SCAN_ID,
        at=NOW,
        device=DEVICE,
        actor=actor.user,
        place="P",
        seq=1,
        nonce=nonce,
        lines=(line,),
    )


def attempt_scan(actor: Actor) -> Attempt:
    return Attempt(
        log="kt1.test/24",
        scan=SCAN_ID,
        at=NOW,
        device=DEVICE,
        actor=actor.user,
        place="P",
        seq=1,
        nonce=NONCE,
        reason=AttemptReason.RECEIVER_ABSENT,
        action=AttemptAction.RETRY,
        lines=(AttemptLine(code=CODE, entry=EntryMode.SCAN),),
    )


def decided(
    item: Consignment | None,
    scan: Handover,
    actor: Actor,
    place: UnitId | None,
    facts: LineFacts | None = None,
) -> Decision:
    """Decide the scan's only line at a place; `facts` adds what else was looked up."""
    line: HandoverLine = scan.lines[0]
    looked_up = replace(facts or LineFacts(place=None), place=place)
    return custody.decide(item, scan, line, actor, facts=looked_up, now=NOW)


def accepted(
    item: Consignment, scan: Handover, actor: Actor, place: UnitId, facts: LineFacts | None = None
) -> Consignment:
    """Return the item after a scan that must be accepted."""
    decision = decided(item, scan, actor, place, facts)
    assert isinstance(decision, Accepted), decision
    return decision.after


def refusal(
    item: Consignment | None,
    scan: Handover,
    actor: Actor,
    place: UnitId | None,
    facts: LineFacts | None = None,
) -> custody.Refusal:
    """Return the code of a scan that must be refused."""
    decision = decided(item, scan, actor, place, facts)
    assert isinstance(decision, Refused), decision
    return decision.code


def to_unit(unit: UnitId | None, *, fits: bool = True) -> LineFacts:
    """Return the facts of an offer to a unit."""
    return LineFacts(place=None, to_unit=unit, to_user_fits=fits)
