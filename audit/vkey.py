"""Names and keys of those who sign notes: key IDs and verifier keys (vkeys) of C2SP signed-note.

One key has one use: the type byte says which, and it is hashed into the key ID. The ID is four bytes, so it
only finds a key and must never stand for it: keys are compared as keys. Format: docs/formats/checkpoint.md.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from audit.errors import MalformedNote
from crypto.digest import b64decode, b64encode, sha256
from crypto.errors import CryptoError
from crypto.keys import PublicKey
from crypto.mldsa import MlDsaPublicKey

KEY_ID_LENGTH = 4
MAX_NAME_BYTES = 255


class SignatureType(IntEnum):
    """What a key signs, and how: the type byte of a vkey."""

    ED25519 = 0x01
    ED25519_COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


LOG_TYPES = frozenset({SignatureType.ED25519, SignatureType.ML_DSA_44})
WITNESS_TYPES = frozenset({SignatureType.ED25519_COSIGNATURE, SignatureType.ML_DSA_44})


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """Who signs (`name`), with which key, for what. Raises MalformedNote for a name or key that cannot be."""

    name: str
    type: SignatureType
    public_key: PublicKey | MlDsaPublicKey
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Check the parts against each other and derive the key ID."""
        check_name(self.name)
        if isinstance(self.public_key, MlDsaPublicKey) != (self.type is SignatureType.ML_DSA_44):
            raise MalformedNote("the public key is not of the type's algorithm")
        object.__setattr__(self, "key_id", note_key_id(self.name, self.type, self.public_key.raw))

    def to_text(self) -> str:
        """Return the vkey: name+hexadecimal key ID+base64 of type and key."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.type]) + self.public_key.raw)}"


def note_key_id(name: str, kind: int, raw: bytes) -> bytes:
    """Return the four bytes that name a key in a signature line."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + raw)[:KEY_ID_LENGTH]


def check_name(untrusted: str) -> None:
    """Raise MalformedNote unless this can name a key: no space of Unicode, no plus, 1 to 255 bytes."""
    if not untrusted or len(untrusted.encode(errors="replace")) > MAX_NAME_BYTES:
        raise MalformedNote(f"a key's name has 1 to {MAX_NAME_BYTES} bytes")
    if any(letter.isspace() or letter < " " or letter == "+" for letter in untrusted):
        raise MalformedNote("a key's name has no space, plus or control character")
    if any("\ud800" <= letter <= "\udfff" for letter in untrusted):
        raise MalformedNote("a key's name is UTF-8")


def parse_vkey(untrusted: str) -> VerifierKey:
    """Read a vkey; raises MalformedNote, also for a type unknown here or an ID that does not fit the key."""
    # The name holds no plus, but base64 does.
    name, _, rest = untrusted.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        data = b64decode(encoded)
        if data[:1] == bytes([SignatureType.ML_DSA_44]):
            key = VerifierKey(name, SignatureType.ML_DSA_44, MlDsaPublicKey(data[1:]))
        elif data[:1] in {bytes([SignatureType.ED25519]), bytes([SignatureType.ED25519_COSIGNATURE])}:
            key = VerifierKey(name, SignatureType(data[0]), PublicKey(data[1:]))
        else:
            raise MalformedNote("a vkey is of type 0x01, 0x04 or 0x06 here")
    except CryptoError as error:
        raise MalformedNote(f"vkey: {error}") from None
    if key.key_id.hex() != key_id:
        raise MalformedNote("the key ID of the vkey does not follow from its name and key")
    return key
