"""Describe a consignment (bưu gửi KT1): what it is, who answers for it now, and what is offered to whom.

Frozen facts without rules; the rules of custody are in :mod:`app.domain.custody`, those of the register in
:mod:`app.domain.registration`. Being *offered* is not a state: it is the presence of a pending offer, so
that an item is never in nobody's hands. This module must never hold secret content in the clear beyond
:class:`Registration`, the command that carries it from the form to the vault.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from app.domain.grades import Grade, Scope
from app.domain.held_back import Hold
from app.domain.ids import BagId, ConsignmentCode, ConsignmentId, UnitId, UserId
from audit.evidence import Purpose


class State(StrEnum):
    """Where a consignment stands; the last three are final."""

    REGISTERED = "registered"
    IN_CUSTODY = "in_custody"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """A final state never changes again."""
        return self in {State.DELIVERED, State.RETURNED, State.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Custodian:
    """The one person who answers for the item, and the unit they answered for when they took it."""

    user: UserId
    unit: UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOffer:
    """The giver's half of a handover, waiting for the taker's half over the same nonce."""

    nonce: str
    purpose: Purpose
    to_unit: UnitId
    to_user: UserId | None
    place: UnitId
    by: UserId
    offered_at: datetime

    @property
    def at_counter(self) -> bool:
        """Whether a last door is not gone to: the unit's person fetches it at the post office's counter."""
        return self.purpose is not Purpose.TRANSFER and self.place != self.to_unit

    def calls_to_counter(self, unit: UnitId) -> bool:
        """Tell whether people of this unit are to come to the counter for it."""
        return self.at_counter and self.to_unit == unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """Everything custody needs to know about one item, and nothing more: the hot row.

    `bag` is the bag trip it lies in: then the bag's custodian answers for it, and `custodian` is whoever
    packed it, the last person who had it in hand. `seal` is "" where none was recorded. `item_head` is the
    hex leaf hash of the item's latest log entry ("" before the first); it, `id` and `version` belong to
    storage, and no rule touches them.
    """

    id: ConsignmentId
    code: ConsignmentCode
    sender_unit: UnitId
    recipient_unit: UnitId
    grade: Grade
    scope: Scope
    state: State
    custodian: Custodian
    offer: PendingOffer | None
    named_only: bool
    seal: str
    accepted_at: datetime | None
    first_attempt_at: datetime | None
    attempts: int
    closed_at: datetime | None
    registered_at: datetime
    item_head: str
    version: int
    bag: BagId | None = None
    hold: Hold | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the recipient's focal point has taken it."""
        return self.state is State.DELIVERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestations:
    """What the sender attests about the packing (Decree 26/2020: inner and outer envelope, seal)."""

    inner_envelope: bool
    outer_envelope: bool
    sealed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The command of a registration form, API call or import row, parsed and not yet judged.

    The sender is always the unit of whoever registers. `receiver_name`, `document_numbers` and `abstract`
    are sensitive: they go to the vault and, as salted commitments, to the log; "" where not given.
    """

    recipient_unit: UnitId
    receiver_name: str
    named_only: bool
    grade: Grade
    document_numbers: str
    document_date: date | None
    document_type: str
    abstract: str
    pieces: int
    weight_g: int
    attestations: Attestations
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentDetails:
    """The whole record of one item: the hot row, the form's facts, the register line, the sealed fields.

    Sealed fields are vault blobs or None; `document_index` is the blind index of the document numbers;
    `commitments` maps a label of the log entry to its digest. `acknowledged_at` is when the sender filed
    the slip of the delivery.
    """

    consignment: Consignment
    registered_by: UserId
    document_type: str
    document_date: date | None
    pieces: int
    weight_g: int
    attestations: Attestations
    register_number: int
    register_year: int
    receiver_sealed: bytes | None
    document_numbers_sealed: bytes | None
    document_index: bytes | None
    abstract_sealed: bytes | None
    cancel_reason: str = ""
    commitments: Mapping[str, str] = field(default_factory=dict)
    acknowledged_at: datetime | None = None
