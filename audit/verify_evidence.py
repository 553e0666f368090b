"""Verification of an evidence bundle by whoever receives it, offline, under the trust file alone.

It shows that the disclosed entries are in the log the witnesses have seen, that the named devices signed
them, that a consignment's story is whole up to its last entry here, and that each disclosed value is the one
committed to. It must never believe a word of the manifest that an entry, a proof or a key does not bear out,
nor take silence about a commitment for an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audit import scan_checks
from audit.device_keys import Device, check_device_change, find_device_changes, find_signer, revoke_by_trust
from audit.entry import Entry
from audit.errors import BadEntry, CannotVerify, MalformedNote, ProofRejected
from audit.evidence_bundle import (
    CHECKPOINT,
    FOR_PEOPLE,
    MANIFEST,
    Field,
    FieldState,
    Opened,
    entry_name,
    proof_name,
    read_evidence_bundle,
)
from audit.evidence_scope import check_scope
from audit.kinds import EntryKind
from audit.merkle import verify_inclusion
from audit.proof import parse_proof
from audit.single_entry import check_single
from audit.tree_head import TreeHead
from audit.trust import Trust
from audit.trusted_checkpoint import open_trusted
from crypto import envelope
from crypto.commitment import Opening, verify_commitment
from crypto.digest import leaf_hash
from crypto.errors import CryptoError


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReport:
    """What a good bundle shows and how much was checked; `witnesses` are those who have seen the log.

    `reading` are files for people: the log vouches for their bytes, what they say was not checked.
    """

    origin: str
    scope: Mapping[str, str]
    entries: int
    support: int
    size: int
    proofs: int
    log_signatures: int
    device_signatures: int
    item_links: int
    disclosed: int
    withheld: int
    erased: int
    witnesses: tuple[str, ...]
    reading: tuple[str, ...]


def verify_evidence(path: Path, trust: Trust, *, require_witnesses: bool = True) -> EvidenceReport:
    """Check everything in a bundle; raises BadEntry naming the first bad thing, or CannotVerify."""
    if require_witnesses and not trust.policy_at(0).witnesses:
        raise CannotVerify("the trust file names no witnesses: ask for a check without witnesses")
    opened = read_evidence_bundle(path)
    manifest = opened.manifest
    _check_manifest(opened, trust)
    trusted = open_trusted(opened.files[CHECKPOINT], trust, CHECKPOINT, quorum=require_witnesses)
    head = trusted.checkpoint.head
    indices = sorted({*manifest.entries, *manifest.support})
    entries = {index: _check_entry(opened, index, head, trust) for index in indices}
    for index in indices:
        _check_proof(opened, index, head, trust, quorum=require_witnesses)
    signatures = _check_devices(entries, trust)
    links = check_scope(manifest.scope, [entries[index] for index in manifest.entries])
    counts = _check_fields(manifest.fields, {index: entries[index] for index in manifest.entries})
    return EvidenceReport(
        origin=manifest.origin,
        scope=dict(manifest.scope),
        entries=len(manifest.entries),
        support=len(manifest.support),
        size=head.size,
        proofs=len(indices),
        log_signatures=len(indices),
        device_signatures=signatures,
        item_links=links,
        disclosed=counts[FieldState.DISCLOSED],
        withheld=counts[FieldState.WITHHELD],
        erased=counts[FieldState.ERASED],
        witnesses=tuple(witness.name for witness in trusted.witnesses),
        reading=tuple(sorted(opened.files.keys() & FOR_PEOPLE)),
    )


def _check_manifest(opened: Opened, trust: Trust) -> None:
    manifest = opened.manifest
    if not manifest.entries:
        raise CannotVerify("the bundle discloses no entry: nothing was checked")
    key = next((one.public_key for one in trust.log_keys if one.public_key.key_id == opened.key), None)
    if key is None:
        raise CannotVerify(f"the manifest is signed by {opened.key}, which the trust file does not name")
    try:
        key.verify(opened.signature, opened.signed)
    except CryptoError:
        raise BadEntry(None, "signature", "the log's signature does not fit the manifest", MANIFEST) from None
    if manifest.origin != trust.origin:
        raise BadEntry(None, "origin", f"of {manifest.origin!r}, not of {trust.origin!r}", MANIFEST)
    wanted = {CHECKPOINT}
    for index in (*manifest.entries, *manifest.support):
        wanted |= {entry_name(index), proof_name(index)}
    for name in sorted(wanted - opened.files.keys()):
        raise BadEntry(None, "missing", "the entries named need this file", name)
    for name in sorted(opened.files.keys() - wanted):
        # Whatever else the log has signed for: a file that this page does not know is never let through.
        if name not in FOR_PEOPLE:
            raise BadEntry(None, "extra", "no entry named here needs this file", name)


def _check_entry(opened: Opened, index: int, head: TreeHead, trust: Trust) -> Entry:
    name = entry_name(index)
    if index >= head.size:
        raise BadEntry(index, "index", f"the checkpoint is over {head.size} entries", name)
    return check_single(opened.files[name], index, trust, name)


def _check_proof(opened: Opened, index: int, head: TreeHead, trust: Trust, *, quorum: bool) -> None:
    name = proof_name(index)
    try:
        proof = parse_proof(opened.files[name])
    except MalformedNote as error:
        raise BadEntry(index, "proof form", str(error), name) from None
    own = open_trusted(proof.checkpoint, trust, name, every_type=False, quorum=quorum).checkpoint.head
    if own != head or proof.index != index:
        raise BadEntry(index, "proof", "is of another entry or tree than the rest of the bundle", name)
    try:
        # The leaf is the entry's own hash, size and root are the checkpoint's: nothing is the proof's word.
        verify_inclusion(
            leaf_hash(opened.files[entry_name(index)]), index, head.size, proof.hashes, head.root
        )
    except ProofRejected as error:
        raise BadEntry(index, "inclusion", str(error), name) from None


def _check_devices(entries: Mapping[int, Entry], trust: Trust) -> int:
    devices: dict[str, Device] = {}
    for index, entry in entries.items():
        find_device_changes(len(entry.data).to_bytes(2, "big") + entry.data, index, devices)
    revoke_by_trust(devices, trust.revoked_devices)
    count = 0
    for index, entry in entries.items():
        check_device_change(entry, devices, trust.origin)
        for signed in entry.envelopes:
            device = find_signer(devices, signed.key_id, index)
            try:
                envelope.verify(signed, device.public_key)
            except CryptoError:
                raise BadEntry(index, "device", "the device's signature does not fit", None) from None
            count += 1
        if entry.envelopes:
            scan_checks.read_scan(entry, devices, trust.origin)
    return count


def _check_fields(fields: tuple[Field, ...], entries: Mapping[int, Entry]) -> dict[FieldState, int]:
    """Hold what is disclosed against the commitments, and demand a word about each of them."""
    erased = {
        digest
        for entry in entries.values()
        if entry.kind is EntryKind.FIELD_ERASED
        for digest in entry.commitments.values()
    }
    open_ = {(index, label) for index, entry in entries.items() for label in entry.commitments}
    counts = dict.fromkeys(FieldState, 0)
    for field in fields:
        if (field.entry, field.label) not in open_:
            raise BadEntry(
                field.entry, "field", f"{field.label} is not committed to, or named twice", MANIFEST
            )
        open_.remove((field.entry, field.label))
        _check_field(field, entries[field.entry].commitments[field.label], erased)
        counts[field.state] += 1
    for index, label in sorted(open_):
        raise BadEntry(index, "field", f"the manifest does not say what became of {label}", MANIFEST)
    return counts


def _check_field(field: Field, digest: str, erased: set[str]) -> None:
    if (digest in erased) != (field.state is FieldState.ERASED):
        raise BadEntry(field.entry, "field", f"{field.label} is erased by no entry here, or is", MANIFEST)
    if field.state is not FieldState.DISCLOSED:
        if field.salt or field.value:
            raise BadEntry(field.entry, "field", f"{field.label} has a value and is not disclosed", MANIFEST)
        return
    try:
        verify_commitment(digest, field.label, Opening(bytes.fromhex(field.salt), field.value))
    except (CryptoError, ValueError):
        raise BadEntry(
            field.entry, "commitment", f"the disclosed {field.label} is not what was committed to", MANIFEST
        ) from None
