"""Shapes of closed sections, as strict as every other shape. None tells what lies in a safe."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas import Shape

Reason = Literal["break", "end_of_day", "errand", "meeting", "unforeseen", "premises", "other"]
State = Literal["closed", "overdue", "reopened"]
SafeSeal = Literal["none", "intact", "differs"]


class SectionPath(Shape):
    """The number of a closing."""

    closing: Annotated[str, Field(min_length=1, max_length=64)]


class SectionsQuery(Shape):
    """`before`: the `older` of the page before."""

    before: int | None = Field(default=None, ge=0, le=10**15, strict=False)


class CloseSectionBody(Shape):
    """Why the caller's own section closes, and until when.

    `note` is printed on the notice, and required with the reason `other`. `instead` is the code of the office
    to go to meanwhile. `access_key` (a number of the register of keys) and `seal` (of the office's stock) are
    the safe and the seal on its door, null and empty only where nothing is left in hand.
    """

    reason: Reason
    note: Annotated[str, Field(max_length=200)] = ""
    expected_at: Annotated[str, Field(min_length=1, max_length=40)]
    instead: Annotated[str, Field(max_length=32)] = ""
    access_key: int | None = Field(default=None, ge=0, le=10**15)
    seal: Annotated[str, Field(max_length=32)] = ""


class ReopenSectionBody(Shape):
    """The number read off the seal of the safe, shown nowhere before; empty where none was sealed."""

    seal: Annotated[str, Field(max_length=32)] = ""


class SectionShape(Shape):
    """One closing; `things` is null for whoever is not told, `message` says in one sentence what to do."""

    closing: str
    office: str
    state: State
    reason: Reason
    note: str
    instead: str | None
    closed_by: int
    closed_at: str
    expected_at: str
    things: int | None
    reopened_by: int | None
    reopened_at: str | None
    seal_state: SafeSeal | None
    incident: int | None
    message: str


class SectionsAnswer(Shape):
    """What is closed now, the first to come back first; of the own office, to an auditor of all, what was."""

    closed: list[SectionShape]
    ended: list[SectionShape]
    older: int | None
