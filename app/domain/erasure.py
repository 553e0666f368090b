"""Say when the value of a sealed field may be erased, and by whom: two persons, maker is never checker.

An erasure takes away salt and value for ever, so it is proposed by the agency whose document it is and
approved by somebody outside it. Its proof stays: the log keeps the digests and both names. Rules only; this
module must never see a value, a database or a clock.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import Actor
from app.domain.consignment import Consignment, State
from app.domain.errors import Conflict, ConflictCode, InvalidInput, Problem, ProblemCode
from app.domain.ids import ConsignmentId, UserId
from app.domain.text import parse_line

LONGEST_DECISION = 120


class SealedField(StrEnum):
    """What is sealed; names as the form, the log's commitments and the vault's contexts use them."""

    ABSTRACT = "abstract"
    RECEIVER_NAME = "receiver_name"
    DOCUMENT_NUMBERS = "document_numbers"


class ErasureReason(StrEnum):
    """Why a value must go."""

    MISPLACED_SECRET = "misplaced_secret"  # noqa: S105  # the name of a reason, not a password
    PERSONAL_DATA = "personal_data"
    RETENTION_EXPIRED = "retention_expired"


class ErasureOutcome(StrEnum):
    """What the second person decided."""

    ERASED = "erased"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A proposal and, once somebody else has decided, its outcome; `decision` is the paper that orders it."""

    id: int
    consignment_id: ConsignmentId
    fields: tuple[SealedField, ...]
    reason: ErasureReason
    decision: str
    proposed_by: UserId
    proposed_at: datetime
    decided_by: UserId | None = None
    decided_at: datetime | None = None
    outcome: ErasureOutcome | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.outcome is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for, read and found in order."""

    fields: tuple[SealedField, ...]
    reason: ErasureReason
    decision: str


def parse_wish(
    untrusted_fields: Collection[str],
    untrusted_reason: str,
    untrusted_decision: str,
    *,
    present: Collection[SealedField],
) -> Wish:
    """Read a proposal; raises InvalidInput with every problem. `present` are the fields that hold a value."""
    problems: list[Problem] = []
    fields = tuple(field for field in SealedField if field.value in untrusted_fields)
    if not fields:
        problems.append(Problem(field="fields", code=ProblemCode.REQUIRED))
    elif len(fields) != len(set(untrusted_fields)) or not set(fields) <= set(present):
        problems.append(Problem(field="fields", code=ProblemCode.NOT_A_CHOICE))
    reason = next((one for one in ErasureReason if one.value == untrusted_reason), None)
    if reason is None:
        problems.append(Problem(field="reason", code=ProblemCode.NOT_A_CHOICE))
    decision = ""
    try:
        decision = parse_line(untrusted_decision, field="decision", longest=LONGEST_DECISION, required=True)
    except InvalidInput as error:
        problems.extend(error.problems)
    if problems or reason is None:
        raise InvalidInput.all_of(problems)
    return Wish(fields=fields, reason=reason, decision=decision)


def check_erasable(consignment: Consignment, fields: Collection[SealedField]) -> None:
    """Raise Conflict while the item still needs the value.

    Before dispatch the sender corrects the form instead; a named receiver is compared at the last door.
    """
    needed = consignment.named_only and not consignment.state.is_final and SealedField.RECEIVER_NAME in fields
    if consignment.state is State.REGISTERED or needed:
        raise Conflict(ConflictCode.NOT_ERASABLE)


def check_decidable(erasure: Erasure, *, actor: Actor) -> None:
    """Raise Conflict for the person who proposed, whatever role they have by now, and for what is decided."""
    if erasure.proposed_by == actor.user:
        raise Conflict(ConflictCode.OWN_ERASURE)
    if not erasure.is_open:
        raise Conflict(ConflictCode.ERASURE_DECIDED)
