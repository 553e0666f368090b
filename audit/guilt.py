"""Proof that a log shows two histories: two of its checkpoints of one size with two roots.

Anyone with the log's public key can check it, and nobody without its private key can make it, so it must be
kept and passed on, never dropped. A consistency proof that fails is no such proof: nobody has signed it.
Format: docs/formats/witness.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.errors import MalformedNote, NoteRefused
from audit.note import MAX_NOTE_BYTES
from audit.tree_head import parse_decimal
from audit.vkey import VerifierKey

HEADER = b"kt1/guilt/1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOfGuilt:
    """The two notes as they were received, the smaller root first."""

    first: bytes
    second: bytes

    def to_bytes(self) -> bytes:
        """Return the file; `parse_guilt` of it gives this proof back."""
        return HEADER + b"".join(b"%d\n%s" % (len(note), note) for note in (self.first, self.second))


def make_guilt(*notes: tuple[bytes, bytes]) -> ProofOfGuilt:
    """Put two notes, each behind its root, in the order of the file."""
    (_, first), (_, second) = sorted(notes)
    return ProofOfGuilt(first=first, second=second)


def find_guilt(one: Checkpoint, other: Checkpoint) -> ProofOfGuilt | None:
    """Return the proof if two verified checkpoints of one log contradict each other by themselves."""
    if one.head.origin != other.head.origin or one.head.size != other.head.size:
        return None
    if one.head.root == other.head.root:
        return None
    return make_guilt((one.head.root, one.data), (other.head.root, other.data))


def parse_guilt(untrusted: bytes) -> ProofOfGuilt:
    """Read a proof of guilt; raises MalformedNote. Nothing is verified yet."""
    if not untrusted.startswith(HEADER):
        raise MalformedNote("not a proof of guilt")
    first, rest = _take_note(untrusted[len(HEADER) :])
    second, rest = _take_note(rest)
    if rest:
        raise MalformedNote("something follows the second note")
    return ProofOfGuilt(first=first, second=second)


def verify_guilt(proof: ProofOfGuilt, *, log_keys: Iterable[VerifierKey]) -> tuple[Checkpoint, Checkpoint]:
    """Return both checkpoints; raises MalformedNote or NoteRefused unless they convict a known log."""
    keys = tuple(log_keys)
    first = open_checkpoint(proof.first, log_keys=keys)
    second = open_checkpoint(proof.second, log_keys=keys)
    if find_guilt(first, second) != proof:
        raise NoteRefused("the two checkpoints do not contradict each other")
    return first, second


def _take_note(untrusted: bytes) -> tuple[bytes, bytes]:
    number, newline, rest = untrusted.partition(b"\n")
    if not newline or len(number) > 7 or not number.isdigit():
        raise MalformedNote("the length of a note is a number on a line")
    length = parse_decimal(number.decode())
    if length > MAX_NOTE_BYTES or len(rest) < length:
        raise MalformedNote("the file ends inside a note")
    return rest[:length], rest[length:]
