"""What waits for a person, and how much there is: the first page of every role.

Queues are searches, so the number on the first page and the list behind it are the same question. Ministry
readers get numbers only, administrators no consignment at all.

    get_home(uow, *, actor, now) -> Home                                read
    queue_search(uow, queue, actor, now=..., limit=...) -> Search      the list behind a queue
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.access import Actor, Permission, Role, may
from app.domain.clock import ClockKind
from app.domain.consignment import State
from app.domain.grades import Secrecy
from app.domain.muster import Muster
from app.domain.tracing import Step
from app.services.owed.clocks import still_owed
from app.services.owed.standards import load_standards
from app.services.people.access import ConsignmentPage, name_rows, seen_by
from app.services.people.permissions import require
from app.services.shifts.blind import is_counting, owed_musters
from app.storage.repositories.consignment_queries import Search, Visibility
from app.storage.repositories.due_conditions import Unclaimed
from app.storage.uow import UnitOfWork

_SHOWN = 10
_OPEN = tuple(state for state in State if not state.is_final)
LATELY = timedelta(days=7)


class Queue(StrEnum):
    """The work lists. The same queue means the same question for every role that has it."""

    TO_HAND_OVER = "to_hand_over"
    TO_RECEIVE = "to_receive"
    IN_HAND = "in_hand"
    OFFERED_BY_ME = "offered_by_me"
    SENT_UNDER_WAY = "sent_under_way"
    COMING_TO_US = "coming_to_us"
    OVERDUE_DELIVERY = "overdue_delivery"
    OPEN_ACKNOWLEDGEMENT = "open_acknowledgement"
    OVERDUE_ACKNOWLEDGEMENT = "overdue_acknowledgement"
    SLIPS_TO_SEND = "slips_to_send"
    UNCLAIMED = "unclaimed"


QUEUES: dict[Role, tuple[Queue, ...]] = {
    Role.FOCAL_POINT: (
        Queue.TO_RECEIVE,
        Queue.TO_HAND_OVER,
        Queue.OFFERED_BY_ME,
        Queue.SENT_UNDER_WAY,
        Queue.COMING_TO_US,
        Queue.OVERDUE_DELIVERY,
        Queue.OVERDUE_ACKNOWLEDGEMENT,
        Queue.OPEN_ACKNOWLEDGEMENT,
        Queue.SLIPS_TO_SEND,
        Queue.UNCLAIMED,
    ),
    Role.COURIER: (
        Queue.TO_RECEIVE,
        Queue.IN_HAND,
        Queue.OFFERED_BY_ME,
        Queue.OVERDUE_DELIVERY,
        Queue.UNCLAIMED,
    ),
    Role.CLERK: (
        Queue.TO_RECEIVE,
        Queue.IN_HAND,
        Queue.OFFERED_BY_ME,
        Queue.OVERDUE_DELIVERY,
        Queue.OVERDUE_ACKNOWLEDGEMENT,
        Queue.UNCLAIMED,
    ),
    Role.AUDITOR: (Queue.OVERDUE_DELIVERY, Queue.OVERDUE_ACKNOWLEDGEMENT, Queue.UNCLAIMED),
    Role.MINISTRY_READER: (),
    Role.ADMINISTRATOR: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """One queue: how many there are, and the newest of them."""

    queue: Queue
    page: ConsignmentPage

    @property
    def total(self) -> int:
        """How many wait."""
        return self.page.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many consignments are open, by state and by secrecy, and how many ended in the last days.

    What ended long ago is not counted on a first page: it only grows, and the registers tell it by year.
    """

    by_state: dict[State, int]
    by_secrecy: dict[Secrecy, int]
    ended: dict[State, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What an administrator looks after."""

    active_users: int
    closed_users: int
    active_units: int
    devices_in_use: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The first page; what does not concern the role is None. `is_counting`: what is held is not shown."""

    queues: tuple[QueueView, ...]
    totals: Totals | None
    log_size: int | None
    upkeep: Upkeep | None
    is_counting: bool = False
    owed_musters: tuple[Muster, ...] = ()


def queue_search(  # noqa: PLR0911  # one return for each question
    uow: UnitOfWork, queue: Queue, actor: Actor, *, now: datetime, limit: int = 50
) -> Search:
    """Return the question behind a queue."""
    match queue:
        case Queue.TO_HAND_OVER:
            return Search(sender_unit=actor.unit, states=(State.REGISTERED,), is_offered=False, limit=limit)
        case Queue.TO_RECEIVE:
            return Search(offered_to=(actor.user, actor.unit), limit=limit)
        case Queue.IN_HAND:
            return Search(custodian=actor.user, states=(State.IN_CUSTODY,), is_offered=False, limit=limit)
        case Queue.OFFERED_BY_ME:
            return Search(offered_by=actor.user, is_offered=True, limit=limit)
        case Queue.SENT_UNDER_WAY:
            return Search(sender_unit=actor.unit, states=(State.IN_CUSTODY,), limit=limit)
        case Queue.COMING_TO_US:
            return Search(recipient_unit=actor.unit, states=(State.IN_CUSTODY,), limit=limit)
        case Queue.OVERDUE_DELIVERY | Queue.OPEN_ACKNOWLEDGEMENT | Queue.OVERDUE_ACKNOWLEDGEMENT:
            # A focal point waits for its own items; those who carry and those who audit look at everybody's.
            sender = actor.unit if actor.role is Role.FOCAL_POINT else None
            clock = ClockKind.DELIVERY if queue is Queue.OVERDUE_DELIVERY else ClockKind.ACKNOWLEDGEMENT
            late = None if queue is Queue.OPEN_ACKNOWLEDGEMENT else now
            return Search(sender_unit=sender, owed=still_owed(uow, clock, overdue_at=late), limit=limit)
        case Queue.UNCLAIMED:
            sender = actor.unit if actor.role is Role.FOCAL_POINT else None
            held = Unclaimed(at=now, standards=load_standards(uow))
            return Search(sender_unit=sender, unclaimed=held, limit=limit)
        case Queue.SLIPS_TO_SEND:
            # The reminder: it stands in the queue of the office that owes the slip, and nothing is sent.
            owed = still_owed(uow, ClockKind.ACKNOWLEDGEMENT, overdue_at=now, step=Step.REMINDER)
            return Search(recipient_unit=actor.unit, owed=owed, limit=limit)


def get_home(uow: UnitOfWork, *, actor: Actor, now: datetime) -> Home:
    """Return the first page of this person."""
    require(actor, Permission.VIEW_HOME)
    return Home(
        queues=tuple(_view(uow, queue, actor, now) for queue in QUEUES[actor.role]),
        totals=_totals(uow, actor, now) if may(actor.role, Permission.VIEW_COUNTS) else None,
        log_size=uow.audit.head().size if may(actor.role, Permission.VIEW_LOG) else None,
        upkeep=_upkeep(uow) if may(actor.role, Permission.MANAGE_USERS) else None,
        is_counting=is_counting(uow, actor),
        owed_musters=owed_musters(uow, actor),
    )


def _view(uow: UnitOfWork, queue: Queue, actor: Actor, now: datetime) -> QueueView:
    search, visibility = queue_search(uow, queue, actor, now=now, limit=_SHOWN), seen_by(uow, actor)
    rows = uow.consignments.list(search, visibility)
    total = len(rows) if len(rows) < _SHOWN else uow.consignments.count(search, visibility)
    return QueueView(queue=queue, page=name_rows(uow, rows, total=total, limit=_SHOWN, now=now))


def _totals(uow: UnitOfWork, actor: Actor, now: datetime) -> Totals:
    # Numbers of the whole installation are for whoever may view counts, also where no single item is.
    everything = Visibility(everything=may(actor.role, Permission.VIEW_COUNTS))
    now_open = uow.consignments.tally(Search(states=_OPEN), everything)
    ended = uow.consignments.tally(Search(closed_from_at=now - LATELY), everything)
    return Totals(
        by_state={state: sum(now_open[state, grade] for grade in Secrecy) for state in _OPEN},
        by_secrecy={grade: sum(now_open[state, grade] for state in _OPEN) for grade in Secrecy},
        ended={state: sum(ended[state, grade] for grade in Secrecy) for state in State if state.is_final},
    )


def _upkeep(uow: UnitOfWork) -> Upkeep:
    users = uow.users.list()
    return Upkeep(
        active_users=sum(user.active for user in users),
        closed_users=sum(not user.active for user in users),
        active_units=len(uow.units.list(active=True, limit=5_000)),
        devices_in_use=sum(device.revoked_at is None for device in uow.devices.list()),
    )
