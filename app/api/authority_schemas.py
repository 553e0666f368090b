"""Shapes of courier cards and letters of introduction, as strict as every other shape of the API."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas import Shape

Kind = Literal["courier_card", "letter"]
Mark = Literal["A", "B", "C"]
Reason = Literal["lost", "holder_left", "misused", "replaced", "issued_wrongly"]


class AuthorityPath(Shape):
    """The number of a paper in this installation."""

    authority: int = Field(ge=0, le=10**15, strict=False)


class AuthoritiesQuery(Shape):
    """Where an earlier page ended: its `next_before`."""

    before: int | None = Field(default=None, ge=0, le=10**15, strict=False)


class IssueBody(Shape):
    """A paper to issue: to whom, its printed number, from when (empty: now) until when, and for which marks.

    `up_to` is the highest outer mark it speaks for, left out for every one.
    """

    holder: Annotated[int, Field(ge=1, le=999_999_999)]
    number: Annotated[str, Field(min_length=1, max_length=32)]
    valid_from: Annotated[str, Field(max_length=40)] = ""
    valid_until: Annotated[str, Field(min_length=1, max_length=40)]
    up_to: Mark | None = None


class RevokeBody(Shape):
    """Why a paper is taken back."""

    reason: Reason


class AuthorityShape(Shape):
    """One paper; `holder` is the number of an account, `unit` the code of the unit it speaks for."""

    id: int
    number: str
    kind: Kind
    holder: int
    unit: str
    valid_from: str
    valid_until: str
    state: Literal["future", "valid", "expired", "revoked"]
    ends_soon: bool
    revoked_for: Reason | None
    up_to: Mark | None


class AuthoritiesAnswer(Shape):
    """A page of papers, newest first, and those that end soon; `next_before` is null at the end."""

    authorities: list[AuthorityShape]
    ending: list[AuthorityShape]
    next_before: int | None
