"""Rule on a closed section (đóng quầy): a counter where nobody is says so, and nothing moves there.

The section of an office is its counter with the clerks who answer there; couriers on the road are not part of
it. It closes with a reason and the hour of return, and only when what its clerks still have lies in the
office's safe under a seal that is read again, unseen, before anything else happens. While it is closed no
handover is made at its place; what a device signed before the closing has happened and counts still. Nothing
here may look anything up or read a clock.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.access import Actor, Role
from app.domain.dated import EVER, SAMPLE_VERSION, in_force
from app.domain.errors import Conflict, ConflictCode, NotFound
from app.domain.ids import UnitId, UserId
from app.domain.packing import seals_equal
from audit.evidence import EvidenceKind

LONGEST_NOTE: Final = 200
LONGEST_ABSENCE: Final = timedelta(days=31)
PREFIX: Final = "DQ-"
# What changes hands or opens a bag; a recall leaves a thing where it is, and a count only looks.
HELD_UP: Final = frozenset(
    {
        EvidenceKind.OFFER,
        EvidenceKind.TAKE,
        EvidenceKind.PACK,
        EvidenceKind.UNPACK,
        EvidenceKind.CLOSE,
        EvidenceKind.OPEN,
        EvidenceKind.ANSWER,
        EvidenceKind.CHANGE_SEAL,
    }
)


class SectionReason(StrEnum):
    """Why a section is closed."""

    BREAK = "break"
    END_OF_DAY = "end_of_day"
    ERRAND = "errand"
    MEETING = "meeting"
    UNFORESEEN = "unforeseen"
    PREMISES = "premises"
    OTHER = "other"


class SectionState(StrEnum):
    """How a section stands by its latest closing."""

    CLOSED = "closed"
    OVERDUE = "overdue"
    REOPENED = "reopened"


class SafeSeal(StrEnum):
    """What whoever reopened read off the safe, beside what was put on it: nothing was, the same, another."""

    NONE = "none"
    INTACT = "intact"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueTerm:
    """How long after the promised return a closed section becomes an incident, and who says so."""

    version: int
    valid_from_at: datetime
    grace: timedelta
    source: str


# No public text states it; an hour lets somebody come back who is held up, and no afternoon pass unnoticed.
OVERDUE_TERMS: Final = (
    OverdueTerm(
        version=SAMPLE_VERSION,
        valid_from_at=EVER,
        grace=timedelta(hours=1),
        source="mẫu, chưa được cơ quan có thẩm quyền xác nhận",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """One time that a section is closed; its number is drawn per office and year.

    `instead` is the office to go to meanwhile. `safe` is the key or code of the safe that what is left lies
    in, `seal` the number on its door, `things` how many lie there. `incident` is of a return that did not
    come, `found` of a seal that differed. `id` belongs to storage.
    """

    id: int
    code: str
    unit: UnitId
    reason: SectionReason
    note: str
    instead: UnitId | None
    closed_by: UserId
    closed_at: datetime
    expected_at: datetime
    safe: int | None = None
    seal: str = ""
    things: int = 0
    reopened_by: UserId | None = None
    reopened_at: datetime | None = None
    seal_state: SafeSeal | None = None
    found: int | None = None
    raised_at: datetime | None = None
    incident: int | None = None

    def state(self, now: datetime) -> SectionState:
        """Tell how it stands."""
        if self.reopened_at is not None:
            return SectionState.REOPENED
        return SectionState.OVERDUE if self.expected_at <= now else SectionState.CLOSED

    @property
    def raises_at(self) -> datetime:
        """When it becomes an incident by itself, unless somebody is back."""
        return self.expected_at + in_force(OVERDUE_TERMS, self.closed_at).grace


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What the clerks of a section have in hand as it closes, and what of it is half given away.

    `shift_open`: one of them has a shift open; `counting`: whoever closes sits at a count, or owes one.
    """

    held: frozenset[str]
    offered: frozenset[str] = frozenset()
    shift_open: bool = False
    counting: bool = False


def check_closing(reason: SectionReason, left: Left, *, standing: Closing | None, secured: bool) -> None:
    """Raise Conflict unless a section may close: once, nothing half given away, nothing lying about.

    `secured`: a safe and the seal on its door are named.
    """
    for applies, code in (
        (standing is not None, ConflictCode.SECTION_CLOSED_ALREADY),
        (left.counting, ConflictCode.SECTION_COUNTING),
        (bool(left.offered), ConflictCode.SECTION_OFFERED),
        # The day ends with a balance: what is locked away over night has been counted.
        (reason is SectionReason.END_OF_DAY and left.shift_open, ConflictCode.SECTION_SHIFT_OPEN),
        (bool(left.held) and not secured, ConflictCode.SECTION_NOT_SECURED),
        (not left.held and secured, ConflictCode.SECTION_SAFE_EMPTY),
    ):
        if applies:
            raise Conflict(code)


def is_return(expected_at: datetime, *, now: datetime) -> bool:
    """Tell whether an hour can be promised as that of return."""
    return now < expected_at <= now + LONGEST_ABSENCE


def check_keeper(closing: Closing, actor: Actor) -> None:
    """Let the clerks of its office reopen a section; of another nobody learns whether it is theirs."""
    if actor.role is not Role.CLERK or actor.unit != closing.unit:
        raise NotFound
    if closing.reopened_at is not None:
        raise Conflict(ConflictCode.SECTION_OPEN)


def compare_seal(closing: Closing, read: str) -> SafeSeal:
    """Hold what was read off the safe against what was put on it."""
    if not closing.seal:
        return SafeSeal.NONE
    return SafeSeal.INTACT if seals_equal(closing.seal, read) else SafeSeal.DIFFERS


def reopen(
    closing: Closing, *, by: UserId, now: datetime, seal_state: SafeSeal, found: int | None
) -> Closing:
    """Return it as it stands once somebody is back: also with a broken seal, for then it must be counted."""
    return replace(closing, reopened_by=by, reopened_at=now, seal_state=seal_state, found=found)


def is_raised(closing: Closing, *, now: datetime) -> bool:
    """Tell whether the machine opens an incident now, once."""
    return closing.reopened_at is None and closing.raised_at is None and closing.raises_at <= now


def holds_up(kind: EvidenceKind, *, signed_at: datetime, closed_at: datetime | None) -> bool:
    """Tell whether a scan at a place is refused because the section there is closed.

    What a device says it signed before the closing had happened when somebody locked up: it waited for a
    network, and to refuse it would leave a thing with whoever gave it away. The device's time is a claim; a
    clock put back is seen by the lateness that its scan is recorded with (:mod:`app.domain.device_clock`).
    """
    return closed_at is not None and kind in HELD_UP and signed_at >= closed_at


def astray(now_held: Collection[str], listed: Collection[str]) -> frozenset[str]:
    """Return what came into the hands of the section after its list was made: late scans, above all."""
    return frozenset(now_held) - frozenset(listed)
