"""Files the slips that come back to the sender, and words the slips that are sent back.

A delivery stays open until the sender's focal point files its slip by the code on it; the item stays
delivered, the acknowledgement is a fact of its own. Returned, undelivered and destroyed slips are filed too
and close nothing. A slip that was not printed here does not verify and is never filed.

For the surfaces (raise NotPermitted, NotFound, InvalidInput, Conflict):
    file_receipt(uow, FileReceipt, *, actor, now, tools) -> Filed
    prepare_slip(uow, code, kind, *, actor, now, tools) -> Slip
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain import acknowledgement as rules
from app.domain.access import Actor, Permission
from app.domain.acknowledgement import FIELD, FiledReceipt, ReceiptKind
from app.domain.consignment import ConsignmentDetails
from app.domain.errors import InvalidInput, NotFound, ProblemCode
from app.domain.ids import ConsignmentCode
from app.services.items.registration_record import item_line
from app.services.people.access import get_record
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.errors import ForgedLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReceipt:
    """What a scanner read off a slip, or a person typed."""

    untrusted_slip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Which slip was filed for which item."""

    code: ConsignmentCode
    receipt: FiledReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Everything that may stand on a slip: ids, offices, times. `code` is its own, `qr` adds the MAC."""

    kind: ReceiptKind
    code: str
    qr: str
    details: ConsignmentDetails
    sender: Unit
    recipient: Unit
    printed_by: User
    office: Unit


def file_receipt(
    uow: UnitOfWork, command: FileReceipt, *, actor: Actor, now: datetime, tools: Tools
) -> Filed:
    """File one slip by its code, once; that of a delivery stops the item's second clock."""
    require(actor, Permission.FILE_RECEIPT)
    read = rules.parse_slip(command.untrusted_slip)
    if not any(_is_ours(qr, tools) for qr in read.qrs):
        raise InvalidInput(FIELD, ProblemCode.FORGED_SLIP)
    item = uow.consignments.lock(read.code)
    if item is None:
        raise NotFound
    filed = {one.kind for one in uow.filed_receipts.list(item.id)}
    rules.check_filing(item, read.kind, actor=actor, filed=filed)
    receipt = FiledReceipt(
        consignment_id=item.id,
        kind=read.kind,
        entry_mode=read.entry_mode,
        filed_by=actor.user,
        filed_at=now,
    )
    uow.filed_receipts.add(receipt)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.ACKNOWLEDGED,
            facts={
                "actor": int(actor.user),
                "receipt": receipt.kind.value,
                "entry_mode": receipt.entry_mode.value,
            },
            items=(item_line(item.code),),
        )
    )
    return Filed(code=item.code, receipt=receipt)


def prepare_slip(
    uow: UnitOfWork, code: str, kind: ReceiptKind, *, actor: Actor, now: datetime, tools: Tools
) -> Slip:
    """Word a slip for the office that owes it; the sender, who waits for it, cannot print one."""
    require(actor, Permission.PRINT_SLIP)
    record = get_record(uow, code, actor=actor, now=now, tools=tools)
    item = record.details.consignment
    rules.check_printable(item, kind, actor=actor)
    text = rules.slip_code(kind, item.code)
    person = uow.users.find(actor.user)
    if person is None:
        raise NotFound
    return Slip(
        kind=kind,
        code=text,
        qr=tools.label_keys.qr_text(text),
        details=record.details,
        sender=record.units[item.sender_unit],
        recipient=record.units[item.recipient_unit],
        printed_by=person,
        office=uow.units.list_by_ids({actor.unit})[actor.unit],
    )


def _is_ours(untrusted_qr: str, tools: Tools) -> bool:
    try:
        tools.label_keys.verify(untrusted_qr)
    except ForgedLabel:
        return False
    return True
