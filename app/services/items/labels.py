"""Prints labels: counts every print, asks a reason for every reprint, and says so in the log.

A genuine label is half of a forged item, so only whoever has the item in hand prints it, and nobody once it
has ended.

Returns what `reports/label.py` draws; the outer label never names the receiver or the document. The inner
label of Tuyệt mật does, so its data is given to the sending agency only.

    print_labels(uow, PrintLabels, *, actor, now, tools) -> tuple[PrintedLabel, ...]       write
    count_prints(uow, code, *, actor) -> int  read: does the next print need a reason?
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import Actor, Permission
from app.domain.consignment import Consignment, ConsignmentDetails
from app.domain.errors import Conflict, ConflictCode, InvalidInput, ProblemCode
from app.domain.grades import Secrecy
from app.domain.registration import check_printable, parse_reason
from app.services.items.registration_record import item_line
from app.services.people.access import get_consignment, open_fields
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.records import Unit
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from reports.model import InnerLabelData, LabelData, OuterMark, Party, Scope

MOST_AT_ONCE = 80
MOST_LABELS = 1_000


class LabelForm(StrEnum):
    """What is printed: one label per page, or eight on a sheet."""

    A6 = "a6"
    SHEET = "sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLabels:
    """A print of one or more items; the reason is needed as soon as one of them was printed before."""

    codes: tuple[str, ...]
    form: LabelForm
    untrusted_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLabel:
    """The labels of one item: one per piece, and the inner one where the grade needs two envelopes."""

    code: str
    print_number: int
    outer: tuple[LabelData, ...]
    inner: InnerLabelData | None


def print_labels(
    uow: UnitOfWork, command: PrintLabels, *, actor: Actor, now: datetime, tools: Tools
) -> tuple[PrintedLabel, ...]:
    """Count and log the print of every item, all or none.

    Raises Conflict `label_reason_required` or `label_not_in_hand`, InvalidInput for too many labels.
    """
    require(actor, Permission.PRINT_LABEL)
    codes = tuple(dict.fromkeys(command.codes))
    if not 1 <= len(codes) <= MOST_AT_ONCE:
        raise InvalidInput("codes", ProblemCode.TOO_MANY, params={"most": MOST_AT_ONCE})
    reason = parse_reason(command.untrusted_reason) if command.untrusted_reason.strip() else ""
    seen = [get_consignment(uow, code, actor=actor) for code in codes]
    # Locked in one order, and before the counting, so that two prints at once get two numbers.
    uow.consignments.prefetch([one.code for one in seen])
    for one in seen:
        check_printable(uow.consignments.lock(one.code) or one, actor=actor)
    if sum(uow.consignments.get_details(one.code).pieces for one in seen) > MOST_LABELS:
        raise InvalidInput("codes", ProblemCode.TOO_MANY, params={"most": MOST_LABELS})
    return tuple(_print(uow, one, command.form, reason, actor=actor, now=now, tools=tools) for one in seen)


def count_prints(uow: UnitOfWork, code: str, *, actor: Actor) -> int:
    """Return how often the label of an item was printed."""
    require(actor, Permission.PRINT_LABEL)
    return uow.labels.count(get_consignment(uow, code, actor=actor).id)


def _print(
    uow: UnitOfWork,
    consignment: Consignment,
    form: LabelForm,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    tools: Tools,
) -> PrintedLabel:
    if not reason and uow.labels.count(consignment.id) > 0:
        raise Conflict(ConflictCode.LABEL_REASON_REQUIRED)
    number = uow.labels.add(
        consignment.id, form=form.value, reason=reason, printed_by=actor.user, printed_at=now
    )
    details = uow.consignments.get_details(consignment.code)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.LABEL_PRINTED,
            facts={
                "actor": int(actor.user),
                "copies": details.pieces,
                "form": form.value,
                "number": number,
                "reason": reason,
            },
            items=(item_line(consignment.code),),
        )
    )
    units = uow.units.list_by_ids((consignment.sender_unit, consignment.recipient_unit))
    sender, recipient = _party(units[consignment.sender_unit]), _party(units[consignment.recipient_unit])
    return PrintedLabel(
        code=consignment.code,
        print_number=number,
        outer=_outer(details, sender, recipient, number, tools),
        inner=_inner(details, sender, recipient, number, actor=actor, tools=tools),
    )


def _outer(
    details: ConsignmentDetails, sender: Party, recipient: Party, number: int, tools: Tools
) -> tuple[LabelData, ...]:
    consignment = details.consignment
    return tuple(
        LabelData(
            code=consignment.code,
            qr=tools.label_keys.qr_text(consignment.code),
            tail=tools.label_keys.tail(consignment.code),
            mark=OuterMark(consignment.grade.secrecy.value),
            express=consignment.grade.express,
            appointed_at=consignment.grade.appointed_at,
            scope=Scope(consignment.scope.value),
            sender=sender,
            recipient=recipient,
            register_number=f"{details.register_number}/{details.register_year}",
            pieces=details.pieces,
            piece=piece,
            print_number=number,
        )
        for piece in range(1, details.pieces + 1)
    )


def _inner(
    details: ConsignmentDetails, sender: Party, recipient: Party, number: int, *, actor: Actor, tools: Tools
) -> InnerLabelData | None:
    opened = open_fields(details, actor=actor, tools=tools)
    if details.consignment.grade.secrecy is not Secrecy.A or opened is None:
        return None
    return InnerLabelData(
        code=details.consignment.code,
        document_numbers=opened.document_numbers,
        sender=sender,
        recipient=recipient,
        receiver=opened.receiver_name,
        named_only=details.consignment.named_only,
        print_number=number,
    )


def _party(unit: Unit) -> Party:
    return Party(name=unit.name, address=unit.address)
