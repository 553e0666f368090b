"""Plan a courier's leg and cancel it before it leaves; keep the office's register of vehicles.

Leaving and arriving are signed acts of the courier (:mod:`app.services.legs.leg_steps`). Numbers are drawn
per office and year without gaps. Planning moves nothing: what is listed stays with whoever has it in hand.

For the surfaces (raise NotPermitted, NotFound, Conflict, InvalidInput):
    plan(uow, PlanLeg, *, actor, now, tools) -> Leg
    cancel(uow, CancelLeg, *, actor, now, tools) -> Leg
    add_vehicle(uow, AddVehicle, *, actor, now, tools) -> Vehicle
    retire_vehicle(uow, plate, *, actor, now, tools) -> None
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain import escort as escorts
from app.domain import leg as rules
from app.domain.access import POST, Actor, Permission, Role
from app.domain.bag import Bag
from app.domain.consignment import Consignment
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.ids import ConsignmentCode, UnitId, UserId, parse_code
from app.domain.leg import MOST_ABOARD, Leg, LegCancelReason, Vehicle
from app.domain.packing import Packed
from app.domain.register import register_year
from app.services.fields import Fields
from app.services.items.registration_record import item_line
from app.services.people.permissions import require
from app.services.people.units import find_open_unit
from app.services.tools import Tools
from app.storage.hot import Wanted
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at

_SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLeg:
    """An untrusted form: to_office, courier, escort (user ids), vehicle, departs_at, arrives_at, codes."""

    untrusted: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelLeg:
    """An untrusted form: the leg's code, and why it does not take place."""

    untrusted_leg: str
    untrusted_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVehicle:
    """An untrusted form: the registration plate, and whether the vehicle serves KT1 alone."""

    untrusted_plate: str
    untrusted_dedicated: str


def plan(uow: UnitOfWork, command: PlanLeg, *, actor: Actor, now: datetime, tools: Tools) -> Leg:
    """Plan a leg from the actor's own office; raises InvalidInput with every problem of the form."""
    require(actor, Permission.PLAN_LEG)
    fields = Fields(untrusted=command.untrusted)
    codes = _read_codes(fields, tools)
    uow.prefetch(Wanted(codes=codes))
    # Drawing locks the office's series, so that two plans of one office cannot list the same thing.
    number = uow.legs.next_number(actor.unit, register_year(now))
    things = _find_things(uow, fields, codes, actor.unit)
    leg = _read_leg(uow, fields, actor=actor, now=now)
    _check_escort(uow, fields, leg, things)
    fields.raise_problems()
    return record_plan(uow, leg, codes, number=number)


def record_plan(uow: UnitOfWork, leg: Leg, codes: Sequence[str], *, number: int) -> Leg:
    """Write a plan whose every part was judged, under the number that was drawn for it."""
    units = uow.units.list_by_ids({leg.origin, leg.destination})
    origin = units[leg.origin].code
    code = f"HT-{origin}-{register_year(leg.planned_at)}-{number}"
    stored = uow.legs.add(_named(leg, code), aboard=codes)
    facts: dict[str, JsonValue] = {
        "actor": int(leg.planned_by),
        "leg": code,
        "from": origin,
        "to": units[leg.destination].code,
        "courier": int(leg.courier),
        "vehicle": leg.vehicle,
        "departs_at": format_at(leg.departs_at),
        "arrives_at": format_at(leg.arrives_at),
        "planned_at": format_at(leg.planned_at),
    }
    if leg.escort is not None:
        facts["escort"] = int(leg.escort)
    _append(uow, EntryKind.LEG_PLANNED, stored, facts, codes)
    return stored


def cancel(uow: UnitOfWork, command: CancelLeg, *, actor: Actor, now: datetime, tools: Tools) -> Leg:
    """Cancel a leg of the actor's own office that has not left; its number stays used."""
    del tools
    require(actor, Permission.PLAN_LEG)
    found = uow.legs.find(command.untrusted_leg[:64])
    if found is None or found.origin != actor.unit:
        raise NotFound
    if command.untrusted_reason not in set(LegCancelReason):
        raise InvalidInput("reason", ProblemCode.NOT_A_CHOICE)
    return record_cancel(uow, found, LegCancelReason(command.untrusted_reason), by=actor.user, now=now)


def record_cancel(uow: UnitOfWork, found: Leg, reason: LegCancelReason, *, by: UserId, now: datetime) -> Leg:
    """Write a cancellation; what the leg was to carry is locked before the leg, as everywhere."""
    codes = sorted(uow.legs.list_lines(found.id))
    uow.prefetch(Wanted(codes=codes))
    leg = uow.legs.lock(found.code)
    if leg is None:
        raise NotFound
    after = rules.cancel(leg, reason, now)
    uow.legs.save(after)
    facts: dict[str, JsonValue] = {
        "actor": int(by),
        "leg": after.code,
        "reason": reason.value,
        "cancelled_at": format_at(now),
    }
    _append(uow, EntryKind.LEG_CANCELLED, after, facts, codes)
    return after


def add_vehicle(
    uow: UnitOfWork, command: AddVehicle, *, actor: Actor, now: datetime, tools: Tools
) -> Vehicle:
    """Put a vehicle into the register of the actor's own office."""
    del tools
    require(actor, Permission.PLAN_LEG)
    plate = rules.parse_plate(command.untrusted_plate, field="plate")
    dedicated = command.untrusted_dedicated == "yes"
    vehicle = Vehicle(plate=plate, unit=actor.unit, dedicated=dedicated, added_at=now)
    if not uow.legs.add_vehicle(vehicle):
        raise InvalidInput("plate", ProblemCode.TAKEN)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.VEHICLE_ADDED,
            facts={
                "actor": int(actor.user),
                "unit": uow.units.get(actor.unit).code,
                "vehicle": plate,
                "dedicated": dedicated,
                "added_at": format_at(now),
            },
        )
    )
    return vehicle


def retire_vehicle(
    uow: UnitOfWork, untrusted_plate: str, *, actor: Actor, now: datetime, tools: Tools
) -> None:
    """Take a vehicle of the actor's own office out of use; not while it is under way."""
    del tools
    require(actor, Permission.PLAN_LEG)
    vehicle = uow.legs.lock_vehicle(untrusted_plate[:16])
    if vehicle is None or vehicle.unit != actor.unit:
        raise NotFound
    if vehicle.retired_at is not None or uow.legs.is_under_way(vehicle.plate):
        raise Conflict(ConflictCode.VEHICLE_IN_USE)
    uow.legs.retire(vehicle.plate, now=now)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.VEHICLE_RETIRED,
            facts={"actor": int(actor.user), "vehicle": vehicle.plate, "retired_at": format_at(now)},
        )
    )


def _append(
    uow: UnitOfWork, kind: EntryKind, leg: Leg, facts: dict[str, JsonValue], codes: Sequence[str]
) -> None:
    items = tuple(item_line(ConsignmentCode(code)) for code in codes)
    uow.legs.bind(leg, uow.audit.append(EntryDraft(kind=kind, facts=facts, items=items)))


def _named(leg: Leg, code: str) -> Leg:
    return Leg(
        id=0,
        code=code,
        origin=leg.origin,
        destination=leg.destination,
        courier=leg.courier,
        escort=leg.escort,
        vehicle=leg.vehicle,
        departs_at=leg.departs_at,
        arrives_at=leg.arrives_at,
        planned_by=leg.planned_by,
        planned_at=leg.planned_at,
    )


def _read_codes(fields: Fields, tools: Tools) -> list[str]:
    """Read the codes of the form, sorted, each once."""
    words = [word for word in _SEPARATORS.split(fields.untrusted.get("codes", "")[:8_000]) if word]
    if not words:
        fields.refuse("codes", ProblemCode.REQUIRED)
    if len(words) > MOST_ABOARD:
        fields.refuse("codes", ProblemCode.TOO_MANY, most=MOST_ABOARD)
        return []
    found: set[str] = set()
    for word in words:
        try:
            found.add(parse_code(word.partition("|")[0], country=tools.country, field="codes"))
        except InvalidInput as error:
            fields.problems.extend(error.problems)
    return sorted(found)


def _find_things(uow: UnitOfWork, fields: Fields, codes: Sequence[str], office: UnitId) -> list[Packed]:
    """Return what the codes name; only what is loose at the office and on no other leg can be planned."""
    taken = uow.legs.list_taken(codes) if codes else frozenset()
    things: list[Packed] = []
    for code in codes:
        thing = uow.consignments.lock(code) or uow.bags.lock(code)
        if thing is None or not rules.is_loose_at(thing, office):
            fields.refuse("codes", ProblemCode.NOT_AT_OFFICE, value=code)
        elif code in taken:
            fields.refuse("codes", ProblemCode.ON_ANOTHER_LEG, value=code)
        else:
            things.append(thing)
    return things


def _read_leg(uow: UnitOfWork, fields: Fields, *, actor: Actor, now: datetime) -> Leg:
    departs, arrives = fields.moment("departs_at"), fields.moment("arrives_at")
    for name, moment in (("departs_at", departs), ("arrives_at", arrives)):
        if moment is None and not any(problem.field == name for problem in fields.problems):
            fields.refuse(name, ProblemCode.REQUIRED)
    if departs is not None and arrives is not None and arrives <= max(departs, now):
        fields.refuse("arrives_at", ProblemCode.NOT_IN_ORDER)
    courier = _read_person(uow, fields, "courier", actor.unit)
    escort = _read_person(uow, fields, "escort", actor.unit)
    if courier is None:
        fields.refuse("courier", ProblemCode.REQUIRED)
    elif courier == escort:
        fields.refuse("escort", ProblemCode.REPEATED)
    return Leg(
        id=0,
        code="",
        origin=actor.unit,
        destination=_read_destination(uow, fields, actor.unit),
        courier=courier or actor.user,
        escort=escort,
        vehicle=_read_vehicle(uow, fields, actor.unit),
        departs_at=departs or now,
        arrives_at=arrives or now,
        planned_by=actor.user,
        planned_at=now,
    )


def _read_person(uow: UnitOfWork, fields: Fields, name: str, office: UnitId) -> UserId | None:
    text = fields.untrusted.get(name, "").strip()
    if not text:
        return None
    user = uow.users.find(UserId(int(text))) if text.isascii() and text.isdigit() and len(text) < 10 else None
    fits = {Role.COURIER} if name == "courier" else POST
    if user is None or not user.active or user.unit_id != office or Role(user.role) not in fits:
        fields.refuse(name, ProblemCode.UNKNOWN_USER)
        return None
    return user.id


def _read_destination(uow: UnitOfWork, fields: Fields, office: UnitId) -> UnitId:
    destination = find_open_unit(uow, fields.untrusted.get("to_office", ""))
    units = uow.units.list_by_ids({office} | ({destination} if destination is not None else set()))
    if destination is None or units[destination].kind != units[office].kind:
        fields.refuse("to_office", ProblemCode.UNKNOWN_UNIT)
    elif destination == office:
        fields.refuse("to_office", ProblemCode.SAME_UNIT)
    return destination or office


def _read_vehicle(uow: UnitOfWork, fields: Fields, office: UnitId) -> str:
    try:
        plate = rules.parse_plate(fields.untrusted.get("vehicle", ""))
    except InvalidInput as error:
        fields.problems.extend(error.problems)
        return ""
    vehicle = uow.legs.find_vehicle(plate)
    if vehicle is None or vehicle.unit != office or vehicle.retired_at is not None:
        fields.refuse("vehicle", ProblemCode.VEHICLE_UNKNOWN)
    return plate


def _check_escort(uow: UnitOfWork, fields: Fields, leg: Leg, things: Sequence[Packed]) -> None:
    """Refuse a plan without the escort it needs; which of the things needs one is not told."""
    vehicle = uow.legs.find_vehicle(leg.vehicle)
    if leg.escort is None and must_escort(uow, things, vehicle, at=leg.departs_at):
        fields.refuse("escort", ProblemCode.ESCORT_REQUIRED)


def must_escort(uow: UnitOfWork, things: Sequence[Packed], vehicle: Vehicle | None, *, at: datetime) -> bool:
    """Ask the rule whether these things, with all that lies in them, may travel in this vehicle alone."""
    grades = uow.legs.list_grades(
        [thing.code for thing in things if isinstance(thing, Consignment)],
        [thing.id for thing in things if isinstance(thing, Bag)],
    )
    return escorts.needs_escort(grades, dedicated=vehicle is not None and vehicle.dedicated, at=at)
