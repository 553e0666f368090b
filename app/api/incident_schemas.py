"""The shapes of incidents in the device API; words of the closed lists are those of docs/glossary.md."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.schemas import Shape, WholeNumber

Text = Annotated[str, Field(max_length=2_000)]


class IncidentBody(Shape):
    """What went wrong: one kind, the codes it concerns (none where that is not known), what was seen."""

    kind: Annotated[str, Field(max_length=40)]
    codes: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=200, default_factory=list)]
    text: Text


class StepBody(Shape):
    """One step about an incident."""

    step: Literal["commented", "assigned", "evidenced", "reported", "resolved", "reopened", "closed"]
    word: Annotated[str, Field(max_length=40)] = ""
    text: Text = ""


class IncidentPath(Shape):
    """The id of an incident, as the list gives it."""

    incident: Annotated[str, Field(pattern="^[0-9]{1,15}$")]


class IncidentsQuery(Shape):
    """Where an earlier page ended."""

    before: Annotated[int | None, Field(strict=False, ge=1, le=10**15)] = None


class IncidentOpened(Shape):
    """An incident with its number in full and its clocks."""

    id: int
    number: str
    kind: str
    severity: str
    status: str
    standard: str
    opened_at: str
    report_due_at: str
    resolve_due_at: str


class ListedIncident(IncidentOpened):
    """One line of the list: the codes are those the caller may know."""

    codes: list[str]


class IncidentsAnswer(Shape):
    """One page of incidents under way, newest first; `next_before` is null where no older ones are."""

    incidents: list[ListedIncident]
    next_before: int | None


class StepAnswer(Shape):
    """One step; `by` is null for what the machine did.

    `text_lost` tells that there was a text, which went down with a lost database.
    """

    number: int
    step: str
    word: str
    text: str
    text_lost: bool
    by: int | None
    at: str


class IncidentAnswer(ListedIncident):
    """Everything about one incident; `owed` is the evidence without which it cannot be resolved."""

    owner: int | None
    reported_at: str | None
    resolved_at: str | None
    closed_at: str | None
    owed: list[str]
    entries: list[WholeNumber]
    steps: list[StepAnswer]
