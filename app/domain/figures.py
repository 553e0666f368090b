"""Say what an office is asked about by numbers, and from where on a number is a question.

The limits are house values and labelled so wherever they are shown: no public text states any. A number never
judges: a scanner may be broken, a valley without network, an office have two clerks only. Nothing here may
look anything up or read a clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.ids import UserId

# A bag that was opened lies open: its manifest is to be answered within half a shift.
ANSWERED_WITHIN: Final = timedelta(hours=4)
# Two people who stand by one another this often and in this share of an office's acts are asked about.
PAIR_ACTS: Final = 5
PAIR_SHARE: Final = 0.5


class FigureKind(StrEnum):
    """One number per office."""

    UNBALANCED = "unbalanced"
    LATE_MANIFESTS = "late_manifests"
    LATE_TRACERS = "late_tracers"
    PAIRS = "pairs"
    KEY_INS = "key_ins"
    TYPED = "typed"
    OFFLINE = "offline"
    LATE_REPORTS = "late_reports"
    WITNESSED = "witnessed"
    ACCESS_KEYS = "access_keys"
    LATE_BAGS = "late_bags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two people who stood by one another in so many acts of an office."""

    one: UserId
    two: UserId
    acts: int


def find_repeated(pairs: Iterable[Pair]) -> tuple[tuple[Pair, float], ...]:
    """Return the pairs that repeat too often with their share of the office's acts, the largest first."""
    known = sorted(pairs, key=lambda pair: (-pair.acts, pair.one, pair.two))
    total = sum(pair.acts for pair in known)
    shares = ((pair, pair.acts / total) for pair in known)
    return tuple((pair, share) for pair, share in shares if pair.acts >= PAIR_ACTS and share >= PAIR_SHARE)


def is_answered_late(opened_at: datetime, emptied_at: datetime | None, now: datetime) -> bool:
    """Whether the manifest of an opened bag was answered late, or is late already."""
    return (emptied_at or now) > opened_at + ANSWERED_WITHIN
