"""Number the two official registers: sổ đăng ký bí mật nhà nước đi and đến.

Numbers are gapless per unit, year and direction and begin at 1 each working year (Decree 63/2026, annex).
This module must never allocate a number itself: only the transaction that uses it may.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

from app.domain.ids import UnitId

# The working year turns at midnight in Vietnam, which has had one offset and no summer time since 1975.
VIETNAM = timezone(timedelta(hours=7), "ICT")


class Direction(StrEnum):
    """Đi or đến."""

    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterNumber:
    """One line of one register."""

    unit: UnitId
    year: int
    direction: Direction
    number: int


def register_year(at: datetime) -> int:
    """Return the working year that an aware time belongs to, by the calendar of Vietnam."""
    return at.astimezone(VIETNAM).year
