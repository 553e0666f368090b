"""What an evidence bundle says of each commitment in it: disclosed, withheld or erased.

A value is opened only for whoever may read it: a party to the item, as on its page, or the operator's
console. The auditor reads no sealed value here either. Every commitment gets exactly one answer.

    list_fields(uow, entries, codes, *, actor, tools) -> tuple[Field, ...]   read; `codes` may be opened
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from app.domain.access import Actor, may_read_sealed
from app.domain.consignment import ConsignmentDetails
from app.domain.erasure import SealedField
from app.services.items.sealed_fields import COLUMNS, is_held, vault_context
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.evidence_bundle import Field, FieldState
from audit.kinds import EntryKind
from crypto.commitment import unpack_opening
from crypto.vault import Vault


def list_fields(
    uow: UnitOfWork, entries: Sequence[Entry], codes: Collection[str], *, actor: Actor | None, tools: Tools
) -> tuple[Field, ...]:
    """Return one field for each commitment of these entries; values of no other item than `codes`."""
    openings: dict[str, tuple[str, str]] = {}
    for code in codes:
        details = uow.consignments.find_details(code)
        if details is not None and (actor is None or may_read_sealed(details.consignment, actor)):
            openings |= _openings(details, tools.vault)
    return tuple(_answer(entries, openings))


def _answer(entries: Sequence[Entry], openings: Mapping[str, tuple[str, str]]) -> Iterable[Field]:
    erased = {
        digest
        for entry in entries
        if entry.kind is EntryKind.FIELD_ERASED
        for digest in entry.commitments.values()
    }
    for entry in entries:
        for label, digest in sorted(entry.commitments.items()):
            if digest in erased:
                yield Field(entry=entry.index, label=label, state=FieldState.ERASED)
            elif digest in openings:
                salt, value = openings[digest]
                yield Field(
                    entry=entry.index, label=label, state=FieldState.DISCLOSED, salt=salt, value=value
                )
            else:
                yield Field(entry=entry.index, label=label, state=FieldState.WITHHELD)


def _openings(details: ConsignmentDetails, vault: Vault) -> dict[str, tuple[str, str]]:
    """Open what the record still holds, by digest: salt in hexadecimal, and value."""
    found: dict[str, tuple[str, str]] = {}
    code = details.consignment.code
    for field in SealedField:
        blob: bytes | None = getattr(details, COLUMNS[field])
        if is_held(blob):
            opening = unpack_opening(vault.open(blob, context=vault_context(code, field)))
            found[details.commitments[field.value]] = (opening.salt.hex(), opening.value)
    return found
