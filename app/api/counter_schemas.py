"""Shapes of handing in at a post office's counter, as strict as every other shape of the API."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas import Shape
from audit.evidence import MAX_LINES


class AgreedLine(Shape):
    """One code as the clerk's device read it, and what the clerk says of it."""

    code: Annotated[str, Field(pattern="^[ -~]{1,64}$")]
    verdict: Literal["accept", "refuse"]


class GiverBody(Shape):
    """What the giver typed, the agency they hand in for, and the list that they were shown.

    `nonce` is that of the take to come, and fresh: no offer came before.
    """

    username: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=1024)]
    nonce: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    unit: Annotated[str, Field(pattern="^[!-~]{1,32}$")]
    lines: Annotated[list[AgreedLine], Field(min_length=1, max_length=MAX_LINES)]


class GiverAnswer(Shape):
    """Whom the take must name in `from`, and until when it must arrive."""

    giver: int
    name: str
    until: str
