"""Muster on demand (kiểm kê đột xuất): what a place or a person must have, frozen, against what was scanned.

Whoever opens it freezes the expected list at that moment; the people of the place scan what they have without
being shown it; the opener and a person of the place close it together. One that was opened by mistake, or
cannot be counted, is withdrawn with a reason: it then has no result at all. Rules only: nothing here may look
anything up, and nothing here may tell the list to those who count.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.access import POST, Actor, Role
from app.domain.decision import Refusal, first_of
from app.domain.errors import Conflict, ConflictCode
from app.domain.ids import UnitId, UserId
from crypto.digest import sha256_hex

PREFIX: Final = "KK-"
# More than that is no difference but a count that was not made; it would not fit an entry either.
MOST_DIFFERENCES: Final = 2_000


class MusterStep(StrEnum):
    """One thing done in a muster; each is one log entry."""

    OPENED = "opened"
    COUNTED = "counted"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class WithdrawalReason(StrEnum):
    """Why a muster ends without a result."""

    MISTAKE = "mistake"
    WRONG_HANDS = "wrong_hands"
    CANNOT_COUNT = "cannot_count"
    ABANDONED = "abandoned"


class MusterFinding(StrEnum):
    """What a muster says of one thing.

    `moved_out` and `moved_in` are no differences: the log itself moved the thing after the list was frozen.
    `explained` is missing, but a second person has closed the loss of it.
    """

    MISSING = "missing"
    UNEXPECTED = "unexpected"
    EXPLAINED = "explained"
    MOVED_OUT = "moved_out"
    MOVED_IN = "moved_in"
    FOUND = "found"


class DrawOf(StrEnum):
    """Among what the system draws."""

    PLACES = "places"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Who ended a muster without a result, when and why."""

    by: UserId
    at: datetime
    reason: WithdrawalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Muster:
    """One muster of a place (`user` is None: everybody's there) or of one person of it.

    `expected` is how many codes were frozen; `is_drawn` that the system chose, and nobody else.
    `missing` and `unexpected` are of the closing; one that was withdrawn was never closed. `id` belongs to
    storage.
    """

    id: int
    code: str
    unit: UnitId
    user: UserId | None
    opened_by: UserId
    opened_at: datetime
    expected: int
    is_drawn: bool = False
    partner: UserId | None = None
    closed_at: datetime | None = None
    missing: int = 0
    unexpected: int = 0
    withdrawal: Withdrawal | None = None

    @property
    def is_open(self) -> bool:
        """It is neither closed nor withdrawn: those who owe a count are shown nothing of what they hold."""
        return self.closed_at is None and self.withdrawal is None

    def concerns(self, user: UserId, unit: UnitId) -> bool:
        """Tell whether this person is one of those who count."""
        return unit == self.unit and self.user in {None, user}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """How far one person has come: whole counts sent, and parts of the running one (0: it is whole)."""

    user: UserId
    counts: int = 0
    parts: int = 0

    @property
    def is_done(self) -> bool:
        """A whole count stands, and nothing has been begun since."""
        return self.counts > 0 and self.parts == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What the log says of these hands since the freezing.

    `now` is in them at the closing, `came` was when it was scanned though not frozen, `lost` is what a second
    person has closed a loss of.
    """

    now: frozenset[str]
    came: frozenset[str]
    lost: frozenset[str] = frozenset()


def find_muster_refusal(
    muster: Muster | None, counter: Counter, actor: Actor, place: UnitId | None, *, part: int
) -> Refusal | None:
    """Find why this count, or this part of one, does not stand; what was counted plays no role."""
    if muster is None:
        return Refusal.NOT_A_MUSTER
    on_the_road = actor.role is Role.COURIER
    return first_of(
        (not actor.active or actor.role not in POST, Refusal.ROLE_NOT_ALLOWED),
        (not muster.concerns(actor.user, actor.unit), Refusal.MUSTER_OF_ANOTHER),
        (muster.closed_at is not None, Refusal.MUSTER_CLOSED),
        (muster.withdrawal is not None, Refusal.MUSTER_WITHDRAWN),
        (place is None or (not on_the_road and place != muster.unit), Refusal.WRONG_PLACE),
        (part not in {1, counter.parts + 1 if counter.parts else 1}, Refusal.COUNT_PART_MISSING),
    )


def count_part(counter: Counter, *, part: int, last: bool) -> Counter:
    """Return the counter with one more part; the last makes the count whole."""
    if last:
        return replace(counter, counts=counter.counts + 1, parts=0)
    return replace(counter, parts=part)


def compare(
    *, expected: Collection[str], counted: Collection[str], moved: Moved
) -> Mapping[str, MusterFinding]:
    """Hold what was scanned against the frozen list; what is wrong first, each by its code."""
    there, seen = frozenset(expected), frozenset(counted)
    absent, extra = there - seen, seen - there
    gone = absent - moved.now
    came = extra & (moved.now | moved.came)
    lost = (absent - gone) & moved.lost
    found: dict[str, MusterFinding] = {}
    for codes, finding in (
        (absent - gone - lost, MusterFinding.MISSING),
        (extra - came, MusterFinding.UNEXPECTED),
        (lost, MusterFinding.EXPLAINED),
        (gone, MusterFinding.MOVED_OUT),
        (came, MusterFinding.MOVED_IN),
        (there & seen, MusterFinding.FOUND),
    ):
        found |= dict.fromkeys(sorted(codes), finding)
    return found


def codes_of(lines: Mapping[str, MusterFinding], *findings: MusterFinding) -> frozenset[str]:
    """Return the codes of which a muster says one of these."""
    return frozenset(code for code, finding in lines.items() if finding in findings)


def result_digest(lines: Mapping[str, MusterFinding]) -> str:
    """Return SHA-256 of the result: a line for each code, sorted, code and finding with a space between."""
    return sha256_hex("".join(f"{code} {lines[code]}\n" for code in sorted(lines)).encode())


def check_closing(
    muster: Muster, counters: Iterable[Counter], lines: Mapping[str, MusterFinding], *, by: UserId
) -> None:
    """Raise Conflict unless the opener closes what has been counted to its end."""
    known = tuple(counters)
    differing = codes_of(lines, MusterFinding.MISSING, MusterFinding.UNEXPECTED)
    for applies, code in (
        (muster.closed_at is not None, ConflictCode.MUSTER_CLOSED),
        (muster.withdrawal is not None, ConflictCode.MUSTER_WITHDRAWN),
        (muster.opened_by != by, ConflictCode.MUSTER_OF_OPENER),
        (any(counter.parts for counter in known), ConflictCode.MUSTER_BEING_COUNTED),
        (not any(counter.counts for counter in known), ConflictCode.MUSTER_NOT_COUNTED),
        (len(differing) > MOST_DIFFERENCES, ConflictCode.MUSTER_TOO_DIFFERENT),
    ):
        if applies:
            raise Conflict(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """The person of the place who closes it too, as looked up; `present`: they proved it just now."""

    user: UserId
    unit: UnitId
    role: Role
    active: bool
    present: bool


def check_partner(muster: Muster, partner: Partner | None) -> None:
    """Raise Conflict unless a second person, one of the place, closes it too and is there."""
    if partner is None or partner.user == muster.opened_by:
        raise Conflict(ConflictCode.PARTNER_NOT_ALLOWED)
    if not partner.active or partner.role not in POST or partner.unit != muster.unit:
        raise Conflict(ConflictCode.PARTNER_NOT_ALLOWED)
    if not partner.present:
        raise Conflict(ConflictCode.PARTNER_NOT_PRESENT)


def close(muster: Muster, lines: Mapping[str, MusterFinding], *, partner: UserId, now: datetime) -> Muster:
    """Return the muster closed with its figures."""
    return replace(
        muster,
        partner=partner,
        closed_at=now,
        missing=len(codes_of(lines, MusterFinding.MISSING)),
        unexpected=len(codes_of(lines, MusterFinding.UNEXPECTED)),
    )


def check_withdrawal(muster: Muster, actor: Actor, *, now: datetime, after: timedelta) -> None:
    """Raise Conflict unless this person may end a muster without a result.

    Its opener may while it is open; another auditor once it has been open for as long as `after`, and never
    before; nobody else.
    """
    is_opener = muster.opened_by == actor.user
    for applies, code in (
        (muster.closed_at is not None, ConflictCode.MUSTER_CLOSED),
        (muster.withdrawal is not None, ConflictCode.MUSTER_WITHDRAWN),
        (not is_opener and actor.role is not Role.AUDITOR, ConflictCode.MUSTER_WITHDRAWN_BY_OPENER),
        (not is_opener and now < muster.opened_at + after, ConflictCode.MUSTER_NOT_OLD),
    ):
        if applies:
            raise Conflict(code)


def withdraw(muster: Muster, withdrawal: Withdrawal) -> Muster:
    """Return the muster without a result."""
    return replace(muster, withdrawal=withdrawal)


def draw(names: Collection[str], count: int, *, seed: bytes) -> tuple[str, ...]:
    """Choose `count` names: those with the least SHA-256 of seed and name, so that anybody can draw again.

    The seed is the leaf hash of the log's last entry, 32 bytes, fixed before anybody knew it would be one.
    """
    ranked = sorted(names, key=lambda name: (sha256_hex(seed + name.encode()), name))
    return tuple(ranked[:count])
