"""Put back what entries did to consignments outside scans: the form, its labels, its end, its erasures.

The log holds the envelope's facts; of what is sealed it holds commitments only. Such a value comes back as
lost (`sealed_fields.LOST`): the record says that it was given and is gone, and the sender may still enter it
again by amending an item that never left. Codes and numbers are drawn again and must be those of the entry,
so that none is ever given out twice.
"""

from dataclasses import replace

from app.domain.bag import Bag, BagState
from app.domain.consignment import Consignment, ConsignmentDetails, Custodian, State
from app.domain.erasure import ErasureOutcome, ErasureReason, SealedField, Wish
from app.domain.grades import Grade, Scope, Secrecy
from app.domain.ids import BagCode, BagId, ConsignmentId
from app.domain.register import Direction
from app.services.items.registration_record import parse_packing
from app.services.items.sealed_fields import COLUMNS, LOST
from app.services.recovery.facts import (
    Lost,
    Replay,
    Said,
    draft_of,
    get_person,
    get_unit,
    lock_item,
)
from app.services.tools import Tools
from app.storage.records import ImportBatch
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind


def register(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Let an item exist again under its code and its number."""
    said = Said(entry=entry)
    code = said.code()
    _draw_again(uow, said, replay.tools)
    person = get_person(uow, said, said.actor())
    sender = get_unit(uow, said, said.text("sender"))
    number = uow.registers.allocate(sender.id, said.number("register_year"), Direction.OUT)
    if number.number != said.number("register_number"):
        raise said.differs("drew another register number than the database would")
    item = Consignment(
        id=ConsignmentId(0),
        code=code,
        sender_unit=sender.id,
        recipient_unit=sender.id,
        grade=_grade(said),
        scope=Scope(said.text("scope")),
        state=State.REGISTERED,
        custodian=Custodian(user=person.id, unit=sender.id),
        offer=None,
        named_only=False,
        seal="",
        accepted_at=None,
        first_attempt_at=None,
        attempts=0,
        closed_at=None,
        registered_at=entry.at,
        item_head="",
        version=1,
    )
    identity = uow.consignments.add(_details(uow, said, item))
    uow.registers.add(number, identity, registered_at=entry.at)
    _finish(uow, entry, replay)


def start_bag(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    """Let a bag begin its trip again under its code, open and empty."""
    said = Said(entry=entry)
    person = get_person(uow, said, said.actor())
    code = said.code()
    _draw_again(uow, said, tools)
    origin = get_unit(uow, said, said.text("from"))
    asset = said.text("asset")
    if asset not in uow.pouches.lock((asset,)):
        uow.pouches.add((asset,), origin.id, by=person.id, now=entry.at)
    uow.bags.add(
        Bag(
            id=BagId(0),
            code=BagCode(code),
            asset=asset,
            origin=origin.id,
            destination=get_unit(uow, said, said.text("to")).id,
            state=BagState.OPEN,
            custodian=Custodian(user=person.id, unit=origin.id),
            started_at=entry.at,
        )
    )
    uow.audit.append(draft_of(entry))


def amend(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Rewrite the form of an item that never left; what was sealed before belongs to another commitment."""
    said = Said(entry=entry)
    before = lock_item(uow, said)
    details = uow.consignments.get_details(before.code)
    uow.consignments.amend(replace(_details(uow, said, before), registered_by=details.registered_by))
    _finish(uow, entry, replay)


def cancel(uow: UnitOfWork, entry: Entry) -> None:
    """Withdraw an item again."""
    said = Said(entry=entry)
    item = lock_item(uow, said)
    uow.consignments.save(replace(item, state=State.CANCELLED, closed_at=entry.at))
    uow.consignments.record_cancellation(item.id, said.text("reason"))
    uow.audit.append(draft_of(entry))


def print_label(uow: UnitOfWork, entry: Entry) -> None:
    """Count a print again; those of a bag's tag are counted by the log alone."""
    said = Said(entry=entry)
    if uow.bags.lock(said.code()) is not None:
        uow.audit.append(draft_of(entry))
        return
    number = uow.labels.add(
        lock_item(uow, said).id,
        form=said.text("form"),
        reason=said.text("reason"),
        printed_by=said.actor(),
        printed_at=entry.at,
    )
    if number != said.number("number"):
        raise said.differs("counted another number of prints than the database would")
    uow.audit.append(draft_of(entry))


def take_list_in(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Remember a list by its keyed digest, by which the import recognises the file again."""
    said = Said(entry=entry)
    person = get_person(uow, said, said.actor())
    uow.imports.add(
        ImportBatch(
            id=0,
            unit_id=person.unit_id,
            user_id=person.id,
            digest=said.text("keyed_digest"),
            file_name="",
            rows=said.number("rows"),
            imported_at=entry.at,
        )
    )
    replay.lose(Lost(entry=entry.index, of="imported list", values=("file_name",)))
    uow.audit.append(draft_of(entry))


def propose_erasure(uow: UnitOfWork, entry: Entry) -> None:
    """Put a proposal before the auditors again."""
    said = Said(entry=entry)
    fields = tuple(SealedField(name) for name in said.text("fields").split(","))
    wish = Wish(fields=fields, reason=ErasureReason(said.text("reason")), decision=said.text("decision"))
    uow.erasures.add(lock_item(uow, said).id, wish, proposed_by=said.actor(), now=entry.at)
    uow.audit.append(draft_of(entry))


def decide_erasure(uow: UnitOfWork, entry: Entry) -> None:
    """Decide again; what was erased once does not come back from a backup."""
    said = Said(entry=entry)
    item = lock_item(uow, said)
    waiting = next((one for one in uow.erasures.list(item.id) if one.is_open), None)
    if waiting is None:
        raise said.differs("decides on an erasure that the database does not know")
    erased = entry.kind is EntryKind.FIELD_ERASED
    outcome = ErasureOutcome.ERASED if erased else ErasureOutcome.REFUSED
    uow.erasures.decide(waiting.id, outcome, decided_by=said.actor(), now=entry.at)
    if erased:
        uow.consignments.erase(item.code, [COLUMNS[field] for field in waiting.fields])
    uow.audit.append(draft_of(entry))


def _draw_again(uow: UnitOfWork, said: Said, tools: Tools) -> None:
    """Draw the code of a new thing from its series; raises NotInTheLog when that is another."""
    code = said.code()
    (serial,) = uow.consignments.next_serials(code[:2], 1)
    make = tools.bag_code if code[:2] == tools.bag_indicator else tools.item_code
    if make(serial) != code:
        raise said.differs("drew another code than the database would")


def _details(uow: UnitOfWork, said: Said, item: Consignment) -> ConsignmentDetails:
    """Return the record as its entry's facts tell it."""
    commitments = said.entry.commitments
    blobs = {field: LOST if field.value in commitments else None for field in SealedField}
    return ConsignmentDetails(
        consignment=replace(
            item,
            recipient_unit=get_unit(uow, said, said.text("recipient")).id,
            grade=_grade(said),
            scope=Scope(said.text("scope")),
            named_only=said.flag("named_only"),
            seal=said.text("seal"),
        ),
        registered_by=said.actor(),
        document_type="",
        document_date=None,
        pieces=said.number("pieces"),
        weight_g=said.number("weight_g"),
        attestations=parse_packing(said.entry.facts.get("packing")),
        register_number=said.number("register_number"),
        register_year=said.number("register_year"),
        receiver_sealed=blobs[SealedField.RECEIVER_NAME],
        document_numbers_sealed=blobs[SealedField.DOCUMENT_NUMBERS],
        document_index=None,
        abstract_sealed=blobs[SealedField.ABSTRACT],
        commitments=commitments,
    )


def _grade(said: Said) -> Grade:
    return Grade(
        secrecy=Secrecy(said.text("secrecy")),
        express=said.flag("express"),
        appointed_at=said.moment("appointed_at"),
    )


def _finish(uow: UnitOfWork, entry: Entry, replay: Replay) -> None:
    sealed = tuple(field.value for field in SealedField if field.value in entry.commitments)
    values = (*sealed, "document_type", "document_date")
    if "packing" not in entry.facts:
        values += ("packing",)
    replay.lose(Lost(entry=entry.index, of=f"item {entry.items[0].code}", values=values))
    uow.audit.append(draft_of(entry))
