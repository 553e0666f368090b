"""Choose, among dated versions of one table, the one that counts at a moment.

Shared by every table that an administrator publishes from a paper: the service standard and the handover
policy (ADR 0009). Each has a version 0, a sample that counts from the beginning.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar

SAMPLE_VERSION: Final = 0
# From when a sample counts: before everything.
EVER: Final = datetime.min.replace(tzinfo=UTC)


class Dated(Protocol):
    """A version of a table."""

    @property
    def version(self) -> int:
        """Count from 1; 0 is the sample."""

    @property
    def valid_from_at(self) -> datetime:
        """Tell from when on it counts."""


class FromPaper(Dated, Protocol):
    """A version with the paper that orders it."""

    @property
    def source(self) -> str:
        """Name the paper: number, day, who issued it."""


D = TypeVar("D", bound=Dated)


def newest_first(published: Iterable[D], sample: D) -> tuple[D, ...]:
    """Put published versions newest first, and the sample behind them for the time before the first."""
    return (*sorted(published, key=lambda one: one.valid_from_at, reverse=True), sample)


def in_force(versions: Sequence[D], at: datetime) -> D:
    """Return the version that counts at a time; `versions` come newest first, the sample last."""
    return next(one for one in versions if one.valid_from_at <= at)
