"""The three sensitive fields of a consignment: sealed in the database, committed to in the log.

Every value is bound to its consignment and field, so a blob copied to another row does not open. Never
opens anything by itself: the use case that asks has checked `may_read_sealed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeGuard

from app.domain.consignment import ConsignmentDetails, Registration
from app.domain.erasure import SealedField
from app.services.items.registration_form import document_key, split_numbers
from crypto.commitment import commit, pack_opening, unpack_opening
from crypto.vault import Vault

_INDEX_CONTEXT = "consignment/document_numbers"
# The column of each field. An erased value leaves the empty blob behind, where none was given there is none.
COLUMNS: Final[Mapping[SealedField, str]] = {
    SealedField.ABSTRACT: "abstract_sealed",
    SealedField.RECEIVER_NAME: "receiver_sealed",
    SealedField.DOCUMENT_NUMBERS: "document_numbers_sealed",
}
ERASED: Final = b""
# The value went down with a lost database: given once, committed to in the log, and gone. Unlike an erased
# one it may be entered again, by amending an item that never left. No vault makes a blob of one byte.
LOST: Final = b"\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRegistration:
    """What is stored of the sensitive fields; a field that was left empty has neither blob nor commitment."""

    blobs: Mapping[SealedField, bytes]
    commitments: Mapping[str, str]
    document_index: bytes | None


def vault_context(code: str, field: SealedField) -> str:
    """Return what binds a blob to its place."""
    return f"consignment/{code}/{field}"


def seal_registration(code: str, registration: Registration, vault: Vault) -> SealedRegistration:
    """Seal and commit to every sensitive field that was given."""
    values = {
        SealedField.ABSTRACT: registration.abstract,
        SealedField.RECEIVER_NAME: registration.receiver_name,
        SealedField.DOCUMENT_NUMBERS: registration.document_numbers,
    }
    blobs: dict[SealedField, bytes] = {}
    commitments: dict[str, str] = {}
    for field, value in values.items():
        if value:
            commitment = commit(field, value)
            commitments[field] = commitment.digest
            blobs[field] = vault.seal(pack_opening(commitment, value), context=vault_context(code, field))
    return SealedRegistration(
        blobs=blobs,
        commitments=commitments,
        document_index=index_documents(registration.document_numbers, vault),
    )


def open_field(code: str, field: SealedField, blob: bytes | None, vault: Vault) -> str:
    """Return the value of one blob, "" where there is none any more; raises VaultError if moved."""
    if not is_held(blob):
        return ""
    return unpack_opening(vault.open(blob, context=vault_context(code, field))).value


def list_held(details: ConsignmentDetails) -> tuple[SealedField, ...]:
    """Name the fields of a record that hold a value: neither left empty, nor erased, nor lost."""
    return tuple(field for field in SealedField if is_held(getattr(details, COLUMNS[field])))


def list_lost(details: ConsignmentDetails) -> tuple[SealedField, ...]:
    """Name the fields whose values were lost with a database."""
    return tuple(field for field in SealedField if getattr(details, COLUMNS[field]) == LOST)


def is_held(blob: bytes | None) -> TypeGuard[bytes]:
    """Tell whether there is a value in it: given, neither erased nor lost."""
    return blob is not None and blob not in {ERASED, LOST}


def index_documents(document_numbers: str, vault: Vault) -> bytes | None:
    """Return one blind index of 32 bytes per document number, joined: equal ones can be found, none read."""
    keys = [document_key(number) for number in split_numbers(document_numbers)]
    return b"".join(vault.blind_index(key, context=_INDEX_CONTEXT) for key in keys) or None


def document_candidates(number: str, vault: Vault) -> tuple[bytes, ...]:
    """Return what to look for to find one document number, under every key still in use."""
    return vault.blind_index_candidates(document_key(number), context=_INDEX_CONTEXT)
