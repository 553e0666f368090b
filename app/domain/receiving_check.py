"""Rule on the receiving checklist: what is looked at before anybody signs for an item at its last door.

Mark, seal, pieces, addressee: whoever accepts has looked at all four, and says so line by line. The seal has
its own rule (:mod:`app.domain.taking`). What does not agree is no reason to accept with a remark: the line is
turned down with its reason, which leaves the item with the giver and opens an incident in the same scan.
"""

from app.domain.consignment import PendingOffer
from app.domain.decision import LineFacts, Refusal
from app.domain.grades import Grade, Secrecy
from audit.evidence import Addressee, Checklist, CoverMark, Purpose, TakeLine


def is_asked(offer: PendingOffer, grade: Grade) -> bool:
    """Tell whether this handover ends at a last door with an item that bears a mark of secrecy."""
    return offer.purpose is not Purpose.TRANSFER and grade.secrecy is not Secrecy.NONE


def find_check_refusal(offer: PendingOffer, grade: Grade, line: TakeLine, facts: LineFacts) -> Refusal | None:
    """Find why an accepted line may not stand as it was ticked off, or because it was not."""
    if offer.purpose is Purpose.TRANSFER:
        return None
    if line.check is None:
        return Refusal.CHECK_MISSING if facts.is_listed and is_asked(offer, grade) else None
    return Refusal.CHECK_DIFFERS if _differs(line.check, facts.pieces) else None


def _differs(check: Checklist, pieces: int) -> bool:
    return (
        check.mark is not CoverMark.INTACT or check.pieces != pieces or check.addressee is not Addressee.OURS
    )
