"""The shapes of holds and declared errors in the device API; words are those of docs/glossary.md."""

from typing import Annotated

from pydantic import Field

from app.api.schemas import Shape, WholeNumber

Word = Annotated[str, Field(max_length=40)]
Key = Annotated[str, Field(pattern="^[0-9]{1,15}$")]


class HoldBody(Shape):
    """Which code is held back, how (`quarantined`, `stopped`) and why."""

    hold: Word
    code: Annotated[str, Field(max_length=64)]
    reason: Word
    text: Annotated[str, Field(max_length=500)]


class LiftBody(Shape):
    """Why a hold may go."""

    text: Annotated[str, Field(max_length=500)]


class HoldPath(Shape):
    """The id of a hold, as the list gives it."""

    hold: Key


class HoldsQuery(Shape):
    """Where an earlier page ended."""

    before: Annotated[int | None, Field(strict=False, ge=1, le=10**15)] = None


class HoldAnswer(Shape):
    """One hold; `lifted_by` and `lifted_at` are null while it is in force."""

    id: int
    hold: str
    code: str
    reason: str
    placed_by: int
    placed_at: str
    lifted_by: int | None
    lifted_at: str | None


class HoldsAnswer(Shape):
    """One page of holds in force, newest first; `next_before` is null where no older ones are."""

    holds: list[HoldAnswer]
    next_before: int | None


class EntryPath(Shape):
    """The number of an entry of the log."""

    index: Key


class CorrectionBody(Shape):
    """Why an entry is wrong, later entries that say it right, and what is right."""

    reason: Word
    corrective: Annotated[
        list[Annotated[WholeNumber, Field(ge=0, le=10**15)]], Field(max_length=10, default_factory=list)
    ]
    text: Annotated[str, Field(max_length=1_000)]


class CorrectionAnswer(Shape):
    """A declared error that waits for an auditor."""

    id: int
    entry: int
    leaf: str
    reason: str
