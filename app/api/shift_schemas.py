"""The shapes of the device API about shifts and reliefs. No rule lives here.

What would tell a person at a count of their own things is null while they count.
"""

from typing import Annotated, Literal

from pydantic import Field

from app.api.access_key_schemas import SecondBody
from app.api.schemas import Digest, Shape

ShiftCode = Annotated[str, Field(pattern=r"^CA-[A-Z0-9.-]{2,16}-[0-9]{4}-[0-9]{1,9}$")]
ShiftState = Literal["open", "counting", "counted", "closed"]
CountFindingName = Literal["matched", "missing", "explained", "unexpected"]
ReliefResultName = Literal["refused", "waiting", "offered", "explained", "elsewhere", "taken"]


class ShiftPath(Shape):
    """The code of a shift in the address."""

    code: ShiftCode


class PageQuery(Shape):
    """Which page of a list, from 1: an earlier answer's `next_page`."""

    page: int = Field(default=1, ge=1, le=10**6, strict=False)


class ListedShiftAnswer(Shape):
    """One shift; `user` and `supervisor` are numbers of accounts, `office` the code of a unit.

    `missing` and `unexpected` are of the last whole count.
    """

    code: ShiftCode
    office: str
    user: int
    state: ShiftState
    unbalanced: bool
    counts: int
    missing: int | None
    unexpected: int | None
    opened_at: str
    closed_at: str | None
    supervisor: int | None


class ShiftsAnswer(Shape):
    """A page of shifts, those that do not balance first, then open ones; `next_page` is null at the end."""

    shifts: list[ListedShiftAnswer]
    next_page: int | None


class ShiftEntryAnswer(Shape):
    """One log entry of a shift; `count` says which count, 0 for opening and closing."""

    index: int
    step: Literal["opened", "counted", "closed"]
    at: str
    count: int


class BalanceOfShiftAnswer(Shape):
    """The formula in figures: opening + came - left = expected, against what was counted."""

    opening: int
    came: int
    left: int
    expected: int
    counted: int
    balanced: bool


class CountLineAnswer(Shape):
    """What the last whole count says of one code."""

    code: str
    finding: CountFindingName


class ReplayAnswer(Shape):
    """One log entry about one thing since the last good balance."""

    index: int
    at: str
    kind: str
    code: str


class ShiftAnswer(ListedShiftAnswer):
    """One shift with its entries.

    `balance`, `lines` and `replay` are null until a whole count stands, and while the caller counts. `since`
    is the entry of the last good balance; `more`: there is more to replay than the 1000 entries here.
    """

    entries: list[ShiftEntryAnswer]
    balance: BalanceOfShiftAnswer | None
    lines: list[CountLineAnswer] | None
    since: int | None
    replay: list[ReplayAnswer] | None
    more: bool
    relieved: bool


class CloseShiftBody(SecondBody):
    """The supervisor, a clerk of the same office, who types their own password at this moment."""


class ListReliefBody(Shape):
    """The successor's user name: somebody of the same office."""

    successor: Annotated[str, Field(min_length=1, max_length=64)]


class ReliefLineAnswer(Shape):
    """One line of the list and what became of it."""

    code: str
    result: ReliefResultName


class ReliefEntryAnswer(Shape):
    """One log entry that proves a part of a relief; `leaf` is its hash."""

    index: int
    at: str
    kind: str
    user: int
    leaf: Digest


class ReliefAnswer(Shape):
    """The latest relief of a shift; `size` and `lines` are null while the leaver or the caller counts.

    `digest` is SHA-256 of the list, sorted, each with a line feed. `typed` are the codes that were keyed in
    at the count: each needs a second reader again before it is offered.
    """

    shift: ShiftCode
    office: str
    leaver: int
    successor: int
    listed_at: str
    closed_at: str | None
    digest: Digest
    size: int | None
    lines: list[ReliefLineAnswer] | None
    typed: list[str]
    entries: list[ReliefEntryAnswer]


class WaitingReliefAnswer(Shape):
    """A relief made out to the caller; `size` is null while they count."""

    shift: ShiftCode
    leaver: int
    size: int | None


class SuccessorAnswer(Shape):
    """Somebody to whom the caller's shift may go."""

    user: int
    username: str


class ReliefsAnswer(Shape):
    """What waits for the caller to take over, and to whom the caller's own shift may go."""

    waiting: list[WaitingReliefAnswer]
    successors: list[SuccessorAnswer]
