"""Puts the evidence of one consignment, or of a stretch of time, into one file that proves itself.

Only published entries: the newest signed checkpoint bounds what can be proven. Neighbouring entries are never
included; where a list handover names other items, their codes stand in the entry's own bytes. A sealed value
is disclosed only when the caller says so, and every export is an entry.

    make_evidence(uow, scope, *, sources, with_fields, now, tools) -> bytes   read; raises NotFound,
                                                                              LogDisagrees
    record_evidence(uow, scope, *, with_fields) -> PendingEntry   write; only then may the bytes leave
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.consignment import ConsignmentDetails
from app.domain.erasure import SealedField
from app.domain.errors import NotFound
from app.domain.ids import ConsignmentCode, KeyId
from app.services.evidence_files import Sources, Story, make_reading
from app.services.published_log import PublishedLog, open_own
from app.services.sealed_fields import COLUMNS, vault_context
from app.services.tools import Tools
from app.storage.group import PendingEntry
from app.storage.records import LogRow
from app.storage.uow import UnitOfWork
from audit.checkpoint import Checkpoint
from audit.entry import Entry, EntryDraft, parse_entry
from audit.errors import MalformedEntry
from audit.evidence_bundle import (
    CHECKPOINT,
    Field,
    FieldState,
    Manifest,
    entry_name,
    proof_name,
    write_evidence,
)
from audit.kinds import EntryKind
from audit.merkle import inclusion_proof, verify_inclusion
from audit.proof import TlogProof
from crypto.canonical import JsonValue
from crypto.commitment import unpack_opening
from crypto.digest import leaf_hash
from crypto.timestamps import format_at
from crypto.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One consignment (`code`), or the entries recorded at `first_at <= time < until_at`."""

    code: ConsignmentCode | None = None
    first_at: datetime | None = None
    until_at: datetime | None = None

    def to_json(self) -> dict[str, str]:
        """Return it as the manifest says it."""
        if self.code is not None:
            return {"kind": "consignment", "code": str(self.code)}
        if self.first_at is None or self.until_at is None:
            raise ValueError("a period has a beginning and an end")
        return {"kind": "period", "from": format_at(self.first_at), "until": format_at(self.until_at)}


def record_evidence(uow: UnitOfWork, scope: Scope, *, with_fields: bool) -> PendingEntry:
    """Note that evidence leaves the house, and whether sealed values leave with it; raises NotFound."""
    if scope.code is not None and uow.consignments.find(scope.code) is None:
        raise NotFound
    said = scope.to_json()
    facts: dict[str, JsonValue] = {"scope": said.pop("kind"), "fields": int(with_fields), **said}
    return uow.audit.append(EntryDraft(kind=EntryKind.EVIDENCE_EXPORTED, facts=facts))


def make_evidence(
    uow: UnitOfWork, scope: Scope, *, sources: Sources, with_fields: bool, now: datetime, tools: Tools
) -> bytes:
    """Return the bundle; raises NotFound where nothing of it is published yet."""
    log = sources.log
    shown = log.folder.read_checkpoint()
    if shown is None:
        raise NotFound
    # A checkpoint of ours with whatever cosignatures it was published with: the verifier judges those.
    checkpoint = open_own(log, shown)
    head = checkpoint.head
    entries = [_parse(row) for row in _rows(uow, scope, head.size)]
    if not entries:
        raise NotFound
    known = {entry.index for entry in entries}
    support = [entry for entry in _enrolments(uow, entries, head.size) if entry.index not in known]
    details = None if scope.code is None else uow.consignments.find_details(scope.code)
    manifest = Manifest(
        origin=tools.origin,
        scope=scope.to_json(),
        made_at=now,
        entries=tuple(entry.index for entry in entries),
        support=tuple(entry.index for entry in support),
        fields=tuple(_fields(entries, details if with_fields else None, tools.vault)),
    )
    story = Story(manifest=manifest, entries=tuple(entries), head=head, with_fields=with_fields)
    files = {CHECKPOINT: shown, **make_reading(uow, story, sources=sources, tools=tools)}
    files |= _prove([*entries, *support], checkpoint, shown, log)
    return write_evidence(manifest, files, tools.signer)


def _rows(uow: UnitOfWork, scope: Scope, size: int) -> tuple[LogRow, ...]:
    if scope.code is not None:
        return uow.audit.list_for_code(scope.code, before=size)
    if scope.first_at is None or scope.until_at is None:
        raise ValueError("a period has a beginning and an end")
    return uow.audit.list_between(scope.first_at, scope.until_at, size=size)


def _parse(row: LogRow) -> Entry:
    try:
        return parse_entry(row.data)
    except MalformedEntry:
        # What is no entry any more proves nothing; `kt1 log verify` says which one it is.
        raise NotFound from None


def _enrolments(uow: UnitOfWork, entries: Iterable[Entry], size: int) -> list[Entry]:
    """Return the enrolments of all devices that signed or were revoked here: only there stand their keys."""
    keys: set[str] = set()
    for entry in entries:
        keys |= {signed.key_id for signed in entry.envelopes}
        if entry.kind is EntryKind.DEVICE_REVOKED:
            keys.add(str(entry.facts["device"]))
    devices = uow.devices.list_by_keys({KeyId(key) for key in keys}) if keys else ()
    rows = uow.audit.list_rows({device.enrolled_index for device in devices})
    return sorted((_parse(row) for row in rows if row.index < size), key=lambda entry: entry.index)


def _prove(
    entries: Iterable[Entry], checkpoint: Checkpoint, shown: bytes, log: PublishedLog
) -> dict[str, bytes]:
    head = checkpoint.head
    node = log.folder.reader(size=head.size, root=head.root).node
    files: dict[str, bytes] = {}
    for entry in entries:
        path = inclusion_proof(entry.index, head.size, node)
        verify_inclusion(leaf_hash(entry.data), entry.index, head.size, path, head.root)
        # Each is a C2SP tlog-proof of its own, under the very checkpoint that lies beside it.
        proof = TlogProof(index=entry.index, hashes=tuple(path), checkpoint=shown)
        files[entry_name(entry.index)] = entry.data
        files[proof_name(entry.index)] = proof.to_bytes()
    return files


def _fields(entries: Iterable[Entry], details: ConsignmentDetails | None, vault: Vault) -> Iterable[Field]:
    listed = list(entries)
    erased = {
        digest
        for entry in listed
        if entry.kind is EntryKind.FIELD_ERASED
        for digest in entry.commitments.values()
    }
    openings = {} if details is None else _openings(details, vault)
    for entry in listed:
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


def _openings(details: ConsignmentDetails, vault: Vault) -> Mapping[str, tuple[str, str]]:
    """Open what the record still holds, by digest: salt in hexadecimal, and value."""
    found: dict[str, tuple[str, str]] = {}
    code = details.consignment.code
    for field in SealedField:
        blob: bytes | None = getattr(details, COLUMNS[field])
        if blob:
            opening = unpack_opening(vault.open(blob, context=vault_context(code, field)))
            found[details.commitments[field.value]] = (opening.salt.hex(), opening.value)
    return found
