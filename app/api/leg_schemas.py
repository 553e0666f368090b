"""The shapes of the device API about legs and about answers to manifests. No rule lives here."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas import Code, Digest, Shape

LegStateName = Literal["planned", "departed", "arrived", "cancelled"]
LegCode = Annotated[str, Field(pattern=r"^HT-[A-Z0-9.-]{2,16}-[0-9]{4}-[0-9]{1,9}$")]


class ListedLegAnswer(Shape):
    """A leg of a list: who drives what from where to where, planned and actual times."""

    code: LegCode
    origin: str
    destination: str
    state: LegStateName
    overdue: bool
    vehicle: str
    courier: int
    escort: int | None
    load: int | None
    departs_at: str
    arrives_at: str
    departed_at: str | None
    arrived_at: str | None


class AboardAnswer(Shape):
    """One thing aboard: whether the courier has it now, and what became of it once the leg is over."""

    code: Code
    with_courier: bool
    fate: Literal["handed", "kept", "missing"] | None


class LegAnswer(ListedLegAnswer):
    """One leg with what it carries."""

    aboard: list[AboardAnswer] | None


class LegsQuery(Shape):
    """Which queue, and where an earlier page ended: its `next_before`."""

    queue: Literal["today", "planned", "under_way", "overdue", "kept"] | None = None
    before: int | None = Field(default=None, ge=0, le=10**15, strict=False)


class LegsAnswer(Shape):
    """A page of legs, newest first; `next_before` is null at the end."""

    legs: list[ListedLegAnswer]
    next_before: int | None


class LegPath(Shape):
    """The code of a leg in the address."""

    code: LegCode


class PlanLegBody(Shape):
    """A plan: office to go to, courier and escort (user ids), vehicle (plate), two times, what is aboard."""

    to_office: str = Field(max_length=16)
    courier: int = Field(ge=1, le=10**9)
    escort: int | None = Field(default=None, ge=1, le=10**9)
    vehicle: str = Field(max_length=32)
    departs_at: str = Field(max_length=40)
    arrives_at: str = Field(max_length=40)
    codes: list[str] = Field(min_length=1, max_length=200)


class CancelLegBody(Shape):
    """Why a planned leg does not take place."""

    reason: Literal["no_vehicle", "no_courier", "road_closed", "joined", "mistake"]


class ResponseAnswer(Shape):
    """The answer to a manifest as text; its SHA-256 is `digest`, the answered list's `manifest`."""

    code: Code
    digest: Digest
    manifest: Digest
    response: str
