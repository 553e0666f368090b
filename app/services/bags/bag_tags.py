"""Prints the tag of a bag: for whoever has the bag in hand, each print logged, a reprint with its reason.

A genuine tag is half of a forged bag, as a label is of an item. Returns what `reports/bag_tag.py` draws.

    print_tag(uow, PrintTag, *, actor, now, tools) -> BagTag       write; raises Conflict, InvalidInput
    count_tags(uow, code, *, actor, now, tools) -> int             read: does the next print need a reason?
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.access import Actor, Permission
from app.domain.bag import Bag
from app.domain.errors import Conflict, ConflictCode, NotFound
from app.domain.ids import ConsignmentCode
from app.domain.registration import parse_reason
from app.services.bags.bag_access import get_bag
from app.services.items.registration_record import item_line
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.records import Unit
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft, parse_entry
from audit.errors import AuditError
from audit.kinds import EntryKind
from reports.bag_model import BagTag, Dispatched
from reports.model import Party

_FORM: Final = "tag"
# The chain of a bag is some tens of entries; what is older than these is long past its first print.
_MOST_READ: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintTag:
    """A print of one tag; the reason is needed from the second on."""

    code: str
    untrusted_reason: str = ""


def print_tag(uow: UnitOfWork, command: PrintTag, *, actor: Actor, now: datetime, tools: Tools) -> BagTag:
    """Log the print and return the tag; raises Conflict `label_reason_required` or `label_not_in_hand`."""
    require(actor, Permission.HANDLE_BAG)
    seen = get_bag(uow, command.code, actor=actor)
    bag = uow.bags.lock(seen.code)
    if bag is None:
        raise NotFound
    if bag.custodian.user != actor.user or bag.state.is_final or bag.outer is not None:
        raise Conflict(ConflictCode.LABEL_NOT_IN_HAND)
    reason = parse_reason(command.untrusted_reason) if command.untrusted_reason.strip() else ""
    number = count_tags(uow, bag.code, actor=actor) + 1
    if number > 1 and not reason:
        raise Conflict(ConflictCode.LABEL_REASON_REQUIRED)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.LABEL_PRINTED,
            facts={
                "actor": int(actor.user),
                "copies": 1,
                "form": _FORM,
                "number": number,
                "reason": reason,
            },
            items=(item_line(ConsignmentCode(bag.code)),),
        )
    )
    units = uow.units.list_by_ids((bag.origin, bag.destination))
    return _tag(bag, units[bag.origin], units[bag.destination], now=now, tools=tools)


def count_tags(
    uow: UnitOfWork, code: str, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> int:
    """Return how often the tag of a bag was printed."""
    del now, tools
    bag = get_bag(uow, code, actor=actor)
    rows = uow.audit.list_for_code(bag.code, limit=_MOST_READ)
    # Two prints may share a commit: the first of them waits to be written when the second is counted.
    waiting = sum(
        draft.kind is EntryKind.LABEL_PRINTED and any(item.code == bag.code for item in draft.items)
        for draft in uow.audit.list_waiting()
    )
    return waiting + sum(_is_print(row.data) for row in rows)


def _is_print(data: bytes) -> bool:
    try:
        return parse_entry(data).kind is EntryKind.LABEL_PRINTED
    except AuditError:
        return False


def _tag(bag: Bag, origin: Unit, destination: Unit, *, now: datetime, tools: Tools) -> BagTag:
    dispatch = bag.dispatch
    return BagTag(
        code=bag.code,
        qr=tools.label_keys.qr_text(bag.code),
        tail=tools.label_keys.tail(bag.code),
        asset=bag.asset,
        origin=Party(name=origin.name, address=origin.address),
        destination=Party(name=destination.name, address=destination.address),
        dispatch=None
        if dispatch is None
        else Dispatched(
            number=dispatch.number, year=dispatch.year, serial=dispatch.serial, last=dispatch.last
        ),
        weight_g=bag.weight_g or None,
        printed_at=now,
    )
