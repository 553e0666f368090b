"""Salted commitments: how a personal or classified value reaches the log without being in it.

The log holds the digest; salt and value lie sealed in the database. Showing both proves the value; erasing
the salt makes the digest meaningless and breaks no proof. A commitment must never be made without a fresh
salt: short values could be guessed.
"""

import os
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from crypto.digest import sha256_hex
from crypto.errors import BadCommitment, NotCanonical

SALT_LENGTH = 32
_DOMAIN = b"kt1/commitment/v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """`digest` (64 hexadecimal digits) goes to the log, `salt` (32 bytes) to the vault."""

    digest: str
    salt: bytes


class Opening(NamedTuple):
    """What discloses a commitment."""

    salt: bytes
    value: str


def commit(label: str, value: str, salt: bytes | None = None) -> Commitment:
    """Commit to `value` under `label`; a fresh salt unless one is given to recompute a digest."""
    salt = os.urandom(SALT_LENGTH) if salt is None else salt
    return Commitment(digest=_digest(label, value, salt), salt=salt)


def verify_commitment(digest: str, label: str, opening: Opening) -> None:
    """Raise BadCommitment unless salt and value are what was committed to under `label`."""
    if len(opening.salt) != SALT_LENGTH or _digest(label, opening.value, opening.salt) != digest:
        raise BadCommitment(f"the disclosed {label!r} is not what was committed to")


def pack_opening(commitment: Commitment, value: str) -> str:
    """Return the text the vault seals: the salt in hexadecimal, a newline, the value."""
    return commitment.salt.hex() + "\n" + value


def unpack_opening(text: str) -> Opening:
    """Read what `pack_opening` wrote; raises BadCommitment."""
    salt, newline, value = text.partition("\n")
    try:
        raw = bytes.fromhex(salt)
    except ValueError:
        raw = b""
    if not newline or len(raw) != SALT_LENGTH:
        raise BadCommitment("not a salt and a value")
    return Opening(raw, value)


def _digest(label: str, value: str, salt: bytes) -> str:
    if len(salt) != SALT_LENGTH:
        raise BadCommitment("a salt is 32 bytes")
    if not unicodedata.is_normalized("NFC", value):
        raise NotCanonical("text is not in NFC")
    try:
        name, content = label.encode("ascii"), value.encode()
    except UnicodeEncodeError:
        raise NotCanonical("a label is ASCII, a value is free of lone surrogates") from None
    # The label's length goes first, so that no label and value can be shifted into another pair.
    return sha256_hex(_DOMAIN + len(name).to_bytes(2, "big") + name + salt + content)
