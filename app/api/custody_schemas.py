"""The shapes of the device API about who held what when. No rule lives here."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas import Code, Shape

_FORMS = "2026-11-22T07:43:06.123Z, or 22/11/2026 14:43 in Vietnam; empty: now"
At = Annotated[str, Field(max_length=32, description=_FORMS)]


class CustodyQuery(Shape):
    """Which thing, and when."""

    code: Code
    at: At = ""


class CustodyAtAnswer(Shape):
    """Who answered for it; `size` is how many entries the log had then."""

    code: Code
    at: str
    size: int
    custodian_user: int | None
    custodian_unit: str | None
    inferred: bool
    bag: str
    since: int | None
    since_at: str | None
    proven: bool


class HoldingsQuery(Shape):
    """Whose holdings: a person by login name, a unit by code, a bag by code; empty is the caller's own."""

    holder: Literal["user", "unit", "bag"] = "user"
    value: Annotated[str, Field(max_length=64)] = ""
    at: At = ""


class HeldThingAnswer(Shape):
    """One thing that was held, since which entry, and in which bag it lay."""

    code: Code
    kind: Literal["consignment", "bag"]
    known: Literal["inferred", "verified"]
    bag: str
    custodian_user: int
    custodian_unit: str
    since: int


class HoldingsAnswer(Shape):
    """What was held; `more`: the list was cut off; `hides_own`: the caller counts, theirs is left out."""

    at: str
    size: int
    things: list[HeldThingAnswer]
    more: bool
    hides_own: bool
