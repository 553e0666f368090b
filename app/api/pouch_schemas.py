"""The shapes of the device API about pouches and their returns. No rule lives here."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas import Code, Shape

Asset = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9.-]{0,31}$")]
PouchListCode = Annotated[str, Field(pattern=r"^VT-[A-Z0-9.-]{2,33}-[0-9]{4}-[0-9]{1,9}$")]
PouchCancel = Literal["mistake", "wrong_office", "wrong_pouches", "not_sent"]
PouchQueueName = Literal["empty", "in_use", "out", "of_others", "overdue", "missing", "proposed"]


class BalanceAnswer(Shape):
    """The balance of an office: owned = own ones here + out + missing."""

    office: str
    owned: int
    empty: int
    in_use: int
    on_way: int
    out: int
    of_others: int
    overdue: int
    missing: int


class BalancesAnswer(Shape):
    """The balances this person may see; `sample` says that nobody published `return_days`."""

    balances: list[BalanceAnswer]
    return_days: int
    sample: bool


class PouchAnswer(Shape):
    """One pouch: whose, where, on which trip; `overdue` is of another office's empty one."""

    pouch: Asset
    owner: str
    place: str
    state: Literal["held", "sent", "missing", "retired"]
    bag: Code | None
    since: str


class PouchesQuery(Shape):
    """Which queue, and where an earlier page ended: its `next_after`."""

    queue: PouchQueueName | None = None
    after: str = Field(default="", max_length=32)


class PouchesAnswer(Shape):
    """A page of pouches in the order of their numbers; `next_after` is null at the end."""

    pouches: list[PouchAnswer]
    next_after: str | None


class EnterPouchesBody(Shape):
    """Numbers of new pouches, or of missing ones that were found."""

    pouches: list[str] = Field(min_length=1, max_length=200)


class EnteredAnswer(Shape):
    """The numbers as they stand in the register."""

    pouches: list[Asset]


class SendPouchesBody(Shape):
    """Which empty pouches go to which office (its code)."""

    to: str = Field(max_length=16)
    pouches: list[str] = Field(min_length=1, max_length=200)


class ReceivePouchesBody(Shape):
    """What came of a return: each listed number in `received` or `missing`, and what came besides."""

    received: list[str] = Field(max_length=200)
    missing: list[str] = Field(max_length=200)
    excess: list[str] = Field(max_length=200)


class CancelPouchesBody(Shape):
    """Why a return is taken back."""

    reason: PouchCancel


class PouchListAnswer(Shape):
    """One return with its lines; `digest` is SHA-256 of `sent`, sorted, each with a line feed."""

    code: PouchListCode
    sender: str
    receiver: str
    sent_by: int
    sent_at: str
    received_by: int | None
    received_at: str | None
    cancelled_by: int | None
    cancelled_at: str | None
    cancel_reason: PouchCancel | None
    sent: list[Asset]
    received: list[Asset]
    missing: list[Asset]
    excess: list[Asset]
    digest: str


class PouchListPath(Shape):
    """The code of a return in the address."""

    code: PouchListCode
