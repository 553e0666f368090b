"""The words of evidence: its kinds, codes and frozen forms.

Names and values here are what devices sign, so a value must never be renamed or reused. They are imported
through `audit.evidence`. Format: docs/formats/evidence.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias


class EvidenceKind(StrEnum):
    """What a scan can say: the first four are about handing over, every other is an act (`audit.acts`)."""

    OFFER = "offer"
    TAKE = "take"
    RECALL = "recall"
    ATTEMPT = "attempt"
    PACK = "pack"
    UNPACK = "unpack"
    CLOSE = "close"
    OPEN = "open"
    ANSWER = "answer"
    CHECK_SEAL = "check_seal"
    CHANGE_SEAL = "change_seal"
    COUNT = "count"
    DEPART = "depart"
    ARRIVE = "arrive"
    KEY_IN = "key_in"


class Purpose(StrEnum):
    """What an offer is for."""

    TRANSFER = "transfer"
    DELIVERY = "delivery"
    RETURN = "return"


class Verdict(StrEnum):
    """What the taker says to one line."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class EntryMode(StrEnum):
    """How the code came into the device."""

    SCAN = "scan"
    TYPED = "typed"


class TakeReason(StrEnum):
    """Why a taker refuses a line."""

    DAMAGED = "damaged"
    SEAL_DIFFERS = "seal_differs"
    NOT_PRESENT = "not_present"
    WRONG_ADDRESSEE = "wrong_addressee"
    NOT_OURS = "not_ours"
    PIECES_DIFFER = "pieces_differ"
    MARK_UNREADABLE = "mark_unreadable"


class CoverMark(StrEnum):
    """How whoever receives an item at a last door found the mark on its outer cover."""

    INTACT = "intact"
    DAMAGED = "damaged"
    ILLEGIBLE = "illegible"
    MISSING = "missing"


class Addressee(StrEnum):
    """Whether the address on the cover is that of whoever receives."""

    OURS = "ours"
    OTHER = "other"


class AttemptReason(StrEnum):
    """Why a delivery failed."""

    CLOSED_OFFICE = "closed_office"
    RECEIVER_ABSENT = "receiver_absent"
    WRONG_ADDRESS = "wrong_address"
    REFUSED = "refused"
    UNSAFE = "unsafe"


class AttemptAction(StrEnum):
    """What happens next after a failed delivery."""

    RETRY = "retry"
    HOLD_AT_OFFICE = "hold_at_office"
    RETURN_TO_SENDER = "return_to_sender"


class Mark(StrEnum):
    """What the receiver of a bag says to one line of its manifest, or to an item that stands on none."""

    RECEIVED = "received"
    MISSING = "missing"
    EXCESS = "excess"
    DAMAGED = "damaged"
    SEAL_DIFFERS = "seal_differs"
    MISSENT = "missent"


class LegMark(StrEnum):
    """What a courier says at the end of a leg of a thing that nobody took over: still there, or not there."""

    KEPT = "kept"
    MISSING = "missing"


class SealState(StrEnum):
    """How whoever opens a bag found its seal."""

    INTACT = "intact"
    BROKEN = "broken"


class SealReason(StrEnum):
    """Why a seal was changed on the way."""

    DAMAGED = "damaged"
    INSPECTION = "inspection"
    REWRAP = "rewrap"


class KeyInReason(StrEnum):
    """Why a code was keyed in instead of scanned."""

    LABEL_DAMAGED = "label_damaged"
    SCANNER_FAILED = "scanner_failed"
    FROM_PAPER = "from_paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLine:
    """One offered code, as read."""

    code: str
    entry: EntryMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """What the receiver saw before signing, beside the seal: the mark, how many pieces, whose address."""

    mark: CoverMark
    pieces: int
    addressee: Addressee


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLine:
    """The taker's word on a code: `reason` is None exactly when accepted, `seal` is "" if none was read.

    `check` is None where the item was not at its last door, and in statements from before there was one.
    """

    code: str
    entry: EntryMode
    verdict: Verdict
    reason: TakeReason | None = None
    seal: str = ""
    check: Checklist | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallLine:
    """One code whose offer is taken back."""

    code: str
    entry: EntryMode


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLine:
    """One code that could not be delivered."""

    code: str
    entry: EntryMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLine:
    """One code that an act touches; `mark` is "" where the kind marks nothing."""

    code: str
    entry: EntryMode
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """To whom an offer is made: a unit by its code, and one person of it or anyone (None)."""

    unit: str
    user: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """Who hands in at a counter with no device of their own: a unit by its code, and the person of it."""

    unit: str
    user: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scan:
    """What every statement says: to which log, which scan, when by the device's clock, who and where."""

    log: str
    scan: str
    at: datetime
    device: str
    actor: int
    place: str
    seq: int
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(_Scan):
    """The giver offers the lines to a unit; the nonce is fresh."""

    kind: ClassVar[EvidenceKind] = EvidenceKind.OFFER
    purpose: Purpose
    to: Recipient
    lines: tuple[OfferLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Take(_Scan):
    """The taker answers line by line; the nonce is the offer's.

    `witness` is the user id of the second person who stands by, None where the statement names nobody.
    `giver` is who hands in at the taker's own counter: then there was no offer and the nonce is fresh. None
    where an offer is answered, as in every statement from before there was handing in.
    """

    kind: ClassVar[EvidenceKind] = EvidenceKind.TAKE
    lines: tuple[TakeLine, ...]
    witness: int | None = None
    giver: Giver | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(_Scan):
    """The giver takes an unanswered offer back; the nonce is the offer's."""

    kind: ClassVar[EvidenceKind] = EvidenceKind.RECALL
    lines: tuple[RecallLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(_Scan):
    """A delivery was tried and failed; the nonce is fresh."""

    kind: ClassVar[EvidenceKind] = EvidenceKind.ATTEMPT
    reason: AttemptReason
    action: AttemptAction
    lines: tuple[AttemptLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(_Scan):
    """Something is done to a subject: a bag is packed, closed, opened; `audit.acts` has each kind's form.

    `entry` says how the subject's code came into the device, `witness` is the user id of the second person
    present, None where nobody was. The nonce is fresh.
    """

    kind: EvidenceKind
    subject: str
    entry: EntryMode
    witness: int | None
    facts: Mapping[str, int | str]
    lines: tuple[ActLine, ...]


def named_code(read: str) -> str:
    """Return the part of what was read that names the thing: without a label's MAC or hidden tail."""
    return read.partition("|")[0].partition("-")[0]


Handover: TypeAlias = Offer | Take | Recall | Attempt
HandoverLine: TypeAlias = OfferLine | TakeLine | RecallLine | AttemptLine
Evidence: TypeAlias = Handover | Act
Line: TypeAlias = HandoverLine | ActLine
