"""Balance a person's shift (ca): opening + in - out = what must be there, held against a blind count.

A count is made of scans before anything expected is shown; a supervisor countersigns the closing; a shift
that does not balance stays open, and while it is open its person opens no other. Rules only: nothing here may
look anything up, and nothing here may tell what is expected before a whole count stands.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from app.domain.access import POST, Actor, Role
from app.domain.decision import Refusal, first_of
from app.domain.errors import Conflict, ConflictCode
from app.domain.ids import UnitId, UserId


class ShiftStep(StrEnum):
    """One thing done in a shift; each is one log entry."""

    OPENED = "opened"
    COUNTED = "counted"
    CLOSED = "closed"


class CountFinding(StrEnum):
    """What a count says of one thing: there as expected, expected and not there, there and not expected.

    An explained one is missing too, but a second person has closed the incident that says why.
    """

    MATCHED = "matched"
    MISSING = "missing"
    EXPLAINED = "explained"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One shift of one person at one office.

    `counts` is how many counts were begun, `parts` how many parts of the running one have come (0: it is
    whole), `counting_at` since when its person sits at one; `missing` and `unexpected` are of the last whole
    count. `previous` is the shift whose closing this one opened with. `id` belongs to storage.
    """

    id: int
    code: str
    unit: UnitId
    user: UserId
    opened_at: datetime
    previous: int | None
    counts: int = 0
    parts: int = 0
    missing: int = 0
    unexpected: int = 0
    supervisor: UserId | None = None
    closed_at: datetime | None = None
    counting_at: datetime | None = None

    @property
    def is_counting(self) -> bool:
        """A count was begun and is not whole: its person is told nothing of what they hold."""
        return self.closed_at is None and (self.counting_at is not None or self.parts > 0)

    @property
    def is_counted(self) -> bool:
        """A whole count stands, and nothing has been begun since."""
        return self.counts > 0 and not self.is_counting

    @property
    def is_unbalanced(self) -> bool:
        """The last whole count differed, and the shift is still open."""
        return self.closed_at is None and self.missing + self.unexpected > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The formula in figures and in codes; every set is of codes of items and bags.

    `came` and `left` are what the log moved since the last good balance, so that `expected` is
    `opening` with `came` and without `left`.
    """

    opening: frozenset[str]
    came: frozenset[str]
    left: frozenset[str]
    expected: frozenset[str]
    counted: frozenset[str]
    explained: frozenset[str] = field(default_factory=frozenset)

    @property
    def missing(self) -> frozenset[str]:
        """What must be there, was not counted, and nobody has explained."""
        return self.expected - self.counted - self.explained

    @property
    def unexpected(self) -> frozenset[str]:
        """What was counted though this person does not answer for it."""
        return self.counted - self.expected

    @property
    def is_balanced(self) -> bool:
        """The shift may be closed."""
        return not self.missing and not self.unexpected

    def lines(self) -> Mapping[str, CountFinding]:
        """Return every code with what the count says of it, what is wrong first."""
        found = dict.fromkeys(sorted(self.missing), CountFinding.MISSING)
        found |= dict.fromkeys(sorted(self.unexpected), CountFinding.UNEXPECTED)
        found |= dict.fromkeys(sorted(self.explained & self.expected - self.counted), CountFinding.EXPLAINED)
        return found | dict.fromkeys(sorted(self.expected & self.counted), CountFinding.MATCHED)


def balance(
    *,
    opening: Collection[str],
    held: Collection[str],
    expected: Collection[str],
    counted: Collection[str],
    explained: Collection[str] = (),
) -> Balance:
    """Work the formula out; `held` is everything that came into these hands since the last good balance."""
    begun, there = frozenset(opening), frozenset(expected)
    through = begun | there | frozenset(held)
    return Balance(
        opening=begun,
        came=through - begun,
        left=through - there,
        expected=there,
        counted=frozenset(counted),
        explained=frozenset(explained),
    )


def find_count_refusal(
    shift: Shift | None, actor: Actor, place: UnitId | None, *, part: int
) -> Refusal | None:
    """Find why this count, or this part of one, does not stand; what was counted plays no role."""
    if shift is None:
        return Refusal.NOT_A_SHIFT
    return first_of(
        (not actor.active or actor.role not in POST, Refusal.ROLE_NOT_ALLOWED),
        (shift.user != actor.user, Refusal.SHIFT_OF_ANOTHER),
        (shift.closed_at is not None, Refusal.SHIFT_CLOSED),
        (place is None or place != shift.unit, Refusal.WRONG_PLACE),
        (part not in {1, shift.parts + 1 if shift.parts else 1}, Refusal.COUNT_PART_MISSING),
    )


def begin_part(shift: Shift, *, part: int) -> Shift:
    """Return the shift with one more part of a count; the first part begins a count anew."""
    return replace(shift, counts=shift.counts + (part == 1), parts=part)


def finish_count(shift: Shift, result: Balance) -> Shift:
    """Return the shift with a whole count."""
    return replace(
        shift, parts=0, counting_at=None, missing=len(result.missing), unexpected=len(result.unexpected)
    )


def check_counting(shift: Shift) -> None:
    """Raise Conflict unless a count may begin."""
    if shift.closed_at is not None:
        raise Conflict(ConflictCode.SHIFT_CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """Whoever countersigns, as looked up; `present` says that they proved who they are just now."""

    user: UserId
    unit: UnitId
    role: Role
    active: bool
    present: bool


def check_closing(shift: Shift, result: Balance, *, now_held: Collection[str]) -> None:
    """Raise Conflict unless the last whole count balances and nothing has moved since it was made."""
    if shift.closed_at is not None:
        raise Conflict(ConflictCode.SHIFT_CLOSED)
    if not shift.is_counted:
        raise Conflict(ConflictCode.COUNT_MISSING)
    if frozenset(now_held) != result.expected:
        raise Conflict(ConflictCode.COUNT_OUTDATED)
    if not result.is_balanced:
        raise Conflict(ConflictCode.SHIFT_UNBALANCED)


def check_supervisor(shift: Shift, supervisor: Supervisor | None) -> None:
    """Raise Conflict unless another person, a clerk of this office who is there, countersigns."""
    if supervisor is None:
        raise Conflict(ConflictCode.SUPERVISOR_NOT_ALLOWED)
    if supervisor.user == shift.user:
        raise Conflict(ConflictCode.SUPERVISOR_IS_ACTOR)
    fits = supervisor.active and supervisor.role is Role.CLERK and supervisor.unit == shift.unit
    if not fits:
        raise Conflict(ConflictCode.SUPERVISOR_NOT_ALLOWED)
    if not supervisor.present:
        raise Conflict(ConflictCode.SUPERVISOR_NOT_PRESENT)


def close(shift: Shift, *, supervisor: UserId, now: datetime) -> Shift:
    """Return the shift closed; its differences are explained, so none is left."""
    return replace(shift, supervisor=supervisor, closed_at=now, missing=0, unexpected=0)
