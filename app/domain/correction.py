"""Say which entry may be declared wrong, why, and by whom: never an edit, always a new entry by two persons.

The idea is that of EPCIS: an event that did not occur, or that carries incorrect data, is declared to be an
error beside the event itself. What moved an item or a bag is never declared wrong: custody is what the log's
own entries say, so a wrong handover is put right by a handover (ADR 0012). Rules only; this module must never
see a database or a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.domain.access import Actor
from app.domain.errors import Conflict, ConflictCode
from app.domain.ids import UserId
from audit.kinds import EntryKind


class CorrectionReason(StrEnum):
    """The two ways in which an entry can be wrong (GS1 CBV error reasons)."""

    DID_NOT_OCCUR = "did_not_occur"
    INCORRECT_DATA = "incorrect_data"


class CorrectionOutcome(StrEnum):
    """What the second person decided."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


_BOTH: Final = frozenset(CorrectionReason)
# A registration did happen, or there would be no item; only what it says can be wrong.
_DATA: Final = frozenset({CorrectionReason.INCORRECT_DATA})
CORRECTABLE: Final[Mapping[EntryKind, frozenset[CorrectionReason]]] = {
    EntryKind.REGISTERED: _DATA,
    EntryKind.AMENDED: _DATA,
    EntryKind.LABEL_PRINTED: _BOTH,
    EntryKind.ACKNOWLEDGED: _BOTH,
    EntryKind.SEAL_CHECKED: _BOTH,
    EntryKind.INCIDENT_NOTED: _BOTH,
    EntryKind.INCIDENT_REPORTED: _BOTH,
    EntryKind.INCIDENT_RESOLVED: _DATA,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A declared error and, once somebody else has decided, the decision.

    `entry` and `leaf` (hexadecimal) name the wrong entry; `corrective` are later entries that say it right.
    """

    id: int
    entry: int
    leaf: str
    kind: EntryKind
    reason: CorrectionReason
    corrective: tuple[int, ...]
    recorded_by: UserId
    declared_by: UserId
    declared_at: datetime
    commitment: str
    decided_by: UserId | None = None
    decided_at: datetime | None = None
    outcome: CorrectionOutcome | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.outcome is None


def check_correctable(kind: EntryKind | None, reason: CorrectionReason) -> None:
    """Raise Conflict for an entry that is put right in another way, or not at all."""
    if kind is None or reason not in CORRECTABLE.get(kind, frozenset()):
        raise Conflict(ConflictCode.NOT_CORRECTABLE)


def check_decidable(correction: Correction, actor: Actor) -> None:
    """Raise Conflict for whoever declared the error or made it, and for what is decided."""
    if not correction.is_open:
        raise Conflict(ConflictCode.CORRECTION_DECIDED)
    if actor.user in {correction.declared_by, correction.recorded_by}:
        raise Conflict(ConflictCode.OWN_CORRECTION)
