"""Field encryption: what the database keeps of abstracts, names and document numbers.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. Key name and context (table, column, row) are bound
as associated data, so a sealed value copied to another row or column does not open. An error must never say
which part failed, and must never contain the value.
"""

import hmac
import os
from collections.abc import Mapping
from typing import NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors import MalformedKey, VaultError

SealedValue = NewType("SealedValue", bytes)
"""version byte 1 | length of key id | key id (ASCII) | 12-byte nonce | ciphertext and 16-byte tag."""

KEY_LENGTH = 32
_VERSION = 1
_NONCE_LENGTH = 12
_TAG_LENGTH = 16
_MAX_KEY_ID = 32
_CANNOT_OPEN = "the sealed value cannot be opened here"


class Vault:
    """Seals under the active key, opens under every key it holds: that is how keys rotate."""

    def __init__(self, keys: Mapping[str, bytes], active: str) -> None:
        if active not in keys:
            raise MalformedKey("the active vault key is not among the keys")
        for key_id, key in keys.items():
            if len(key) != KEY_LENGTH:
                raise MalformedKey("a vault key is 32 bytes")
            if not (key_id.isascii() and key_id.isprintable() and 1 <= len(key_id) <= _MAX_KEY_ID):
                raise MalformedKey("a vault key id is 1 to 32 printable ASCII characters")
        self.active = active
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        # A key of its own for each use: the index key is derived, so index and ciphertext share nothing.
        self._index_keys = {
            key_id: hmac.digest(key, b"kt1/vault/blind-index/v1\n", "sha256") for key_id, key in keys.items()
        }

    def seal(self, value: str, *, context: str) -> SealedValue:
        """Encrypt `value` under the active key, bound to `context` (such as `consignments.abstract/17`)."""
        nonce = os.urandom(_NONCE_LENGTH)
        name = self.active.encode()
        sealed = self._ciphers[self.active].encrypt(nonce, value.encode(), _bound(self.active, context))
        return SealedValue(bytes((_VERSION, len(name))) + name + nonce + sealed)

    def open(self, blob: bytes, *, context: str) -> str:
        """Decrypt; raises VaultError for another context, an unknown key or any changed byte."""
        key_id, nonce, sealed = _split(blob)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise VaultError(_CANNOT_OPEN)
        try:
            return cipher.decrypt(nonce, sealed, _bound(key_id, context)).decode()
        except (InvalidTag, UnicodeDecodeError):
            raise VaultError(_CANNOT_OPEN) from None

    def reseal(self, blob: bytes, *, context: str) -> SealedValue | None:
        """Return the value sealed under the active key, or None when it already is (and does open)."""
        value = self.open(blob, context=context)
        if _split(blob)[0] == self.active:
            return None
        return self.seal(value, context=context)

    def blind_index(self, text: str, *, context: str) -> bytes:
        """Return 32 bytes that are equal for equal text under the active key, and say nothing else."""
        return self._index(self.active, text, context)

    def blind_index_candidates(self, text: str, *, context: str) -> tuple[bytes, ...]:
        """Return the index under every key, active first: what a search tries during a rotation."""
        others = sorted(key_id for key_id in self._index_keys if key_id != self.active)
        return tuple(self._index(key_id, text, context) for key_id in (self.active, *others))

    def _index(self, key_id: str, text: str, context: str) -> bytes:
        name = context.encode()
        message = len(name).to_bytes(4, "big") + name + text.encode()
        return hmac.digest(self._index_keys[key_id], message, "sha256")


def _bound(key_id: str, context: str) -> bytes:
    return f"kt1/vault/v1\n{key_id}\n{context}".encode()


def _split(blob: bytes) -> tuple[str, bytes, bytes]:
    if len(blob) < 2 or blob[0] != _VERSION:
        raise VaultError(_CANNOT_OPEN)
    start = 2 + blob[1]
    name, nonce, sealed = blob[2:start], blob[start : start + _NONCE_LENGTH], blob[start + _NONCE_LENGTH :]
    if len(sealed) < _TAG_LENGTH or not name.isascii():
        raise VaultError(_CANNOT_OPEN)
    return name.decode(), nonce, sealed
