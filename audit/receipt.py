"""Verification of one receipt by whoever holds it: the proof, the entry and the trust file, offline.

A receipt shows that the entry is in the log the witnesses have seen. It must never be believed without the
entry's own bytes, nor without witnesses unless whoever checks has asked for that in so many words. What a
device signed in the entry is not judged here: its enrolment stands elsewhere in the log.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audit.earlier import read_kept
from audit.entry import MAX_ENTRY_BYTES
from audit.errors import BadEntry, CannotVerify, MalformedNote, ProofRejected
from audit.merkle import verify_inclusion
from audit.proof import HEADER, MAX_PROOF_BYTES, TlogProof, parse_proof
from audit.single_entry import check_single
from audit.trust import Trust
from audit.trusted_checkpoint import TrustedCheckpoint, open_trusted
from crypto.digest import leaf_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptReport:
    """What a good receipt shows: which entry of which tree, and who has seen it when (POSIX seconds)."""

    origin: str
    index: int
    kind: str
    at: str
    leaf: str
    size: int
    hashes: int
    log_signatures: int
    cosignatures: dict[str, str]


def verify_receipt(
    proof: Path, entry: Path, trust: Trust, *, require_witnesses: bool = True
) -> ReceiptReport:
    """Check a `.tlog-proof` with its entry and say what it shows; raises BadEntry or CannotVerify."""
    if require_witnesses and not trust.policy_at(0).witnesses:
        raise CannotVerify("the trust file names no witnesses: ask for a check without witnesses")
    untrusted, data = read_kept(proof, MAX_PROOF_BYTES), read_kept(entry, MAX_ENTRY_BYTES)
    if not untrusted.startswith(HEADER.encode()):
        raise CannotVerify(f"{proof} is not a receipt: it does not begin with {HEADER}")
    try:
        parsed = parse_proof(untrusted)
    except MalformedNote as error:
        raise BadEntry(None, "receipt form", str(error), str(proof)) from None
    opened = open_trusted(parsed.checkpoint, trust, str(proof), every_type=False, quorum=require_witnesses)
    head = opened.checkpoint.head
    try:
        # The leaf is the entry's own hash, size and root are the checkpoint's: nothing is the receipt's word.
        verify_inclusion(leaf_hash(data), parsed.index, head.size, parsed.hashes, head.root)
    except ProofRejected as error:
        raise BadEntry(parsed.index, "inclusion", str(error), str(proof)) from None
    return _describe(parsed, data, opened, trust, str(entry))


def _describe(
    proof: TlogProof, data: bytes, opened: TrustedCheckpoint, trust: Trust, path: str
) -> ReceiptReport:
    index = proof.index
    entry = check_single(data, index, trust, path)
    found = [(item.name, opened.checkpoint.find_cosignature(item.key)) for item in opened.witnesses]
    return ReceiptReport(
        origin=opened.checkpoint.head.origin,
        index=index,
        kind=entry.kind.value,
        at=entry.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        leaf=entry.leaf.hex(),
        size=opened.checkpoint.head.size,
        hashes=len(proof.hashes),
        log_signatures=len(opened.checkpoint.log_signatures),
        cosignatures={name: show_time(item.time or 0) for name, item in found if item is not None},
    )


def show_time(seconds: int) -> str:
    """Return POSIX seconds as UTC; what no calendar knows stays a number."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, ValueError, OSError):
        return str(seconds)
