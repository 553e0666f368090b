"""Rule on a courier's leg (chặng vận chuyển): courier, vehicle and escort, from office to office.

A leg moves nothing by itself: custody moves only by handovers (ADR 0012). It says that everything listed left
together, with whom, in which vehicle, and it is closed when each thing aboard was taken over or is answered
for by name. Frozen facts and rules; nothing here may look anything up or read a clock.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.domain.access import POST, Actor, Role
from app.domain.bag import BagState
from app.domain.consignment import Consignment, State
from app.domain.decision import Refusal, first_of
from app.domain.errors import Conflict, ConflictCode, InvalidInput, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.packing import Packed
from audit.evidence import LegMark

MOST_ABOARD = 200
_PLATE = re.compile(r"[A-Z0-9][A-Z0-9.\-]{3,15}", re.ASCII)


class LegState(StrEnum):
    """Where a leg stands; the last two are final. Each is one log entry."""

    PLANNED = "planned"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """A final state never changes again."""
        return self in {LegState.ARRIVED, LegState.CANCELLED}


class LegFate(StrEnum):
    """What became of one thing aboard by the end of a leg: taken over, or what the courier says of it."""

    HANDED = "handed"
    KEPT = "kept"
    MISSING = "missing"


class LegCancelReason(StrEnum):
    """Why a planned leg does not take place."""

    NO_VEHICLE = "no_vehicle"
    NO_COURIER = "no_courier"
    ROAD_CLOSED = "road_closed"
    JOINED = "joined"
    MISTAKE = "mistake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A vehicle of an office; `dedicated`: it carries KT1 and nothing else. A retired one plans no leg."""

    plate: str
    unit: UnitId
    dedicated: bool
    added_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One leg as planned, and how far it came. `escort` is None where nobody goes; `id` is storage's."""

    id: int
    code: str
    origin: UnitId
    destination: UnitId
    courier: UserId
    escort: UserId | None
    vehicle: str
    departs_at: datetime
    arrives_at: datetime
    planned_by: UserId
    planned_at: datetime
    state: LegState = LegState.PLANNED
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: LegCancelReason | None = None

    def is_carrying(self, custodian: UserId) -> bool:
        """Tell whether what it lists, and this person answers for, is to come with it or is on the way."""
        driven = self.state is LegState.DEPARTED and custodian == self.courier
        return self.state is LegState.PLANNED or driven

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the cut-off has passed and the leg is not closed."""
        return not self.state.is_final and self.arrives_at < now


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was looked up for a departure: the vehicle, who and what is under way already, what is aboard.

    `aboard` is what the plan lists, `things` what of it and of the signed lines there is; `vehicle_busy` and
    `courier_busy` say that another leg of theirs has departed and not arrived.
    """

    place: UnitId | None
    vehicle: Vehicle | None
    said_vehicle: str
    vehicle_busy: bool
    courier_busy: bool
    aboard: frozenset[str]
    things: Mapping[str, Packed | None]


def parse_plate(untrusted: str, *, field: str = "vehicle") -> str:
    """Read a registration plate: capitals, digits, dots and hyphens."""
    text = untrusted.strip().upper().replace(" ", "")
    if not text:
        raise InvalidInput(field, ProblemCode.REQUIRED)
    if _PLATE.fullmatch(text) is None:
        raise InvalidInput(field, ProblemCode.MALFORMED)
    return text


def is_loose_with(thing: Packed | None, user: UserId) -> bool:
    """Tell whether a thing is in this person's own hand: not in a bag, not closed, and no open bag."""
    if thing is None or thing.custodian.user != user:
        return False
    if isinstance(thing, Consignment):
        return thing.bag is None and thing.state is State.IN_CUSTODY
    return thing.outer is None and thing.state is BagState.CLOSED


def is_loose_at(thing: Packed | None, unit: UnitId) -> bool:
    """Tell whether a thing can be planned from an office: in the hand of one of its people."""
    return thing is not None and thing.custodian.unit == unit and is_loose_with(thing, thing.custodian.user)


def find_departure_refusal(leg: Leg | None, actor: Actor, loaded: Loaded) -> Refusal | None:
    """Find why this leg may not leave now with these things."""
    if leg is None:
        return Refusal.NOT_A_LEG
    vehicle = loaded.vehicle
    return first_of(
        (not actor.active or actor.role is not Role.COURIER, Refusal.ROLE_NOT_ALLOWED),
        (leg.courier != actor.user, Refusal.LEG_OF_ANOTHER),
        (leg.state is not LegState.PLANNED, Refusal.LEG_NOT_PLANNED),
        (loaded.place != leg.origin, Refusal.WRONG_PLACE),
        (loaded.said_vehicle != leg.vehicle, Refusal.VEHICLE_DIFFERS),
        (vehicle is None or vehicle.retired_at is not None, Refusal.VEHICLE_RETIRED),
        (loaded.vehicle_busy, Refusal.VEHICLE_UNDER_WAY),
        (loaded.courier_busy, Refusal.COURIER_UNDER_WAY),
        (loaded.aboard != frozenset(loaded.things), Refusal.LOAD_DIFFERS),
        (
            not all(is_loose_with(one, leg.courier) for one in loaded.things.values()),
            Refusal.LOAD_NOT_IN_HAND,
        ),
    )


def find_load_refusal(code: str, leg: Leg, loaded: Loaded, whole: Refusal) -> Refusal:
    """Say of one line of a refused departure what is wrong with it, or else what is wrong with the whole."""
    if whole is Refusal.LOAD_DIFFERS and code not in loaded.aboard:
        return Refusal.NOT_ABOARD
    if whole is Refusal.LOAD_NOT_IN_HAND and not is_loose_with(loaded.things[code], leg.courier):
        return Refusal.WRONG_CUSTODIAN
    return whole


def find_arrival_refusal(leg: Leg | None, actor: Actor, place: UnitId | None) -> Refusal | None:
    """Find why this leg may not be closed here by this person, whatever became of what is aboard."""
    if leg is None:
        return Refusal.NOT_A_LEG
    return first_of(
        (not actor.active or actor.role not in POST, Refusal.ROLE_NOT_ALLOWED),
        (leg.courier != actor.user, Refusal.LEG_OF_ANOTHER),
        (leg.state is not LegState.DEPARTED, Refusal.LEG_NOT_DEPARTED),
        (place != leg.destination, Refusal.WRONG_PLACE),
    )


def find_line_refusal(code: str, *, aboard: Collection[str], with_courier: Collection[str]) -> Refusal | None:
    """Find why one thing cannot be called still there or missing: it was never aboard, or was taken over."""
    return first_of(
        (code not in aboard, Refusal.NOT_ABOARD),
        (code not in with_courier, Refusal.TAKEN_OVER),
    )


def fates(aboard: Collection[str], said: Mapping[str, LegMark]) -> Mapping[str, LegFate]:
    """Return what became of everything aboard: taken over, unless the courier says otherwise."""
    return {code: LegFate(said[code]) if code in said else LegFate.HANDED for code in sorted(aboard)}


def depart(leg: Leg, now: datetime) -> Leg:
    """Return the leg under way."""
    return replace(leg, state=LegState.DEPARTED, departed_at=now)


def arrive(leg: Leg, now: datetime) -> Leg:
    """Return the leg closed."""
    return replace(leg, state=LegState.ARRIVED, arrived_at=now)


def cancel(leg: Leg, reason: LegCancelReason, now: datetime) -> Leg:
    """Return the leg cancelled; raises Conflict once it has left."""
    if leg.state is not LegState.PLANNED:
        raise Conflict(ConflictCode.LEG_NOT_PLANNED)
    return replace(leg, state=LegState.CANCELLED, cancelled_at=now, cancel_reason=reason)


def may_see_leg(leg: Leg, actor: Actor) -> bool:
    """Tell whether a leg is for this person: who travels, the clerks of both ends, the auditor."""
    if actor.role is Role.AUDITOR or actor.user in {leg.courier, leg.escort}:
        return True
    return actor.role is Role.CLERK and actor.unit in {leg.origin, leg.destination}
