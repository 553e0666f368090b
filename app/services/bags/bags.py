"""Begin a bag's trip: whoever starts it answers for it, empty and open, until it is handed on.

Everything later is a signed act (:mod:`app.services.scans.acts`) or a handover. A bag's code comes from the
same keyed permutation as an item's, under its own service indicator, and is never reused.

For the surfaces (raise NotPermitted, InvalidInput, NotFound):
    start(uow, StartBag, *, actor, now, tools) -> Bag
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor, Permission
from app.domain.bag import Bag, BagState, parse_asset
from app.domain.consignment import Custodian
from app.domain.errors import InvalidInput, ProblemCode
from app.domain.ids import BagId
from app.services.bags import pouches
from app.services.items.registration_record import item_line
from app.services.people.permissions import require
from app.services.people.units import find_open_unit
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class StartBag:
    """An untrusted form: the code of the office it will go to, and the number on the pouch."""

    untrusted_destination: str
    untrusted_asset: str


def start(uow: UnitOfWork, command: StartBag, *, actor: Actor, now: datetime, tools: Tools) -> Bag:
    """Open a bag at the actor's own office for another office of the post."""
    require(actor, Permission.HANDLE_BAG)
    asset = parse_asset(command.untrusted_asset)
    destination = find_open_unit(uow, command.untrusted_destination)
    units = uow.units.list_by_ids({actor.unit} | ({destination} if destination is not None else set()))
    if destination is None or units[destination].kind != units[actor.unit].kind:
        raise InvalidInput("destination", ProblemCode.UNKNOWN_UNIT)
    if destination == actor.unit:
        raise InvalidInput("destination", ProblemCode.SAME_UNIT)
    new_pouch = pouches.take_up(uow, asset, office=actor.unit, by=actor.user, now=now)
    (serial,) = uow.consignments.next_serials(tools.bag_indicator, 1)
    code = tools.bag_code(serial)
    bag = uow.bags.add(
        Bag(
            id=BagId(0),
            code=code,
            asset=asset,
            origin=actor.unit,
            destination=destination,
            state=BagState.OPEN,
            custodian=Custodian(user=actor.user, unit=actor.unit),
            started_at=now,
        )
    )
    facts: dict[str, JsonValue] = {
        "actor": int(actor.user),
        "from": units[actor.unit].code,
        "to": units[destination].code,
        "asset": asset,
    }
    if new_pouch:
        facts["new_pouch"] = True
    uow.audit.append(EntryDraft(kind=EntryKind.BAG_STARTED, facts=facts, items=(item_line(code),)))
    return bag
