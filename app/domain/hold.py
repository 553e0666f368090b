"""Hold an item back: quarantine blocks its movement, a stop blocks every scan of its code, anywhere.

Whoever holds something back does not let it go: a second person does, and says why. Rules only; which scans a
hold refuses is in :mod:`app.domain.custody`, and this module must never see a database or a clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import Actor
from app.domain.errors import Conflict, ConflictCode
from app.domain.held_back import Hold
from app.domain.ids import ConsignmentId, UnitId, UserId


class HoldReason(StrEnum):
    """Why it is held back."""

    INCIDENT = "incident"
    LEAK_SUSPECTED = "leak_suspected"
    LOST = "lost"
    COPIED_LABEL = "copied_label"
    DAMAGED = "damaged"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedHold:
    """One hold as it stands; `consignment` is None where no item here has the code."""

    id: int
    hold: Hold
    code: str
    consignment: ConsignmentId | None
    incident: int | None
    reason: HoldReason
    unit: UnitId
    placed_by: UserId
    placed_at: datetime
    lifted_by: UserId | None
    lifted_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether nobody has lifted it."""
        return self.lifted_at is None


def effective(holds: Iterable[Hold]) -> Hold | None:
    """Return what counts of several holds on one item."""
    found = set(holds)
    return next((hold for hold in (Hold.STOPPED, Hold.QUARANTINED) if hold in found), None)


def check_liftable(hold: PlacedHold, actor: Actor) -> None:
    """Raise Conflict for whoever placed it, and for what is lifted already."""
    if not hold.is_active:
        raise Conflict(ConflictCode.HOLD_LIFTED)
    if hold.placed_by == actor.user:
        raise Conflict(ConflictCode.OWN_HOLD)
