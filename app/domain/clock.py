"""Run the two clocks of a consignment: until its delivery is tried, and until its acknowledgement is back.

The service runs 24 hours on 7 days, holidays and Tết too (Circular 15/2022), so an hour is an hour and no
calendar stands between. The first clock runs from acceptance to the first attempt; the second from delivery
to the day on which the sender's focal point closes the acknowledgement. Both keep the standard that was valid
at the acceptance. Nothing here may read a clock, a table or a holiday.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.consignment import Consignment
from app.domain.service_standard import (
    Area,
    FollowUp,
    ServiceClass,
    Standard,
    Urgency,
    urgency_of,
)


class ClockKind(StrEnum):
    """Which of the two clocks."""

    DELIVERY = "delivery"
    ACKNOWLEDGEMENT = "acknowledgement"


class ClockState(StrEnum):
    """How a clock stands."""

    WAITING = "waiting"
    RUNNING = "running"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"
    EARLY = "early"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock. `not_before_at` is given for Hẹn giờ only; what has not begun has no times."""

    state: ClockState
    started_at: datetime | None = None
    not_before_at: datetime | None = None
    due_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes something."""
        return self.state in {ClockState.RUNNING, ClockState.OVERDUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Both clocks of one item, and the version of the standard that set them."""

    delivery: Clock
    acknowledgement: Clock
    standard: Standard
    area: Area


def read_clocks(
    item: Consignment, standard: Standard, *, area: Area, acknowledged_at: datetime | None, now: datetime
) -> Clocks:
    """Read both clocks of an item at a moment."""
    return Clocks(
        delivery=_read_delivery(item, standard, area, now),
        acknowledgement=_read_acknowledgement(item, standard, area, stopped_at=acknowledged_at, now=now),
        standard=standard,
        area=area,
    )


def follow_up_of(item: Consignment, standard: Standard) -> FollowUp:
    """Return the days of reminder, tracer and investigation of an item."""
    return standard.follow_ups[f"{item.grade.secrecy}.{urgency_of(item.grade)}"]


def class_of(item: Consignment, area: Area) -> ServiceClass:
    """Return the cell of the tables that an item stands in."""
    grade = item.grade
    return ServiceClass(secrecy=grade.secrecy, urgency=urgency_of(grade), scope=item.scope, area=area)


def _read_delivery(item: Consignment, standard: Standard, area: Area, now: datetime) -> Clock:
    if item.accepted_at is None:
        return Clock(state=ClockState.WAITING)
    cell, appointed_at, not_before_at = class_of(item, area), item.grade.appointed_at, None
    if cell.urgency is Urgency.APPOINTED and appointed_at is not None:
        not_before_at = appointed_at - timedelta(minutes=standard.window_before_minutes)
        due_at = appointed_at + timedelta(minutes=standard.window_after_minutes)
    else:
        due_at = item.accepted_at + timedelta(hours=standard.delivery_hours[cell.name])
    state = _judge(due_at, item.first_attempt_at, now)
    if state is ClockState.MET and not_before_at is not None and item.first_attempt_at is not None:
        state = ClockState.EARLY if item.first_attempt_at < not_before_at else state
    return Clock(
        state=state,
        started_at=item.accepted_at,
        not_before_at=not_before_at,
        due_at=due_at,
        stopped_at=item.first_attempt_at,
    )


def _read_acknowledgement(
    item: Consignment, standard: Standard, area: Area, *, stopped_at: datetime | None, now: datetime
) -> Clock:
    if not item.is_delivered or item.closed_at is None:
        return Clock(state=ClockState.WAITING)
    hours = standard.acknowledgement_hours[class_of(item, area).name]
    due_at = item.closed_at + timedelta(hours=hours)
    return Clock(
        state=_judge(due_at, stopped_at, now),
        started_at=item.closed_at,
        due_at=due_at,
        stopped_at=stopped_at,
    )


def _judge(due_at: datetime, stopped_at: datetime | None, now: datetime) -> ClockState:
    if stopped_at is None:
        return ClockState.OVERDUE if now > due_at else ClockState.RUNNING
    return ClockState.MISSED if stopped_at > due_at else ClockState.MET
