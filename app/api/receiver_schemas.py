"""The shapes of who receives for a unit in the device API; words are those of docs/glossary.md."""

from typing import Annotated

from pydantic import Field

from app.api.schemas import Shape, WholeNumber

Word = Annotated[str, Field(max_length=40)]
Moment = Annotated[str, Field(max_length=35, description="RFC 3339")]


class MandateBody(Shape):
    """Who receives, by what right, from when until when; `valid_from` is now where it is not given."""

    user: Annotated[WholeNumber, Field(json_schema_extra={"minimum": 1})]
    kind: Word
    opens_named: bool = False
    basis: Annotated[str, Field(max_length=120)]
    valid_from: Moment = ""
    valid_until: Moment


class MandatePath(Shape):
    """The id of a mandate, as the list gives it."""

    mandate: Annotated[str, Field(pattern="^[0-9]{1,15}$")]


class MandateAnswer(Shape):
    """One mandate; `revoked_at` is null unless it was ended before its time."""

    id: int
    user: int
    kind: str
    opens_named: bool
    basis: str
    valid_from: str
    valid_until: str
    granted_by: int
    granted_at: str
    revoked_at: str | None
    state: str


class MandatesAnswer(Shape):
    """All mandates of the caller's unit, newest first."""

    mandates: list[MandateAnswer]


class RaisedAnswer(Shape):
    """How many letters and investigations were raised."""

    raised: int
