"""Say how a paper stands that counts from a time to a time and may be taken back: mandates, cards, letters.

The one rule on such dates, shared by everybody who issues or relies on one. Nothing here may read a clock.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.errors import Problem, ProblemCode

LONGEST: Final = timedelta(days=366)


class Validity(StrEnum):
    """How a paper stands at a moment."""

    FUTURE = "future"
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


def validity_of(
    valid_from_at: datetime, valid_until_at: datetime, *, revoked_at: datetime | None, now: datetime
) -> Validity:
    """Tell how it stands; the last moment no longer counts."""
    if revoked_at is not None:
        return Validity.REVOKED
    if now < valid_from_at:
        return Validity.FUTURE
    return Validity.VALID if now < valid_until_at else Validity.EXPIRED


def period_problems(
    valid_from_at: datetime, valid_until_at: datetime, *, now: datetime, longest: timedelta = LONGEST
) -> tuple[Problem, ...]:
    """List what is wrong with the dates of a new paper: over already, or longer than anybody may promise."""
    if valid_until_at <= max(valid_from_at, now):
        return (Problem(field="valid_until", code=ProblemCode.NOT_IN_FUTURE),)
    if valid_until_at - valid_from_at > longest:
        days: dict[str, str | int] = {"least": 1, "most": longest.days}
        return (Problem(field="valid_until", code=ProblemCode.OUT_OF_RANGE, params=days),)
    return ()
