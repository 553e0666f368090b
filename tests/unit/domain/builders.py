"""Build people, items and scans for the specifications of custody: plain values, no database, no keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.access import Actor, Role
from app.domain.consignment import Consignment, Custodian, PendingOffer, State
from app.domain.grades import Grade, Scope, Secrecy
from app.domain.ids import ConsignmentCode, ConsignmentId, UnitId, UserId
from app.domain.text import name_key
from audit.evidence import Purpose

NOW = datetime(2026, 11, 22, 7, 43, 6, 123000, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)

SENDING_UNIT = UnitId(1)
RECIPIENT_UNIT = UnitId(2)
POST_OFFICE = UnitId(3)
ELSEWHERE = UnitId(4)

CODE = ConsignmentCode("ZK473124829VN")
NONCE = "0f" * 16
OTHER_NONCE = "a1" * 16
NAMED_RECEIVER = "Nguyễn Thị Hoà"


def person(user: int, unit: UnitId, role: Role, name: str = "Trần Văn Bình") -> Actor:
    return Actor(user=UserId(user), unit=unit, role=role, active=True, name_key=name_key(name))


SENDER = person(11, SENDING_UNIT, Role.FOCAL_POINT)
SENDER_COLLEAGUE = person(12, SENDING_UNIT, Role.FOCAL_POINT)
RECEIVER = person(21, RECIPIENT_UNIT, Role.FOCAL_POINT, NAMED_RECEIVER)
OTHER_RECEIVER = person(22, RECIPIENT_UNIT, Role.FOCAL_POINT, "Lê Thị Mai")
COURIER = person(31, POST_OFFICE, Role.COURIER)
OTHER_COURIER = person(32, POST_OFFICE, Role.COURIER)
CLERK = person(33, POST_OFFICE, Role.CLERK)
OUTSIDER = person(41, ELSEWHERE, Role.FOCAL_POINT)
STRANGE_COURIER = person(42, ELSEWHERE, Role.COURIER)
AUDITOR = person(51, ELSEWHERE, Role.AUDITOR)
MINISTRY_READER = person(52, ELSEWHERE, Role.MINISTRY_READER)
ADMINISTRATOR = person(53, ELSEWHERE, Role.ADMINISTRATOR)


def registered(*, named_only: bool = False, seal: str = "") -> Consignment:
    """Return an item that its sender has just registered and still holds."""
    return Consignment(
        id=ConsignmentId(1),
        code=CODE,
        sender_unit=SENDING_UNIT,
        recipient_unit=RECIPIENT_UNIT,
        grade=Grade(secrecy=Secrecy.B, express=False, appointed_at=None),
        scope=Scope.INTRA,
        state=State.REGISTERED,
        custodian=Custodian(user=SENDER.user, unit=SENDING_UNIT),
        offer=None,
        named_only=named_only,
        seal=seal,
        accepted_at=None,
        first_attempt_at=None,
        attempts=0,
        closed_at=None,
        registered_at=NOW - timedelta(hours=1),
        item_head="",
        version=1,
    )


def in_custody(
    holder: Actor = COURIER, *, attempts: int = 0, named_only: bool = False, seal: str = ""
) -> Consignment:
    """Return an item that the post has accepted and `holder` answers for."""
    return replace(
        registered(named_only=named_only, seal=seal),
        state=State.IN_CUSTODY,
        custodian=Custodian(user=holder.user, unit=holder.unit),
        accepted_at=NOW - timedelta(minutes=30),
        attempts=attempts,
        first_attempt_at=NOW - timedelta(minutes=10) if attempts else None,
    )


def in_state(state: State) -> Consignment:
    """Return an item in any state, held by the courier except where it never left its sender."""
    if state in {State.REGISTERED, State.CANCELLED}:
        return replace(registered(), state=state)
    return replace(in_custody(), state=state)


def offered(
    item: Consignment,
    purpose: Purpose,
    *,
    to_unit: UnitId,
    place: UnitId,
    to_user: UserId | None = None,
) -> Consignment:
    """Return the item with a pending offer by its present custodian over ``NONCE``."""
    offer = PendingOffer(
        nonce=NONCE,
        purpose=purpose,
        to_unit=to_unit,
        to_user=to_user,
        place=place,
        by=item.custodian.user,
        offered_at=NOW - timedelta(minutes=1),
    )
    return replace(item, offer=offer)


def offered_to_post(item: Consignment | None = None, to_user: UserId | None = None) -> Consignment:
    """Return an item offered by the sender's focal point, at its own unit, to the post office."""
    given = item or registered()
    return offered(given, Purpose.TRANSFER, to_unit=POST_OFFICE, place=SENDING_UNIT, to_user=to_user)


def offered_for_delivery(item: Consignment | None = None) -> Consignment:
    """Return an item offered by the courier at the recipient's door."""
    given = item or in_custody()
    return offered(given, Purpose.DELIVERY, to_unit=RECIPIENT_UNIT, place=RECIPIENT_UNIT)


def offered_for_return(item: Consignment | None = None) -> Consignment:
    """Return an item offered by the courier at the sender's door after a failed attempt."""
    given = item or in_custody(attempts=1)
    return offered(given, Purpose.RETURN, to_unit=SENDING_UNIT, place=SENDING_UNIT)


def offered_at_the_counter(item: Consignment | None = None) -> Consignment:
    """Return an item that a clerk offers to the recipient's people at the counter of the post office."""
    given = item or in_custody(CLERK)
    return offered(given, Purpose.DELIVERY, to_unit=RECIPIENT_UNIT, place=POST_OFFICE)


def returned_at_the_counter(item: Consignment | None = None) -> Consignment:
    """Return an item that a clerk offers back to the sender's people at the counter."""
    given = item or in_custody(CLERK, attempts=1)
    return offered(given, Purpose.RETURN, to_unit=SENDING_UNIT, place=POST_OFFICE)
