"""Signatures under checkpoints (C2SP tlog-cosignature): what each type signs, how it is made and verified.

`0x01` signs the note's text. `0x04` and `0x06` put a time before it; `0x06` also signs the signer's name, and
of the checkpoint only origin, size and root. Whoever verifies must never take these from anywhere but the
note's text. Messages begin differently, so none can be read as another. Format: docs/formats/checkpoint.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from audit.errors import MalformedNote
from audit.note import NoteSignature
from audit.tree_head import TreeHead, parse_tree_head
from audit.vkey import SignatureType, VerifierKey
from crypto.errors import BadSignature
from crypto.keys import SIGNATURE_LENGTH, PublicKey
from crypto.mldsa import MLDSA_SIGNATURE_LENGTH, MlDsaPublicKey
from crypto.signer import AnySigner

MAX_TIME = (1 << 63) - 1
_TIME_LENGTH = 8
_SUBTREE_LABEL = b"subtree/v1\n\0"


def cosignature_message(text: str, time: int) -> bytes:
    """Return what a `0x04` signature covers: two lines and the whole text, extension lines too."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def subtree_message(name: str, time: int, head: TreeHead) -> bytes:
    """Return what a `0x06` signature covers for the whole tree of a checkpoint (start 0, end size)."""
    signer, origin = name.encode(), head.origin.encode()
    return b"".join(
        (
            _SUBTREE_LABEL,
            len(signer).to_bytes(1, "big"),
            signer,
            time.to_bytes(8, "big"),
            len(origin).to_bytes(1, "big"),
            origin,
            (0).to_bytes(8, "big"),
            head.size.to_bytes(8, "big"),
            head.root,
        )
    )


@dataclass(frozen=True, slots=True)
class CheckpointVerifier:
    """Verifies one known key's signatures under checkpoints, of whatever type (`audit.note.Verifier`)."""

    key: VerifierKey

    def verify(self, text: str, signature: bytes) -> int | None:
        """Return the signature's time, None for `0x01`; raises BadSignature."""
        if self.key.type is SignatureType.ED25519:
            _verify(self.key, signature, text.encode(), SIGNATURE_LENGTH)
            return None
        time = int.from_bytes(signature[:_TIME_LENGTH], "big")
        if time > MAX_TIME:
            raise BadSignature("the time of a signature is at most 2^63-1")
        rest = signature[_TIME_LENGTH:]
        if self.key.type is SignatureType.ED25519_COSIGNATURE:
            _verify(self.key, rest, cosignature_message(text, time), SIGNATURE_LENGTH)
        else:
            try:
                message = subtree_message(self.key.name, time, parse_tree_head(text))
            except MalformedNote:
                raise BadSignature("a signature of type 0x06 is under a checkpoint") from None
            _verify(self.key, rest, message, MLDSA_SIGNATURE_LENGTH)
        return time


@dataclass(frozen=True, slots=True)
class CheckpointSigner:
    """Makes one key's signatures under checkpoints: the key as others know it, and whatever signs with it."""

    key: VerifierKey
    signer: AnySigner

    def __post_init__(self) -> None:
        """Refuse a signer whose signatures this key would not verify."""
        if self.signer.public_key.raw != self.key.public_key.raw:
            raise MalformedNote(f"the signer of {self.key.name} holds another key")

    def sign(self, head: TreeHead, *, time: int) -> NoteSignature:
        """Sign a tree head at `time` (POSIX seconds, at least 1); `0x01` says no time."""
        if not 0 < time <= MAX_TIME:
            raise MalformedNote("a signature is dated with a time after 1970")
        stamp = time.to_bytes(_TIME_LENGTH, "big")
        if self.key.type is SignatureType.ED25519:
            signature = self.signer.sign(head.to_text().encode())
        elif self.key.type is SignatureType.ED25519_COSIGNATURE:
            signature = stamp + self.signer.sign(cosignature_message(head.to_text(), time))
        else:
            signature = stamp + self.signer.sign(subtree_message(self.key.name, time, head))
        return NoteSignature(name=self.key.name, key_id=self.key.key_id, signature=signature)


def make_signer(name: str, kind: SignatureType, signer: AnySigner) -> CheckpointSigner:
    """Give a signer its name and use; raises MalformedNote when the use is not one of its algorithm."""
    public_key = signer.public_key
    if not isinstance(public_key, PublicKey | MlDsaPublicKey):
        raise MalformedNote("a checkpoint is signed with Ed25519 or ML-DSA-44")
    return CheckpointSigner(VerifierKey(name, kind, public_key), signer)


def verifiers(keys: Iterable[VerifierKey]) -> list[CheckpointVerifier]:
    """Return what `audit.note.open_note` needs to know these keys."""
    return [CheckpointVerifier(key) for key in keys]


def _verify(key: VerifierKey, signature: bytes, message: bytes, length: int) -> None:
    if len(signature) != length:
        raise BadSignature("the signature has the wrong length")
    key.public_key.verify(signature, message)
