"""Rule on a redirect: the sender sends an item under way to another unit, for one of a few reasons.

Who answers for the item does not change, only where it ends. What was ordered before is kept. Nothing here
may look anything up.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.domain.access import Actor
from app.domain.consignment import Consignment, State
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.grades import Scope
from app.domain.ids import ConsignmentId, UnitId, UserId


class RedirectReason(StrEnum):
    """Why an item goes elsewhere."""

    WRONG_UNIT = "wrong_unit"
    OFFICE_MOVED = "office_moved"
    OFFICE_MERGED = "office_merged"
    OTHER_COMPETENCE = "other_competence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirection:
    """One redirect: from where to where, why, by whom."""

    consignment_id: ConsignmentId
    from_unit: UnitId
    to_unit: UnitId
    reason: RedirectReason
    ordered_by: UserId
    ordered_at: datetime


def parse_reason(untrusted: str) -> RedirectReason:
    """Read a reason; raises InvalidInput."""
    found = next((one for one in RedirectReason if one.value == untrusted), None)
    if found is None:
        raise InvalidInput("reason", ProblemCode.NOT_A_CHOICE)
    return found


def redirect(item: Consignment, to_unit: UnitId, scope: Scope, *, actor: Actor) -> Consignment:
    """Return the item with its new address; raises NotFound, InvalidInput or Conflict.

    Before dispatch the sender amends instead; an open offer must be answered or recalled first, because the
    taker at the old door has read the old address.
    """
    if item.sender_unit != actor.unit:
        raise NotFound
    if item.state is not State.IN_CUSTODY or item.offer is not None:
        raise Conflict(ConflictCode.NOT_REDIRECTABLE)
    if to_unit in {item.recipient_unit, item.sender_unit}:
        raise InvalidInput("recipient_unit", ProblemCode.SAME_UNIT)
    return replace(item, recipient_unit=to_unit, scope=scope)


def may_redirect(item: Consignment, *, actor: Actor) -> bool:
    """Tell whether the button is worth showing."""
    return item.sender_unit == actor.unit and item.state is State.IN_CUSTODY and item.offer is None
