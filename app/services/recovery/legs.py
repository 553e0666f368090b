"""Put vehicles and legs back as the log's entries say; leaving and arriving are scans like every other.

That an escort stood there is what the entry says. Nothing here may judge a plan again: what was asked of it
then (who works where, what needs an escort) need not be true any more.
"""

from typing import Final

from app.domain.ids import UserId
from app.domain.leg import Leg, LegCancelReason, Vehicle
from app.domain.register import register_year
from app.services.legs import legs
from app.services.recovery.facts import Said, draft_of, get_unit
from app.storage.hot import Wanted
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

KINDS: Final = frozenset(
    {
        EntryKind.VEHICLE_ADDED,
        EntryKind.VEHICLE_RETIRED,
        EntryKind.LEG_PLANNED,
        EntryKind.LEG_CANCELLED,
    }
)


def act_again(uow: UnitOfWork, entry: Entry) -> None:
    """Do again what the entry says."""
    said = Said(entry=entry)
    if entry.kind is EntryKind.VEHICLE_ADDED:
        _add_vehicle(uow, said)
    elif entry.kind is EntryKind.VEHICLE_RETIRED:
        uow.legs.retire(said.text("vehicle"), now=said.moment("retired_at") or entry.at)
        uow.audit.append(draft_of(entry))
    elif entry.kind is EntryKind.LEG_PLANNED:
        _plan(uow, said)
    else:
        _cancel(uow, said)


def _add_vehicle(uow: UnitOfWork, said: Said) -> None:
    vehicle = Vehicle(
        plate=said.text("vehicle"),
        unit=get_unit(uow, said, said.text("unit")).id,
        dedicated=said.flag("dedicated"),
        added_at=said.moment("added_at") or said.entry.at,
    )
    if not uow.legs.add_vehicle(vehicle):
        raise said.differs("adds a vehicle that the database knows already")
    uow.audit.append(draft_of(said.entry))


def _plan(uow: UnitOfWork, said: Said) -> None:
    """Plan a leg under the same code; raises NotInTheLog where its office would draw another."""
    departs, arrives = said.moment("departs_at"), said.moment("arrives_at")
    if departs is None or arrives is None:
        raise said.differs("does not say when the leg leaves and arrives")
    codes = [item.code for item in said.entry.items]
    uow.prefetch(Wanted(codes=codes))
    planned_at = said.moment("planned_at") or said.entry.at
    leg = Leg(
        id=0,
        code="",
        origin=get_unit(uow, said, said.text("from")).id,
        destination=get_unit(uow, said, said.text("to")).id,
        courier=UserId(said.number("courier")),
        escort=UserId(said.number("escort")) if "escort" in said.entry.facts else None,
        vehicle=said.text("vehicle"),
        departs_at=departs,
        arrives_at=arrives,
        planned_by=said.actor(),
        planned_at=planned_at,
    )
    number = uow.legs.next_number(leg.origin, register_year(planned_at))
    if legs.record_plan(uow, leg, codes, number=number).code != said.text("leg"):
        raise said.differs("planned another leg than the database would")


def _cancel(uow: UnitOfWork, said: Said) -> None:
    leg = uow.legs.find(said.text("leg"))
    if leg is None:
        raise said.differs("cancels a leg that the database does not know")
    reason, now = LegCancelReason(said.text("reason")), said.moment("cancelled_at") or said.entry.at
    legs.record_cancel(uow, leg, reason, by=said.actor(), now=now)
