"""Rule on pouches (vỏ túi): whose each one is, which office answers for it empty, and when it is gone.

While a pouch is on a trip the bag's custodian answers for it, as for everything in the bag (ADR 0010): that
is not stored a second time here. `holder` is the office that has it, or had it last, without a trip. Frozen
facts and rules; nothing here may look anything up or read a clock.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import Actor, Permission, Role, may
from app.domain.bag import parse_asset
from app.domain.errors import Conflict, ConflictCode, InvalidInput, Problem, ProblemCode
from app.domain.ids import UnitId, UserId

MOST_LISTED = 200
_SEPARATORS = re.compile(r"[\s,;]+")


class PouchState(StrEnum):
    """Where a pouch stands when it is on no trip; the last is final."""

    HELD = "held"
    SENT = "sent"
    MISSING = "missing"
    RETIRED = "retired"


class RetireReason(StrEnum):
    """Why a pouch is written off."""

    LOST = "lost"
    WORN = "worn"
    DAMAGED = "damaged"


class PouchCancelReason(StrEnum):
    """Why a return is taken back before it was answered."""

    MISTAKE = "mistake"
    WRONG_OFFICE = "wrong_office"
    WRONG_POUCHES = "wrong_pouches"
    NOT_SENT = "not_sent"


class PouchMark(StrEnum):
    """What the receiver of a return list says of one pouch."""

    RECEIVED = "received"
    MISSING = "missing"
    EXCESS = "excess"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One person's word that a pouch be written off; a second one decides."""

    by: UserId
    reason: RetireReason
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pouch:
    """One physical bag. `since` is from when `holder` has it; `list` the return it travels in.

    `entered_by` is None where it came into the register with its first trip before there was a register.
    `incident` is of the answer that called it missing.
    """

    asset: str
    owner: UnitId
    holder: UnitId
    since: datetime
    entered_at: datetime
    entered_by: UserId | None
    state: PouchState = PouchState.HELD
    list: int | None = None
    incident: int | None = None
    proposal: Proposal | None = None
    retired_at: datetime | None = None
    retire_reason: RetireReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PouchList:
    """One return of empties, numbered per pair of offices and year; `id` is storage's.

    It is answered by its receiver or cancelled by its sender, once.
    """

    id: int
    code: str
    sender: UnitId
    receiver: UnitId
    year: int
    number: int
    sent_by: UserId
    sent_at: datetime
    received_by: UserId | None = None
    received_at: datetime | None = None
    cancelled_by: UserId | None = None
    cancelled_at: datetime | None = None
    cancel_reason: PouchCancelReason | None = None

    @property
    def is_open(self) -> bool:
        """Whether the receiver is still to answer it."""
        return self.received_at is None and self.cancelled_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many pouches are alike. `place` is where they are now, on a trip the bag's custodian's office."""

    owner: UnitId
    place: UnitId
    state: PouchState
    in_use: bool
    is_old: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The balance of one office: owned = own ones here + out + missing.

    What is here = `empty` + `in_use` + `on_way` = own ones here + `of_others`; `overdue` is of the others'.
    """

    owned: int = 0
    empty: int = 0
    in_use: int = 0
    on_way: int = 0
    out: int = 0
    of_others: int = 0
    overdue: int = 0
    missing: int = 0


def check_open(sent: PouchList) -> None:
    """Raise Conflict for a return that was answered or cancelled already."""
    if sent.received_at is not None:
        raise Conflict(ConflictCode.POUCH_LIST_ANSWERED)
    if sent.cancelled_at is not None:
        raise Conflict(ConflictCode.POUCH_LIST_CANCELLED)


def parse_assets(untrusted: str, *, field: str) -> tuple[str, ...]:
    """Read numbers separated by spaces, commas or lines: sorted, each once, at least one, at most 200."""
    words = [word for word in _SEPARATORS.split(untrusted[:8_000]) if word]
    if not words:
        raise InvalidInput(field, ProblemCode.REQUIRED)
    if len(words) > MOST_LISTED:
        raise InvalidInput(field, ProblemCode.TOO_MANY, params={"most": MOST_LISTED})
    found: set[str] = set()
    problems: list[Problem] = []
    for word in words:
        try:
            found.add(parse_asset(word))
        except InvalidInput as error:
            problems += InvalidInput(field, error.problems[0].code).problems
    if problems:
        raise InvalidInput.all_of(problems)
    return tuple(sorted(found))


def find_problem(pouch: Pouch, office: UnitId, *, in_use: bool) -> ProblemCode | None:
    """Find why an office cannot pack or send this pouch now; the texts say who has it."""
    if in_use:
        return ProblemCode.POUCH_IN_USE
    match pouch.state:
        case PouchState.RETIRED:
            return ProblemCode.POUCH_RETIRED
        case PouchState.MISSING:
            return ProblemCode.POUCH_MISSING
        case PouchState.SENT:
            return ProblemCode.POUCH_ON_WAY
        case PouchState.HELD:
            return None if pouch.holder == office else ProblemCode.POUCH_ELSEWHERE


def check_answers(listed: Collection[str], marks: Mapping[str, str], excess: Collection[str]) -> None:
    """Demand one word on each listed pouch and on no other; what is extra stands on no list."""
    problems: list[Problem] = []
    for asset in sorted(set(marks) - set(listed)):
        problems += InvalidInput(f"mark.{asset[:32]}", ProblemCode.UNKNOWN_FIELD).problems
    for asset in sorted(listed):
        said = marks.get(asset, "")
        if said not in {PouchMark.RECEIVED, PouchMark.MISSING}:
            code = ProblemCode.NOT_A_CHOICE if said else ProblemCode.REQUIRED
            problems += InvalidInput(f"mark.{asset}", code).problems
    if set(excess) & set(listed):
        problems += InvalidInput("excess", ProblemCode.REPEATED).problems
    if problems:
        raise InvalidInput.all_of(problems)


def is_moved_by_excess(pouch: Pouch | None, *, in_use: bool) -> bool:
    """Tell whether an unlisted pouch that came is the finder's now; one of another list waits for that."""
    return pouch is not None and not in_use and pouch.state in {PouchState.HELD, PouchState.MISSING}


def may_retire(pouch: Pouch, actor: Actor) -> bool:
    """Tell whether this person may write this pouch off: of its owner, of its holder, or the auditor."""
    if not may(actor.role, Permission.RETIRE_POUCH):
        return False
    return actor.role is Role.AUDITOR or actor.unit in {pouch.owner, pouch.holder}


def check_retirable(pouch: Pouch, *, in_use: bool) -> None:
    """Raise Conflict for what is written off already, on a trip or on its way back."""
    if pouch.state is PouchState.RETIRED:
        raise Conflict(ConflictCode.POUCH_RETIRED)
    if in_use or pouch.state is PouchState.SENT:
        raise Conflict(ConflictCode.POUCH_BUSY)


def check_second(pouch: Pouch, actor: Actor) -> Proposal:
    """Return the proposal a second person decides on; raises Conflict for none, and for one's own."""
    if pouch.proposal is None:
        raise Conflict(ConflictCode.POUCH_NOT_PROPOSED)
    if pouch.proposal.by == actor.user:
        raise Conflict(ConflictCode.POUCH_SAME_PERSON)
    return pouch.proposal


def balances(tallies: Iterable[Tally]) -> dict[UnitId, Balance]:
    """Add up the balance of every office that owns or has a pouch."""
    found: dict[UnitId, dict[str, int]] = {}
    for one in tallies:
        if one.state is PouchState.RETIRED:
            continue
        _add(found, one.owner, "owned", one.count)
        if one.state is PouchState.MISSING:
            _add(found, one.owner, "missing", one.count)
            continue
        at_place = "in_use" if one.in_use else ("on_way" if one.state is PouchState.SENT else "empty")
        _add(found, one.place, at_place, one.count)
        if one.owner != one.place:
            _add(found, one.owner, "out", one.count)
            _add(found, one.place, "of_others", one.count)
            if one.is_old and not one.in_use:
                _add(found, one.place, "overdue", one.count)
    return {unit: Balance(**numbers) for unit, numbers in found.items()}


def _add(found: dict[UnitId, dict[str, int]], unit: UnitId, name: str, count: int) -> None:
    numbers = found.setdefault(unit, {})
    numbers[name] = numbers.get(name, 0) + count
