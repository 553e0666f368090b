"""Relief (giao ca): the leaver hands what was counted, by list, to a named successor of the same office.

The list is the one of a count that balances, frozen by its digest; each line moves by an ordinary handover,
so that the leaver's offer and the successor's take are the two signatures. A line the successor refuses stays
with the leaver and keeps the shift open until a second person has explained it. Nothing here may move
anything, and nothing here may look anything up.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import POST, Role
from app.domain.errors import Conflict, ConflictCode
from app.domain.ids import UnitId, UserId
from app.domain.shift import Balance, Shift


class ReliefResult(StrEnum):
    """What became of one line of the list.

    `refused` and `explained` are with the leaver still; of the latter a second person has closed the incident
    that says why. `elsewhere` left the leaver's hands by another handover than to the successor.
    """

    REFUSED = "refused"
    WAITING = "waiting"
    OFFERED = "offered"
    EXPLAINED = "explained"
    ELSEWHERE = "elsewhere"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """The list of one count of a shift, made out to a successor; `lines` is how long it is."""

    id: int
    shift: int
    number: int
    successor: UserId
    listed_at: datetime
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """Whoever takes over, as looked up."""

    user: UserId
    unit: UnitId
    role: Role
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """What lies in the leaver's hands now, and what of it cannot be handed over as it is."""

    held: frozenset[str]
    offered: frozenset[str] = frozenset()
    open_bags: frozenset[str] = frozenset()


def listed(result: Balance) -> frozenset[str]:
    """Return what a relief hands over: what must be there and was counted."""
    return result.expected & result.counted


def check_listing(shift: Shift, result: Balance, loads: Loads, successor: Successor | None) -> None:
    """Raise Conflict unless a count that balances can be handed, whole, to this colleague."""
    fits = successor is not None and successor.active and successor.role in POST
    for applies, code in (
        (shift.closed_at is not None, ConflictCode.SHIFT_CLOSED),
        (not shift.is_counted, ConflictCode.COUNT_MISSING),
        (loads.held != result.expected, ConflictCode.COUNT_OUTDATED),
        (not result.is_balanced, ConflictCode.SHIFT_UNBALANCED),
        (not listed(result), ConflictCode.RELIEF_EMPTY),
        (bool(loads.open_bags), ConflictCode.RELIEF_BAG_OPEN),
        (bool(loads.offered), ConflictCode.RELIEF_OFFERED),
        (successor is None or not fits, ConflictCode.SUCCESSOR_NOT_ALLOWED),
        (successor is not None and successor.user == shift.user, ConflictCode.SUCCESSOR_NOT_ALLOWED),
        (successor is not None and successor.unit != shift.unit, ConflictCode.SUCCESSOR_NOT_ALLOWED),
    ):
        if applies:
            raise Conflict(code)


def binds(relief: Relief, shift: Shift, codes: Collection[str], *, now_held: Collection[str]) -> bool:
    """Tell whether a shift can only be closed as relieved.

    So it is from the listing until the leaver counts anew; and for good once one line has left their hands.
    """
    return relief.number == shift.counts or not frozenset(codes) <= frozenset(now_held)


def check_relieved(result: Balance, *, now_held: Collection[str], explained: Collection[str]) -> None:
    """Raise Conflict unless nothing came since the count, and nothing is left that nobody has explained."""
    left = frozenset(now_held)
    if not left <= result.expected:
        raise Conflict(ConflictCode.COUNT_OUTDATED)
    if not left <= frozenset(explained):
        raise Conflict(ConflictCode.RELIEF_UNFINISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What the log says of the lines: taken by the successor, answered at all, offered, held, explained."""

    taken: frozenset[str]
    answered: frozenset[str]
    offered: frozenset[str]
    held: frozenset[str]
    explained: frozenset[str]


def results(codes: Collection[str], handed: Handed) -> Mapping[str, ReliefResult]:
    """Return every line with what became of it, what is still to do first."""
    found = {code: _result(code, handed) for code in codes}
    order = {result: place for place, result in enumerate(ReliefResult)}
    return {code: found[code] for code in sorted(found, key=lambda code: (order[found[code]], code))}


def _result(code: str, handed: Handed) -> ReliefResult:
    if code in handed.taken:
        return ReliefResult.TAKEN
    if code not in handed.held:
        return ReliefResult.ELSEWHERE
    if code in handed.offered:
        return ReliefResult.OFFERED
    if code in handed.explained:
        return ReliefResult.EXPLAINED
    return ReliefResult.REFUSED if code in handed.answered else ReliefResult.WAITING
