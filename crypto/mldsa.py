"""ML-DSA-44 keys (FIPS 204): the second signature under a checkpoint, for the day Ed25519 no longer counts.

Made like the keys of `crypto.keys` and stored by `crypto.keyfile` alone: private keys
must never be printed, logged or put into an error. Signing is hedged (randomised):
two signatures over one message differ. Pure mode, empty context. It must never sign anything but checkpoints.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from crypto.digest import b64decode, b64encode
from crypto.errors import BadSignature, MalformedEncoding, MalformedKey
from crypto.signer import Algorithm

MLDSA_PUBLIC_KEY_LENGTH = 1_312
MLDSA_SIGNATURE_LENGTH = 2_420
SEED_LENGTH = 32
_KEY_ID_DOMAIN = b"kt1/mldsa44-key/v1\n"


@dataclass(frozen=True, slots=True)
class MlDsaPublicKey:
    """An ML-DSA-44 public key: `raw` is its 1,312 bytes; raises MalformedKey for anything else."""

    raw: bytes = field(repr=False)
    key_id: str = field(init=False, compare=False)
    _handle: MLDSA44PublicKey = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check the key once, and keep the library's handle and the derived name."""
        if type(self.raw) is not bytes or len(self.raw) != MLDSA_PUBLIC_KEY_LENGTH:
            raise MalformedKey("an ML-DSA-44 public key is 1312 bytes")
        object.__setattr__(self, "key_id", hashlib.sha256(_KEY_ID_DOMAIN + self.raw).hexdigest()[:16])
        object.__setattr__(self, "_handle", MLDSA44PublicKey.from_public_bytes(self.raw))

    @classmethod
    def from_text(cls, untrusted: str) -> Self:
        """Read standard base64 of the 1,312 bytes; raises MalformedKey."""
        try:
            return cls(b64decode(untrusted))
        except MalformedEncoding:
            raise MalformedKey("an ML-DSA-44 public key is 1312 bytes in base64") from None

    def to_text(self) -> str:
        """Return standard base64 of the 1,312 bytes."""
        return b64encode(self.raw)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise BadSignature unless `signature` (2,420 bytes) is this key's over exactly `message`."""
        try:
            self._handle.verify(signature, message)
        except (InvalidSignature, ValueError):
            raise BadSignature("the signature does not fit message and key") from None

    def __reduce__(self) -> tuple[type[Self], tuple[bytes]]:
        """Travel between processes as the bytes alone; the handle cannot."""
        return (type(self), (self.raw,))


class MlDsaSigningKey:
    """An ML-DSA-44 private key in memory. Its representation shows the public name only."""

    __slots__ = ("_private", "public_key")

    def __init__(self, private: MLDSA44PrivateKey) -> None:
        self._private = private
        self.public_key = MlDsaPublicKey(private.public_key().public_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Build a key from its 32-byte FIPS 204 seed; raises MalformedKey."""
        if len(seed) != SEED_LENGTH:
            raise MalformedKey("a seed is 32 bytes")
        return cls(MLDSA44PrivateKey.from_seed_bytes(seed))

    def to_pkcs8(self) -> bytes:
        """Return the private key as PKCS#8 DER in the clear: only for `crypto.keyfile`, which encrypts it."""
        return self._private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, message: bytes) -> bytes:
        """Return a 2,420-byte signature over `message`."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"MlDsaSigningKey({self.public_key.key_id})"


class MlDsaFileSigner:
    """Signs with an ML-DSA-44 key held in memory, read from an encrypted file (`crypto.signer.AnySigner`)."""

    __slots__ = ("_key", "algorithm", "key_id", "public_key")

    def __init__(self, key: MlDsaSigningKey) -> None:
        self._key = key
        self.algorithm = Algorithm.ML_DSA_44
        self.public_key = key.public_key
        self.key_id = key.public_key.key_id

    def sign(self, message: bytes) -> bytes:
        """Return a 2,420-byte signature over `message`."""
        return self._key.sign(message)


def generate_mldsa_key() -> MlDsaSigningKey:
    """Make a new key from the operating system's randomness."""
    return MlDsaSigningKey(MLDSA44PrivateKey.generate())
