"""The shapes of the device API about bags. No rule lives here."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas import Code, ConsignmentAnswer, Digest, OfferAnswer, Shape, UnitCode

BagStateName = Literal["open", "closed", "opened", "emptied"]


class DispatchAnswer(Shape):
    """The place of a bag in its dispatch; `last`: no bag of this dispatch follows."""

    year: int
    number: int
    serial: int
    last: bool


class ListedBagAnswer(Shape):
    """The outside of a bag; `pieces` is null for whoever must not know what is in it."""

    code: Code
    asset: str
    origin: str
    destination: str
    state: BagStateName
    custodian_user: int
    custodian_unit: str
    offered: bool
    nested: bool
    dispatch: DispatchAnswer | None
    weight_g: Annotated[int | None, Field(description="as closed, null while open")]
    pieces: int | None
    started_at: str
    closed_at: str | None
    opened_at: str | None
    emptied_at: str | None


class ContentAnswer(Shape):
    """One code of a bag: known from the seal or by whoever looked, and the receiver's answer."""

    code: Code
    known: Literal["inferred", "verified"]
    mark: Literal["received", "missing", "excess", "damaged", "seal_differs", "missent"] | None
    listed: bool


class BagAnswer(ListedBagAnswer):
    """One bag; `contents` is null for whoever must not know them. Its seal is told nowhere here."""

    offer: OfferAnswer | None
    manifest: Annotated[str, Field(description="SHA-256 of the frozen manifest, empty while open")]
    contents: list[ContentAnswer] | None


class BagsQuery(Shape):
    """Which queue, and where an earlier page ended: its `next_before`."""

    queue: Literal["packing", "to_accept", "in_hand", "on_the_way", "to_open", "to_answer"] | None = None
    before: int | None = Field(default=None, ge=0, le=10**15, strict=False)


class BagsAnswer(Shape):
    """A page of bags, newest first; `next_before` is null at the end."""

    bags: list[ListedBagAnswer]
    total: int
    next_before: int | None


class StartBagBody(Shape):
    """A trip to begin: the code of the office it goes to, the number on the pouch."""

    destination: UnitCode
    asset: Annotated[str, Field(min_length=1, max_length=32)]


class ManifestAnswer(Shape):
    """The frozen bytes as text, whose SHA-256 stands in the log."""

    code: Code
    digest: Digest
    manifest: str


class WitnessBody(Shape):
    """What the second person typed, and the nonce of the act that will name them."""

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    nonce: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class WitnessAnswer(Shape):
    """Whom the act must name, and until when it must arrive."""

    witness: int
    name: str
    until: str


class OfferedBagAnswer(ListedBagAnswer):
    """A bag whose handover waits for the caller's half."""

    offer: OfferAnswer


class OffersAnswer(Shape):
    """Consignments and bags whose handover waits for the caller's half, newest first."""

    offers: list[ConsignmentAnswer]
    bags: list[OfferedBagAnswer]
