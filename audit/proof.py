"""C2SP tlog-proof files: that an entry is in the log, and that witnesses have seen the log that holds it.

A proof is believed only with the entry itself in hand: its hash must never be taken from anywhere else, and
size and root only from the checkpoint, verified under a policy. Format: docs/formats/proof.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, keep_signatures, open_checkpoint
from audit.errors import MalformedNote
from audit.merkle import verify_inclusion
from audit.note import MAX_NOTE_BYTES
from audit.policy import Policy, PolicyWitness
from audit.tree_head import TreeHead, parse_decimal, parse_hash
from audit.vkey import VerifierKey
from crypto.digest import b64decode, b64encode, leaf_hash
from crypto.errors import MalformedEncoding

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
MAX_EXTRA_BYTES = 65_535
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TlogProof:
    """A proof in form, of which nothing is verified. `untrusted_extra` is signed by nobody."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    untrusted_extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """Return the file; `parse_proof` of it gives this proof back."""
        lines = [HEADER]
        if self.untrusted_extra is not None:
            lines.append(f"extra {b64encode(self.untrusted_extra)}")
        lines.append(f"index {self.index}")
        lines += [b64encode(hashed) for hashed in self.hashes]
        return "".join(f"{line}\n" for line in (*lines, "")).encode() + self.checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a verified proof says: which entry of which tree, and which witnesses stand for it."""

    index: int
    leaf: bytes
    head: TreeHead
    checkpoint: Checkpoint
    witnesses: tuple[PolicyWitness, ...]


def make_proof(
    entry: bytes, index: int, hashes: Sequence[bytes], checkpoint: Checkpoint, *, keep: Iterable[VerifierKey]
) -> TlogProof:
    """Make the receipt of an entry: its path, and the checkpoint with the signatures of these keys only.

    Raises ProofRejected when the path does not lead to the checkpoint's root: such a receipt must not leave.
    """
    verify_inclusion(leaf_hash(entry), index, checkpoint.head.size, hashes, checkpoint.head.root)
    return TlogProof(index=index, hashes=tuple(hashes), checkpoint=keep_signatures(checkpoint, keep))


def parse_proof(untrusted: bytes) -> TlogProof:
    """Read a proof file; raises MalformedNote. Nothing is verified yet, the checkpoint not even parsed."""
    if len(untrusted) > MAX_PROOF_BYTES:
        raise MalformedNote(f"a proof is at most {MAX_PROOF_BYTES} bytes")
    head, blank, checkpoint = untrusted.partition(b"\n\n")
    if not blank or not checkpoint:
        raise MalformedNote("a blank line and a checkpoint follow the hashes of a proof")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise MalformedNote("a proof is ASCII up to its checkpoint") from None
    if lines.pop(0) != HEADER:
        raise MalformedNote(f"a proof begins with the line {HEADER}")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = _parse_extra(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index "):
        raise MalformedNote("a proof has an index")
    index = parse_decimal(lines.pop(0).removeprefix("index "))
    if len(lines) > MAX_HASHES:
        raise MalformedNote(f"a proof has at most {MAX_HASHES} hashes")
    hashes = tuple(parse_hash(line) for line in lines)
    return TlogProof(index=index, hashes=hashes, checkpoint=checkpoint, untrusted_extra=extra)


def verify_proof(proof: TlogProof, entry: bytes, policy: Policy, *, require_witnesses: bool = True) -> Proven:
    """Verify that `entry` is in a log of the policy, and that the quorum has seen it.

    Raises MalformedNote, NoteRefused, QuorumMissing or ProofRejected. With `require_witnesses=False` the
    log's own word is enough; `Proven.witnesses` then still names who cosigned.
    """
    leaf = leaf_hash(entry)
    checkpoint = open_checkpoint(proof.checkpoint, log_keys=policy.log_keys, witness_keys=policy.witness_keys)
    if require_witnesses:
        witnesses = policy.verify_quorum(checkpoint)
    else:
        witnesses = tuple(item for item in policy.witnesses if checkpoint.find_cosignature(item.key))
    head = checkpoint.head
    verify_inclusion(leaf, proof.index, head.size, proof.hashes, head.root)
    return Proven(index=proof.index, leaf=leaf, head=head, checkpoint=checkpoint, witnesses=witnesses)


def _parse_extra(untrusted: str) -> bytes:
    try:
        extra = b64decode(untrusted)
    except MalformedEncoding as error:
        raise MalformedNote(f"extra: {error}") from None
    if len(extra) > MAX_EXTRA_BYTES:
        raise MalformedNote(f"extra is at most {MAX_EXTRA_BYTES} bytes")
    return extra
