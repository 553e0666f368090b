"""The port through which everything of ours signs, and its file adapter.

A token (PKCS#11) becomes another class with the same members. A signer must never hand out its private
key.
"""

from enum import StrEnum
from typing import Protocol

from crypto.keys import PublicKey, SigningKey


class Algorithm(StrEnum):
    """What a signer signs with."""

    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"


class VerifyingKey(Protocol):
    """The public half of a key, of whatever algorithm."""

    @property
    def key_id(self) -> str:
        """Name of the key: 16 hexadecimal digits."""
        ...

    @property
    def raw(self) -> bytes:
        """The key's bytes as its standard encodes them."""
        ...

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `crypto.errors.BadSignature` unless the signature is this key's over exactly `message`."""
        ...


class AnySigner(Protocol):
    """Whatever can sign under one key, of whatever algorithm; every `Signer` is one."""

    @property
    def algorithm(self) -> Algorithm:
        """What `sign` signs with."""
        ...

    @property
    def public_key(self) -> VerifyingKey:
        """The public half of the key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`."""
        ...


class Signer(Protocol):
    """Whatever can sign under one Ed25519 key."""

    @property
    def algorithm(self) -> Algorithm:
        """Always Ed25519: entries and envelopes know nothing else."""
        ...

    @property
    def key_id(self) -> str:
        """Name of the key: 16 hexadecimal digits."""
        ...

    @property
    def public_key(self) -> PublicKey:
        """The public half of the key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over `message`."""
        ...


class FileSigner:
    """Signs with a key held in memory, as `crypto.keyfile` read it."""

    __slots__ = ("_key", "algorithm", "key_id", "public_key")

    def __init__(self, key: SigningKey) -> None:
        self._key = key
        self.algorithm = Algorithm.ED25519
        self.public_key = key.public_key
        self.key_id = key.public_key.key_id

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over `message`."""
        return self._key.sign(message)
