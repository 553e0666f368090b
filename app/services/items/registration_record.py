"""Puts a registration together: the rows to store and the log entry that says so.

Pure. Sensitive values come in sealed already and never reach an entry other than as commitments.
"""

from datetime import datetime

from app.domain.access import Actor
from app.domain.consignment import (
    Attestations,
    Consignment,
    ConsignmentDetails,
    Custodian,
    Registration,
    State,
)
from app.domain.erasure import SealedField
from app.domain.grades import scope_between
from app.domain.ids import BagCode, ConsignmentCode, ConsignmentId, UserId
from app.domain.register import RegisterNumber
from app.services.items.sealed_fields import SealedRegistration
from app.storage.records import Unit
from audit.entry import EntryDraft, ItemLine, Outcome
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at

_PACKING = ("inner", "outer", "sealed")


def new_consignment(
    code: ConsignmentCode,
    registration: Registration,
    sender: Unit,
    recipient: Unit,
    *,
    actor: Actor,
    now: datetime,
) -> Consignment:
    """Return the item as it begins: registered, answered for by whoever registered it."""
    return Consignment(
        id=ConsignmentId(0),
        code=code,
        sender_unit=sender.id,
        recipient_unit=recipient.id,
        grade=registration.grade,
        scope=scope_between(sender.province, recipient.province),
        state=State.REGISTERED,
        custodian=Custodian(user=actor.user, unit=sender.id),
        offer=None,
        named_only=registration.named_only,
        seal=registration.seal,
        accepted_at=None,
        first_attempt_at=None,
        attempts=0,
        closed_at=None,
        registered_at=now,
        item_head="",
        version=1,
    )


def compose_details(
    registration: Registration,
    *,
    consignment: Consignment,
    sealed: SealedRegistration,
    number: RegisterNumber,
    registered_by: UserId,
) -> ConsignmentDetails:
    """Return the whole record of an item."""
    return ConsignmentDetails(
        consignment=consignment,
        registered_by=registered_by,
        document_type=registration.document_type,
        document_date=registration.document_date,
        pieces=registration.pieces,
        weight_g=registration.weight_g,
        attestations=registration.attestations,
        register_number=number.number,
        register_year=number.year,
        receiver_sealed=sealed.blobs.get(SealedField.RECEIVER_NAME),
        document_numbers_sealed=sealed.blobs.get(SealedField.DOCUMENT_NUMBERS),
        document_index=sealed.document_index,
        abstract_sealed=sealed.blobs.get(SealedField.ABSTRACT),
        commitments=sealed.commitments,
    )


def draft_entry(
    kind: EntryKind, details: ConsignmentDetails, sender: Unit, recipient: Unit, *, actor: Actor
) -> EntryDraft:
    """Return the entry of a registration or an amendment: envelope facts clear, the rest committed to."""
    consignment = details.consignment
    facts: dict[str, JsonValue] = {
        "actor": int(actor.user),
        "sender": sender.code,
        "recipient": recipient.code,
        "secrecy": consignment.grade.secrecy.value,
        "express": consignment.grade.express,
        "scope": consignment.scope.value,
        "named_only": consignment.named_only,
        "pieces": details.pieces,
        "weight_g": details.weight_g,
        "register_number": details.register_number,
        "register_year": details.register_year,
        "seal": consignment.seal,
        "packing": _packing(details.attestations),
    }
    if consignment.grade.appointed_at is not None:
        facts["appointed_at"] = format_at(consignment.grade.appointed_at)
    return EntryDraft(
        kind=kind,
        facts=facts,
        items=(item_line(consignment.code),),
        commitments=details.commitments,
    )


def _packing(attested: Attestations) -> str:
    words = zip(_PACKING, (attested.inner_envelope, attested.outer_envelope, attested.sealed), strict=True)
    return ",".join(word for word, is_so in words if is_so)


def parse_packing(said: JsonValue) -> Attestations:
    """Read back what an entry says of the packing; nothing where an older one does not say."""
    words = said.split(",") if isinstance(said, str) else ()
    inner, outer, sealed = (word in words for word in _PACKING)
    return Attestations(inner_envelope=inner, outer_envelope=outer, sealed=sealed)


def item_line(code: ConsignmentCode | BagCode) -> ItemLine:
    """Return the line of an entry that names one item to which something happened."""
    return ItemLine(code=code, outcome=Outcome.ACCEPTED)
