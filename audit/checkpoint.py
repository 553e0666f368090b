"""Checkpoints: signed tree heads. Signing one, opening one, and adding what witnesses answered.

`open_checkpoint` is the only source of a size and a root that may be believed. A log's key counts only for
the origin it is named after; who witnesses never stands in for the log. Two checkpoints of one log that do
not continue each other must never be signed: whoever calls keeps the store that prevents it. Format:
docs/formats/checkpoint.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from audit.cosign import CheckpointSigner, verifiers
from audit.errors import MalformedNote, NoteRefused
from audit.note import VerifiedSignature, format_note, open_note, parse_note, parse_signature_lines
from audit.tree_head import TreeHead, parse_tree_head
from audit.vkey import LOG_TYPES, WITNESS_TYPES, SignatureType, VerifierKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree head signed by its log, and the known witnesses who cosigned it. `data` is the note as read."""

    head: TreeHead
    log_signatures: tuple[VerifiedSignature, ...]
    cosignatures: tuple[VerifiedSignature, ...]
    data: bytes

    @property
    def log_types(self) -> frozenset[SignatureType]:
        """How the log signed: an Ed25519 line, an ML-DSA-44 line, or both."""
        return frozenset(signature.key.type for signature in self.log_signatures)

    def find_cosignature(self, key: VerifierKey) -> VerifiedSignature | None:
        """Return the witness's latest cosignature; one without a time states nothing a quorum could count."""
        dated = [item for item in self.cosignatures if item.key == key and item.time]
        return max(dated, key=lambda item: item.time or 0, default=None)


def sign_checkpoint(head: TreeHead, signers: Sequence[CheckpointSigner], *, time: int) -> bytes:
    """Sign a tree head with the log's keys at `time` (POSIX seconds); raises MalformedNote.

    Every signer bears the origin's name. ML-DSA-44 alone would be valid, but C2SP wants Ed25519 beside it.
    """
    if head.extensions or head.is_hollow:
        raise MalformedNote("a log signs no extension lines, and no root of nothing but the right one")
    for signer in signers:
        _check_log_key(signer.key)
        if signer.key.name != head.origin:
            raise MalformedNote("a log's key is named after its origin")
    return format_note(head.to_text(), [signer.sign(head, time=time) for signer in signers])


def open_checkpoint(
    untrusted: bytes, *, log_keys: Iterable[VerifierKey], witness_keys: Iterable[VerifierKey] = ()
) -> Checkpoint:
    """Verify a checkpoint; raises MalformedNote or NoteRefused.

    At least one signature by a key of `log_keys` named after the checkpoint's origin must hold, and no
    signature of any known key may fail. Whether the cosignatures suffice is the policy's question.
    """
    logs, witnesses = frozenset(log_keys), frozenset(witness_keys)
    for key in logs:
        _check_log_key(key)
    if not all(key.type in WITNESS_TYPES for key in witnesses):
        raise MalformedNote("a witness's key is of type 0x04 or 0x06")
    if {key.public_key.raw for key in logs} & {key.public_key.raw for key in witnesses}:
        raise NoteRefused("one key is known as a log's and as a witness's")
    opened = open_note(untrusted, verifiers(logs | witnesses))
    head = parse_tree_head(opened.text)
    by_log = tuple(item for item in opened.verified if item.key in logs)
    if not by_log:
        raise NoteRefused("no known log has signed the checkpoint")
    if any(item.key.name != head.origin for item in by_log):
        raise NoteRefused("the checkpoint is signed by the key of another log than its origin names")
    if head.extensions and all(item.key.type is SignatureType.ML_DSA_44 for item in by_log):
        raise NoteRefused("extension lines are not covered by the log's signature of type 0x06")
    by_witnesses = tuple(item for item in opened.verified if item.key in witnesses)
    return Checkpoint(head=head, log_signatures=by_log, cosignatures=by_witnesses, data=untrusted)


def add_cosignatures(
    checkpoint: Checkpoint, untrusted_lines: bytes, *, witness_keys: Iterable[VerifierKey]
) -> Checkpoint:
    """Add what a witness answered; raises MalformedNote or NoteRefused when no line of a known witness holds.

    Lines of unknown keys are dropped. Of several cosignatures by one key the latest stays.
    """
    try:
        lines = parse_signature_lines(untrusted_lines.decode())
    except UnicodeDecodeError:
        raise MalformedNote("signature lines are UTF-8") from None
    text = checkpoint.head.to_text()
    fresh = open_note(format_note(text, lines), verifiers(witness_keys)).verified
    cosignatures = _latest((*checkpoint.cosignatures, *fresh))
    data = format_note(text, [item.line for item in (*checkpoint.log_signatures, *cosignatures)])
    return Checkpoint(
        head=checkpoint.head,
        log_signatures=checkpoint.log_signatures,
        cosignatures=cosignatures,
        data=data,
    )


def keep_signatures(checkpoint: Checkpoint, keys: Iterable[VerifierKey]) -> bytes:
    """Return the note with the verified signatures of these keys only, each in its latest form."""
    wanted = frozenset(keys)
    kept = _latest((*checkpoint.log_signatures, *checkpoint.cosignatures))
    return format_note(checkpoint.head.to_text(), [item.line for item in kept if item.key in wanted])


def read_head(untrusted: bytes) -> TreeHead:
    """Return what a checkpoint claims, unverified: only to find out whose keys to verify it with."""
    return parse_tree_head(parse_note(untrusted).untrusted_text)


def _latest(signatures: Iterable[VerifiedSignature]) -> tuple[VerifiedSignature, ...]:
    """Return one signature for each key, its latest, in the order the keys appear in."""
    latest: dict[VerifierKey, VerifiedSignature] = {}
    for item in signatures:
        kept = latest.setdefault(item.key, item)
        if (item.time or 0) > (kept.time or 0):
            latest[item.key] = item
    return tuple(latest.values())


def _check_log_key(key: VerifierKey) -> None:
    if key.type not in LOG_TYPES:
        raise MalformedNote("a log's key is of type 0x01 or 0x06")
