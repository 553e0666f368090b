"""Ed25519 keys (RFC 8032): made, named, and the one place that verifies.

A key's name is derived from the key, so a name can never point to another key. Private keys are stored by
`crypto.keyfile` alone; they must never be printed, logged or put into an error.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.digest import b64decode, b64encode
from crypto.errors import BadSignature, MalformedEncoding, MalformedKey

PUBLIC_KEY_LENGTH = 32
SIGNATURE_LENGTH = 64
_KEY_ID_DOMAIN = b"kt1/key/v1\n"

# Points of small order, in every encoding OpenSSL reads. Under such a key a signature can be made to fit any
# message, so whoever enrolled one could later deny everything. The list can be recomputed: see its unit test.
_SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "00" * 31 + "80",
        "01" + "00" * 31,
        "01" + "00" * 30 + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ec" + "ff" * 30 + "7f",
        "ec" + "ff" * 31,
        "ed" + "ff" * 30 + "7f",
        "ed" + "ff" * 31,
        "ee" + "ff" * 30 + "7f",
        "ee" + "ff" * 31,
    )
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key: `raw` is its 32 bytes; raises MalformedKey for anything else."""

    raw: bytes
    key_id: str = field(init=False, compare=False)
    _handle: Ed25519PublicKey = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check the key once, and keep the library's handle and the derived name."""
        if type(self.raw) is not bytes or len(self.raw) != PUBLIC_KEY_LENGTH:
            raise MalformedKey("a public key is 32 bytes")
        if self.raw in _SMALL_ORDER:
            raise MalformedKey("a public key of small order proves nothing")
        object.__setattr__(self, "key_id", hashlib.sha256(_KEY_ID_DOMAIN + self.raw).hexdigest()[:16])
        object.__setattr__(self, "_handle", Ed25519PublicKey.from_public_bytes(self.raw))

    @classmethod
    def from_text(cls, untrusted: str) -> Self:
        """Read standard base64 of the 32 bytes; raises MalformedKey."""
        try:
            return cls(b64decode(untrusted))
        except MalformedEncoding:
            raise MalformedKey("a public key is 32 bytes in base64") from None

    def to_text(self) -> str:
        """Return standard base64 of the 32 bytes."""
        return b64encode(self.raw)

    def to_pem(self) -> bytes:
        """Return SubjectPublicKeyInfo PEM (RFC 8410), for programs that are not ours."""
        return self._handle.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise BadSignature unless `signature` (64 bytes) is this key's over exactly `message`."""
        try:
            self._handle.verify(signature, message)
        except InvalidSignature:
            raise BadSignature("the signature does not fit message and key") from None

    def __reduce__(self) -> tuple[type[Self], tuple[bytes]]:
        """Travel between processes as the 32 bytes alone; the handle cannot."""
        return (type(self), (self.raw,))


class SigningKey:
    """An Ed25519 private key in memory. Its representation shows the public name only."""

    __slots__ = ("_private", "public_key")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public_key = PublicKey(private.public_key().public_bytes_raw())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Build a key from its 32-byte RFC 8032 seed; raises MalformedKey."""
        if len(seed) != PUBLIC_KEY_LENGTH:
            raise MalformedKey("a seed is 32 bytes")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def to_pkcs8(self) -> bytes:
        """Return the private key as PKCS#8 DER in the clear: only for `crypto.keyfile`, which encrypts it."""
        return self._private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over `message`."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"SigningKey({self.public_key.key_id})"


def generate_signing_key() -> SigningKey:
    """Make a new key from the operating system's randomness."""
    return SigningKey(Ed25519PrivateKey.generate())
