"""State what the service promises: the times to deliver and to bring the acknowledgement back, by class.

A standard is a dated version of a whole table; an item keeps the version that was valid when the post
accepted it, so no later version can make a late item punctual. The legal maxima of Circular 26/2026 were not
found, so :func:`sample_standard` is shipped and says of itself that it is a sample. This module must never
be taken as the source of a legal maximum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Final

from app.domain.dated import EVER, SAMPLE_VERSION, in_force, newest_first
from app.domain.grades import Grade, Scope, Secrecy

# What a value may be at all, least and most: hours of a time, days of a step, minutes around an agreed time.
HOURS: Final = (1, 24 * 60)
DAYS: Final = (0, 365)
WINDOW_MINUTES: Final = (0, 24 * 60)


class Urgency(StrEnum):
    """The urgency that decides the times; Hẹn giờ goes before Hỏa tốc, because its hour was agreed."""

    NONE = "none"
    EXPRESS = "express"
    APPOINTED = "appointed"


class Area(StrEnum):
    """Where the recipient is: the quality rules differ for communes and for special terrain."""

    CENTRE = "centre"
    COMMUNE = "commune"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceClass:
    """One cell of the table of times."""

    secrecy: Secrecy
    urgency: Urgency
    scope: Scope
    area: Area

    @property
    def name(self) -> str:
        """Name the cell on forms, in the log and in queries: `A.express.intra.centre`."""
        return f"{self.secrecy}.{self.urgency}.{self.scope}.{self.area}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What happens to an open matter, in days after its due time; and the hours to answer a tracer in."""

    reminder_days: int
    tracer_days: int
    investigation_days: int
    answer_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One version of the table; version 0 is the sample. Keys are the names of cells, `A.express` for days.

    Hẹn giờ has no hours of delivery: it must be delivered in the window around the agreed time. What was
    tried and not delivered is unclaimed after `hold_days`. `special_communes` are the five-digit codes of
    the communes of special terrain.
    """

    version: int
    valid_from_at: datetime
    source: str
    window_before_minutes: int
    window_after_minutes: int
    hold_days: int
    special_communes: frozenset[str]
    delivery_hours: Mapping[str, int]
    acknowledgement_hours: Mapping[str, int]
    follow_ups: Mapping[str, FollowUp]

    @property
    def is_sample(self) -> bool:
        """Whether no competent authority has confirmed these values."""
        return self.version == SAMPLE_VERSION


def urgency_of(grade: Grade) -> Urgency:
    """Return the one urgency that decides."""
    if grade.appointed_at is not None:
        return Urgency.APPOINTED
    return Urgency.EXPRESS if grade.express else Urgency.NONE


def area_of(kind: str, commune: str, standard: Standard) -> Area:
    """Tell the area of a recipient: its terrain first, then whether it is a commune's People's Committee."""
    if commune in standard.special_communes:
        return Area.SPECIAL
    return Area.COMMUNE if kind == "committee" and commune else Area.CENTRE


def delivery_cells() -> tuple[ServiceClass, ...]:
    """List the cells of the delivery table, in the order of forms and papers."""
    return _cells((Urgency.NONE, Urgency.EXPRESS))


def acknowledgement_cells() -> tuple[ServiceClass, ...]:
    """List the cells of the acknowledgement table."""
    return _cells(tuple(Urgency))


def follow_up_names() -> tuple[str, ...]:
    """List the rows of the table of days."""
    return tuple(f"{secrecy}.{urgency}" for secrecy, urgency in product(Secrecy, Urgency))


def standard_at(standards: Sequence[Standard], at: datetime) -> Standard:
    """Return the version valid at a time; `standards` come newest first, the sample last."""
    return in_force(standards, at)


def with_sample(published: Sequence[Standard]) -> tuple[Standard, ...]:
    """Put published versions newest first, and the sample behind them for the time before the first."""
    return newest_first(published, sample_standard())


def _cells(urgencies: tuple[Urgency, ...]) -> tuple[ServiceClass, ...]:
    return tuple(
        ServiceClass(secrecy=secrecy, urgency=urgency, scope=scope, area=area)
        for secrecy, urgency, scope, area in product(Secrecy, urgencies, Scope, Area)
    )


_SAMPLE_DELIVERY: Final[Mapping[tuple[Urgency, Scope], tuple[int, int, int]]] = {
    (Urgency.NONE, Scope.INTRA): (24, 36, 72),
    (Urgency.NONE, Scope.INTER): (48, 72, 96),
    (Urgency.EXPRESS, Scope.INTRA): (6, 12, 24),
    (Urgency.EXPRESS, Scope.INTER): (24, 36, 48),
}
_SAMPLE_RETURN: Final[Mapping[tuple[Urgency, Scope], tuple[int, int, int]]] = {
    (Urgency.NONE, Scope.INTRA): (72, 96, 120),
    (Urgency.NONE, Scope.INTER): (120, 144, 168),
    (Urgency.EXPRESS, Scope.INTRA): (24, 48, 72),
    (Urgency.EXPRESS, Scope.INTER): (72, 96, 120),
    (Urgency.APPOINTED, Scope.INTRA): (24, 48, 72),
    (Urgency.APPOINTED, Scope.INTER): (72, 96, 120),
}
_SAMPLE_DAYS: Final[Mapping[Secrecy, FollowUp]] = {
    Secrecy.A: FollowUp(reminder_days=1, tracer_days=2, investigation_days=4, answer_hours=24),
    Secrecy.B: FollowUp(reminder_days=1, tracer_days=3, investigation_days=6, answer_hours=24),
    Secrecy.C: FollowUp(reminder_days=2, tracer_days=4, investigation_days=8, answer_hours=48),
    Secrecy.NONE: FollowUp(reminder_days=3, tracer_days=6, investigation_days=12, answer_hours=48),
}


def sample_standard() -> Standard:
    """Return the values shipped in place of those nobody published: a sample, and labelled as one."""
    order = tuple(Area)
    return Standard(
        version=SAMPLE_VERSION,
        valid_from_at=EVER,
        source="",
        window_before_minutes=30,
        window_after_minutes=30,
        hold_days=10,
        special_communes=frozenset(),
        delivery_hours={
            cell.name: _SAMPLE_DELIVERY[cell.urgency, cell.scope][order.index(cell.area)]
            for cell in delivery_cells()
        },
        acknowledgement_hours={
            cell.name: _SAMPLE_RETURN[cell.urgency, cell.scope][order.index(cell.area)]
            for cell in acknowledgement_cells()
        },
        follow_ups={name: _SAMPLE_DAYS[Secrecy(name.partition(".")[0])] for name in follow_up_names()},
    )
