"""Rule on what follows while something stays owed: reminder, letter, investigation, each after its days.

Days count from the due time of the clock. A reminder is only a line in a queue; a tracer and an investigation
are facts with a number, raised once for each clock of an item. The office that is asked answers a tracer
within hours of its own, with one of a few answers and no free text. Nothing here may look anything up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.access import Actor
from app.domain.clock import Clock, ClockKind
from app.domain.consignment import Consignment
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.ids import ConsignmentId, UnitId, UserId
from app.domain.service_standard import FollowUp


class Step(StrEnum):
    """What follows, in this order."""

    REMINDER = "reminder"
    TRACER = "tracer"
    INVESTIGATION = "investigation"


class TracerAnswer(StrEnum):
    """What the office that was asked may say."""

    SLIP_SENT = "slip_sent"
    SLIP_SENT_AGAIN = "slip_sent_again"
    HELD_HERE = "held_here"
    PASSED_ON = "passed_on"
    NOT_RECEIVED = "not_received"


class TracerState(StrEnum):
    """How a tracer stands."""

    WAITING = "waiting"
    LATE = "late"
    ANSWERED = "answered"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracer:
    """One raised step. `issuer` asks and numbers it, `to_unit` answers; an investigation has no answer time.

    `raised_by` is None where the installation's own command raised it.
    """

    id: int
    consignment_id: ConsignmentId
    clock: ClockKind
    step: Step
    issuer: UnitId
    year: int
    number: int
    to_unit: UnitId
    raised_at: datetime
    raised_by: UserId | None
    answer_due_at: datetime | None
    answer: TracerAnswer | None = None
    answered_by: UserId | None = None
    answered_at: datetime | None = None


def days_of(follow_up: FollowUp, step: Step) -> int:
    """Return after how many days from the due time a step follows."""
    return {
        Step.REMINDER: follow_up.reminder_days,
        Step.TRACER: follow_up.tracer_days,
        Step.INVESTIGATION: follow_up.investigation_days,
    }[step]


def is_due(clock: Clock, follow_up: FollowUp, step: Step, *, now: datetime) -> bool:
    """Tell whether a step follows now: the clock still runs, and the days after its due time are over."""
    if clock.due_at is None or not clock.is_open:
        return False
    return now > clock.due_at + timedelta(days=days_of(follow_up, step))


def asked_unit(item: Consignment, clock: ClockKind, *, holder: UnitId) -> UnitId:
    """Name the office that must know: who holds an undelivered item, or owes the slip of a delivered one.

    `holder` is the unit that answers for it now: the one of its bag, where it lies in one.
    """
    return holder if clock is ClockKind.DELIVERY else item.recipient_unit


def state_of(tracer: Tracer, *, is_open: bool, now: datetime) -> TracerState:
    """Tell how a tracer stands; `is_open` says whether its item is still owed something."""
    if not is_open:
        return TracerState.SETTLED
    if tracer.answer is not None:
        return TracerState.ANSWERED
    late = tracer.answer_due_at is not None and now > tracer.answer_due_at
    return TracerState.LATE if late else TracerState.WAITING


def parse_answer(untrusted: str) -> TracerAnswer:
    """Read an answer; raises InvalidInput."""
    found = next((one for one in TracerAnswer if one.value == untrusted), None)
    if found is None:
        raise InvalidInput("answer", ProblemCode.NOT_A_CHOICE)
    return found


def check_answerable(tracer: Tracer, *, actor: Actor) -> None:
    """Allow one answer by the office asked; raises NotFound for others, Conflict for a second one."""
    if tracer.to_unit != actor.unit or tracer.step is not Step.TRACER:
        raise NotFound
    if tracer.answer is not None:
        raise Conflict(ConflictCode.TRACER_ANSWERED)
