"""Puts the evidence of a consignment, a stretch of time or an incident into one file that proves itself.

Neighbouring entries are never included; where a list handover names other items, their codes stand in the
entry's own bytes, so only whoever may have those bytes gets it. Every export is an entry, and the bytes leave
only after it. The file is written as it is made, so memory does not grow with its bytes.

    make_evidence(uow, request, stream, *, sources, now, tools) -> Manifest   read; raises NotFound, Conflict,
                                                                              InvalidInput, LogDisagrees
    record_evidence(uow, manifest, *, actor) -> PendingEntry   write; only then may the bytes leave
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from app.domain.access import Actor
from app.domain.errors import Conflict, ConflictCode, InvalidInput, ProblemCode
from app.domain.ids import KeyId
from app.services.evidence.evidence_choice import MOST_ENTRIES, choose, parse_rows
from app.services.evidence.evidence_fields import list_fields
from app.services.evidence.evidence_files import Sources, Story, make_reading
from app.services.evidence.evidence_scope import Scope
from app.services.evidence.evidence_spool import Spool
from app.services.log.published_log import PublishedLog, open_own
from app.services.tools import Tools
from app.storage.group import PendingEntry
from app.storage.uow import UnitOfWork
from audit.checkpoint import Checkpoint
from audit.entry import Entry, EntryDraft
from audit.evidence_bundle import (
    CHECKPOINT,
    MAX_BUNDLE_BYTES,
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
from crypto.digest import leaf_hash

# The manifest and the names of the files come on top of the files themselves.
_MOST_BYTES = MAX_BUNDLE_BYTES - 32_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRequest:
    """What is asked for and by whom: `actor` None is the operator's console, which may have everything."""

    scope: Scope
    with_fields: bool
    actor: Actor | None = None


def make_evidence(
    uow: UnitOfWork,
    request: EvidenceRequest,
    stream: BinaryIO,
    *,
    sources: Sources,
    now: datetime,
    tools: Tools,
) -> Manifest:
    """Write the bundle to the stream; raises Conflict `not_published` where nothing of it is yet."""
    log = sources.log
    shown = log.folder.read_checkpoint()
    # A checkpoint of ours with whatever cosignatures it was published with: the verifier judges those.
    checkpoint = None if shown is None else open_own(log, shown)
    size = 0 if checkpoint is None else checkpoint.head.size
    chosen = choose(uow, request.scope, size=size, actor=request.actor)
    if shown is None or checkpoint is None:
        raise Conflict(ConflictCode.NOT_PUBLISHED)
    entries = chosen.entries
    known = {entry.index for entry in entries}
    support = [entry for entry in _enrolments(uow, entries, size) if entry.index not in known]
    opened = chosen.codes if request.with_fields else ()
    manifest = Manifest(
        origin=tools.origin,
        scope=chosen.scope.to_json(),
        made_at=now,
        entries=tuple(entry.index for entry in entries),
        support=tuple(entry.index for entry in support),
        fields=list_fields(uow, entries, opened, actor=request.actor, tools=tools),
    )
    story = Story(manifest=manifest, entries=entries, head=checkpoint.head, with_fields=request.with_fields)
    with Spool() as spool:
        spool.keep(CHECKPOINT, shown)
        for name, data in make_reading(uow, story, sources=sources, tools=tools).items():
            spool.keep(name, data)
        _prove([*entries, *support], checkpoint, shown, log=log, spool=spool)
        write_evidence(manifest, spool, tools.signer, stream)
    return manifest


def record_evidence(uow: UnitOfWork, manifest: Manifest, *, actor: Actor | None) -> PendingEntry:
    """Note that this evidence leaves the house, for whom, and whether sealed values leave with it."""
    said = dict(manifest.scope)
    disclosed = any(field.state is FieldState.DISCLOSED for field in manifest.fields)
    facts: dict[str, JsonValue] = {"scope": said.pop("kind"), "fields": int(disclosed), **said}
    if actor is not None:
        facts["actor"] = int(actor.user)
    return uow.audit.append(EntryDraft(kind=EntryKind.EVIDENCE_EXPORTED, facts=facts))


def _enrolments(uow: UnitOfWork, entries: Iterable[Entry], size: int) -> list[Entry]:
    """Return the enrolments of all devices that signed or were revoked here: only there stand their keys."""
    keys: set[str] = set()
    for entry in entries:
        keys |= {signed.key_id for signed in entry.envelopes}
        if entry.kind is EntryKind.DEVICE_REVOKED:
            keys.add(str(entry.facts["device"]))
    devices = uow.devices.list_by_keys({KeyId(key) for key in keys}) if keys else ()
    rows = uow.audit.list_rows({device.enrolled_index for device in devices})
    found = parse_rows([row for row in rows if row.index < size])
    return sorted(found, key=lambda entry: entry.index)


def _prove(
    entries: Sequence[Entry], checkpoint: Checkpoint, shown: bytes, *, log: PublishedLog, spool: Spool
) -> None:
    head = checkpoint.head
    node = log.folder.reader(size=head.size, root=head.root).node
    for entry in entries:
        path = inclusion_proof(entry.index, head.size, node)
        verify_inclusion(leaf_hash(entry.data), entry.index, head.size, path, head.root)
        # Each is a C2SP tlog-proof of its own, under the very checkpoint that lies beside it.
        proof = TlogProof(index=entry.index, hashes=tuple(path), checkpoint=shown)
        spool.keep(entry_name(entry.index), entry.data)
        spool.keep(proof_name(entry.index), proof.to_bytes())
        if spool.size > _MOST_BYTES:
            raise InvalidInput(
                "last_day", ProblemCode.TOO_MANY_ENTRIES, params={"count": len(entries), "most": MOST_ENTRIES}
            )
