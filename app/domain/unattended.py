"""Tell what is in nobody's hands (không ai cầm): custody never lapses, but a thing can lie there unattended.

Exactly one person answers for every item at every moment, and still nobody may be looking after it: it was
given out and not taken, its custodian's account or office is closed, the shift is over. The state follows
from what is stored and from now; it is nowhere kept, and ends by itself with the next handover. Three steps
follow by the clock of each reason: it is shown, the place's supervisor is asked, an incident is raised.
Nothing here may look anything up or read a clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.access import Actor, Role
from app.domain.consignment import Custodian
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.incident import IncidentKind

LONGEST_NOTE: Final = 200


class UnattendedReason(StrEnum):
    """Why nobody looks after a thing."""

    OFFER_UNANSWERED = "offer_unanswered"
    CUSTODIAN_CLOSED = "custodian_closed"
    UNIT_CLOSED = "unit_closed"
    SHIFT_ENDED = "shift_ended"
    HELD_AT_OFFICE = "held_at_office"
    BAG_OVERDUE = "bag_overdue"


class UnattendedStep(StrEnum):
    """What was done about it; each is one log entry, once for each time that it happens."""

    ASKED = "asked"
    ANSWERED = "answered"
    RAISED = "raised"


class UnattendedAnswer(StrEnum):
    """What the supervisor of the place found."""

    SECURED = "secured"
    HANDING_OVER = "handing_over"
    CALLED_BACK = "called_back"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long after its beginning a thing is shown, its supervisor asked, and an incident raised.

    `grace` is how long after a time that was planned a thing is late: what rides on a leg is due then, and
    its question and incident follow at the same distances as ever.
    """

    show: timedelta
    ask: timedelta
    escalate: timedelta
    grace: timedelta = timedelta()

    def after_due(self) -> "Terms":
        """Return the clocks of what was planned: they run from its due time."""
        earlier = self.show - self.grace
        return Terms(show=self.grace, ask=self.ask - earlier, escalate=self.escalate - earlier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What is stored of one thing that may be unattended; a time is None where that did not happen.

    `held_at` is when the custodian got it, `asked` the unit whose supervisor answers for the place.
    `offered_at` is of an offer that is open, `account_closed_at` and `unit_closed_at` of the custodian,
    `shift_closed_at` of the custodian's latest shift, `kept_at` of an attempt after which the item was to be
    kept at the office, `sealed_at` of the closing of a bag under way and `scanned_at` of its latest scan.
    `due_at` is the planned arrival of the leg on which the bag rides, or is planned to.
    """

    code: str
    is_bag: bool
    custodian: Custodian
    asked: UnitId
    held_at: datetime
    offered_at: datetime | None = None
    account_closed_at: datetime | None = None
    unit_closed_at: datetime | None = None
    shift_closed_at: datetime | None = None
    kept_at: datetime | None = None
    sealed_at: datetime | None = None
    scanned_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattended:
    """One thing in nobody's hands: why, and since when; `is_planned`: since it was due by a plan."""

    code: str
    is_bag: bool
    custodian: Custodian
    asked: UnitId
    reason: UnattendedReason
    since: datetime
    is_planned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the supervisor said, and when."""

    answer: UnattendedAnswer
    at: datetime


def find_reasons(traces: Traces) -> dict[UnattendedReason, datetime]:
    """Return every reason that holds and since when, however short a time that is.

    Whatever ended before the custodian got the thing counts from then: they took it knowing.
    """
    began: dict[UnattendedReason, datetime] = {}
    if traces.offered_at is not None:
        began[UnattendedReason.OFFER_UNANSWERED] = traces.offered_at
    for reason, ended_at in (
        (UnattendedReason.CUSTODIAN_CLOSED, traces.account_closed_at),
        (UnattendedReason.UNIT_CLOSED, traces.unit_closed_at),
        (UnattendedReason.SHIFT_ENDED, traces.shift_closed_at),
    ):
        if ended_at is not None:
            began[reason] = max(ended_at, traces.held_at)
    if traces.kept_at is not None and traces.kept_at >= traces.held_at and traces.offered_at is None:
        # A handover after the attempt is the one that put it into the office's store.
        began[UnattendedReason.HELD_AT_OFFICE] = traces.kept_at
    if traces.sealed_at is not None:
        last = max(traces.sealed_at, traces.scanned_at or traces.sealed_at)
        # Whoever planned a leg has said when the bag is there; only without a plan its last scan must do.
        began[UnattendedReason.BAG_OVERDUE] = traces.due_at or last
    return began


def unattended(traces: Traces, reason: UnattendedReason, terms: Terms, *, now: datetime) -> Unattended | None:
    """Return the thing if it is in nobody's hands for this reason long enough to be shown."""
    since = find_reasons(traces).get(reason)
    is_planned = reason is UnattendedReason.BAG_OVERDUE and traces.due_at is not None
    if since is None or now < since + _clock(terms, is_planned=is_planned).show:
        return None
    return Unattended(
        code=traces.code,
        is_bag=traces.is_bag,
        custodian=traces.custodian,
        asked=traces.asked,
        reason=reason,
        since=since,
        is_planned=is_planned,
    )


def _clock(terms: Terms, *, is_planned: bool) -> Terms:
    return terms.after_due() if is_planned else terms


def asks_at(found: Unattended, terms: Terms) -> datetime:
    """Return when the supervisor of the place is asked."""
    return found.since + _clock(terms, is_planned=found.is_planned).ask


def raises_at(found: Unattended, terms: Terms, answered: Answered | None) -> datetime:
    """Return when an incident is raised by itself.

    An answer buys the time between question and incident once more; what is not found waits no longer.
    """
    if answered is None:
        return found.since + _clock(terms, is_planned=found.is_planned).escalate
    if answered.answer is UnattendedAnswer.NOT_FOUND:
        return answered.at
    return answered.at + (terms.escalate - terms.ask)


def next_step(
    found: Unattended,
    terms: Terms,
    *,
    done: frozenset[UnattendedStep],
    answered: Answered | None,
    now: datetime,
) -> UnattendedStep | None:
    """Return what the machine does about it now, once each; the question always comes first."""
    if UnattendedStep.RAISED in done:
        return None
    if UnattendedStep.ASKED not in done:
        return UnattendedStep.ASKED if now >= asks_at(found, terms) else None
    return UnattendedStep.RAISED if now >= raises_at(found, terms, answered) else None


def incident_kind(answered: Answered | None) -> IncidentKind:
    """Return which incident it becomes: a loss where somebody looked and found nothing, else a delay."""
    lost = answered is not None and answered.answer is UnattendedAnswer.NOT_FOUND
    return IncidentKind.LOSS if lost else IncidentKind.LATE


def parse_answer(untrusted: str) -> UnattendedAnswer:
    """Read an answer; raises InvalidInput."""
    found = next((one for one in UnattendedAnswer if one.value == untrusted), None)
    if found is None:
        raise InvalidInput("answer", ProblemCode.NOT_A_CHOICE)
    return found


def check_answerable(
    asked: UnitId, custodian: UserId, done: frozenset[UnattendedStep], *, actor: Actor
) -> None:
    """Allow one answer by the place that was asked, not by the custodian alone.

    Raises NotFound for others and before anybody was asked, Conflict for a second answer.
    """
    supervises = actor.role in {Role.CLERK, Role.FOCAL_POINT} and actor.unit == asked
    if UnattendedStep.ASKED not in done or not (supervises or actor.role is Role.AUDITOR):
        raise NotFound
    if actor.user == custodian:
        raise Conflict(ConflictCode.OWN_UNATTENDED)
    if UnattendedStep.ANSWERED in done:
        raise Conflict(ConflictCode.UNATTENDED_ANSWERED)
