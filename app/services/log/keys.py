"""Moves every sealed value to the vault's active key, batch by batch, while the service goes on.

Each batch is its own transaction, so an interrupted run is simply run again: what already carries the
active key is left alone. An old key may leave the key file only after a run that resealed nothing.

    reseal_all(write, progress=None) -> int  `write` is `runtime.write`; how many values were resealed
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.consignment import ConsignmentDetails
from app.domain.erasure import SealedField
from app.domain.ids import ConsignmentId
from app.services.incidents.corrections import text_context as text_of_error
from app.services.incidents.holds import LIFTED, PLACED, hold_context
from app.services.incidents.incident_notes import text_context
from app.services.items.sealed_fields import (
    COLUMNS,
    index_documents,
    is_held,
    open_field,
    vault_context,
)
from app.services.items.sealed_texts import reseal_text
from app.services.people.login import Write
from app.services.scans.delivery import signature_context
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.vault import Vault

_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """One batch: where it ended, how many records it read, how many values it sealed anew."""

    last: int
    records: int
    values: int


def reseal_all(write: Write, progress: Callable[[int], None] | None = None) -> int:
    """Reseal everything and note it in the log; `progress` is told how many records each batch read."""
    values = _reseal_each(write, reseal_batch, progress)
    for texts in (reseal_incident_notes, reseal_hold_texts, reseal_correction_texts):
        values += _reseal_each(write, texts)
    if values:
        write(record_rotation, values)
    return values


def _reseal_each(
    write: Write, batch_of: Callable[..., Resealed], progress: Callable[[int], None] | None = None
) -> int:
    """Go through one kind of record, a transaction a batch; returns how many values were sealed anew."""
    last, values = 0, 0
    while True:
        batch = write(batch_of, last)
        values, last = values + batch.values, batch.last
        if progress is not None:
            progress(batch.records)
        if batch.records < _BATCH:
            return values


def reseal_batch(uow: UnitOfWork, after: ConsignmentId, *, tools: Tools) -> Resealed:
    """Reseal the next records behind `after`, their deliveries included."""
    records = uow.consignments.list_sealed(after, limit=_BATCH)
    values = sum(_reseal_record(uow, details, tools.vault) for details in records)
    last = records[-1].consignment.id if records else after
    return Resealed(last=last, records=len(records), values=values)


def reseal_incident_notes(uow: UnitOfWork, after: int, *, tools: Tools) -> Resealed:
    """Reseal the next texts behind the note `after`."""
    notes, values = uow.incidents.list_sealed(after, limit=_BATCH), 0
    for note, number in notes:
        context = text_context(number, note.number)
        fresh = reseal_text(note.text_sealed, tools.vault, context=context)
        if fresh is not None:
            uow.incidents.reseal(note.id, fresh)
            values += 1
    last = notes[-1][0].id if notes else after
    return Resealed(last=last, records=len(notes), values=values)


def reseal_hold_texts(uow: UnitOfWork, after: int, *, tools: Tools) -> Resealed:
    """Reseal the texts of the next holds behind the hold `after`."""
    found, values = uow.holds.list_ids(after, limit=_BATCH), 0
    for identity in found:
        hold, sealed = uow.holds.find(identity), uow.holds.get_text(identity)
        if hold is None:
            continue
        fresh = {
            f"{step}_sealed": blob
            for step, old in ((PLACED, sealed.placed), (LIFTED, sealed.lifted))
            if (blob := reseal_text(old, tools.vault, context=hold_context(hold.code, step))) is not None
        }
        if fresh:
            uow.holds.reseal(identity, **fresh)
            values += len(fresh)
    return Resealed(last=found[-1] if found else after, records=len(found), values=values)


def reseal_correction_texts(uow: UnitOfWork, after: int, *, tools: Tools) -> Resealed:
    """Reseal the texts of the next declarations behind `after`."""
    found, values = uow.corrections.list_ids(after, limit=_BATCH), 0
    for identity, entry in found:
        sealed = uow.corrections.get_sealed(identity)
        fresh = reseal_text(sealed, tools.vault, context=text_of_error(entry))
        if fresh is not None:
            uow.corrections.reseal(identity, fresh)
            values += 1
    return Resealed(last=found[-1][0] if found else after, records=len(found), values=values)


def record_rotation(uow: UnitOfWork, values: int, *, tools: Tools) -> None:
    """Note which vault key is in use now; its name is no secret."""
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.KEY_ROTATED,
            facts={"key": tools.vault.active, "purpose": "vault", "values": values},
        )
    )


def _reseal_record(uow: UnitOfWork, details: ConsignmentDetails, vault: Vault) -> int:
    code = details.consignment.code
    fresh: dict[str, bytes] = {}
    for field, column in COLUMNS.items():
        blob: bytes | None = getattr(details, column)
        sealed = None if not is_held(blob) else vault.reseal(blob, context=vault_context(code, field))
        if sealed is not None:
            fresh[column] = sealed
    if "document_numbers_sealed" in fresh:
        # The blind index is keyed too: equal numbers under the new key must be found under it.
        numbers = open_field(code, SealedField.DOCUMENT_NUMBERS, details.document_numbers_sealed, vault)
        fresh["document_index"] = index_documents(numbers, vault) or b""
    if fresh:
        uow.consignments.reseal(details.consignment.id, **fresh)
    return len(fresh.keys() - {"document_index"}) + _reseal_deliveries(uow, details, vault)


def _reseal_deliveries(uow: UnitOfWork, details: ConsignmentDetails, vault: Vault) -> int:
    consignment, count = details.consignment, 0
    for identity, blob in uow.deliveries.list_sealed(consignment.id):
        sealed = vault.reseal(blob, context=signature_context(consignment.code))
        if sealed is not None:
            uow.deliveries.reseal(identity, sealed)
            count += 1
    return count
