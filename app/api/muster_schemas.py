"""The shapes of the device API about musters. No rule lives here.

What was expected and found is null until a muster is closed, and while the caller counts.
"""

from typing import Annotated, Literal

from pydantic import Field

from app.api.access_key_schemas import SecondBody
from app.api.schemas import Digest, Shape, UnitCode

MusterCode = Annotated[str, Field(pattern=r"^KK-[A-Z0-9.-]{2,16}-[0-9]{4}-[0-9]{1,9}$")]
MusterFindingName = Literal["missing", "unexpected", "explained", "moved_out", "moved_in", "found"]
WithdrawalReasonName = Literal["mistake", "wrong_hands", "cannot_count", "abandoned"]


class MusterPath(Shape):
    """The code of a muster in the address."""

    code: MusterCode


class ListedMusterAnswer(Shape):
    """One muster of a place (`person` null: everybody there) or of one person; people are account numbers.

    `drawn`: the system chose, and nobody else. `partner` is the person of the place who closed it too. One
    that was withdrawn has no result, and what was frozen for it is never told.
    """

    code: MusterCode
    office: str
    person: int | None
    state: Literal["open", "closed", "withdrawn"]
    drawn: bool
    opened_by: int
    opened_at: str
    closed_at: str | None
    partner: int | None
    expected: int | None
    missing: int | None
    unexpected: int | None
    withdrawn_by: int | None
    withdrawn_at: str | None
    withdrawn_reason: WithdrawalReasonName | None


class MustersAnswer(Shape):
    """A page of musters, open ones first; `owed` are those into which the caller has yet to count."""

    musters: list[ListedMusterAnswer]
    owed: list[MusterCode]
    next_page: int | None


class CounterAnswer(Shape):
    """Somebody who counts; `done`: a whole count of theirs stands."""

    user: int
    done: bool


class MusterEntryAnswer(Shape):
    """One log entry of a muster; `leaf` is its hash."""

    index: int
    step: Literal["opened", "counted", "closed", "withdrawn"]
    at: str
    user: int
    leaf: Digest


class MusterLineAnswer(Shape):
    """What the closing said of one code."""

    code: str
    finding: MusterFindingName


class MusterAnswer(ListedMusterAnswer):
    """One muster; `scanned` is how many codes were scanned so far, for the opener and once it is closed.

    `owes`: the caller has yet to count into it.
    """

    owes: bool
    counters: list[CounterAnswer]
    scanned: int | None
    entries: list[MusterEntryAnswer]
    lines: list[MusterLineAnswer] | None


class OpenMusterBody(Shape):
    """The place's code, and the user name of one person there, "" for everybody."""

    office: UnitCode
    person: Annotated[str, Field(max_length=64)] = ""


class CloseMusterBody(SecondBody):
    """A person of the place that is mustered, who types their own password at this moment."""


class WithdrawMusterBody(Shape):
    """Why the muster ends without a result."""

    reason: WithdrawalReasonName
