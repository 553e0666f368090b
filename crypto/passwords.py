"""Passwords: Argon2id (RFC 9106) with OWASP's 46 MiB, one pass, one lane.

Unknown users cost as much as known ones (a dummy hash), so time tells nobody who exists. At most a few hashes
run at once, so a flood of logins cannot take the machine's memory. It must never log or return a password.
"""

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from crypto.errors import CryptoError

MAX_PASSWORD_CHARACTERS = 256
_PARALLEL_HASHES = 2
_HASHER = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1, hash_len=32, type=Type.ID)
_slots = threading.BoundedSemaphore(_PARALLEL_HASHES)


def hash_password(password: str) -> str:
    """Return the PHC string to store; raises CryptoError for an empty or overlong password."""
    if not 1 <= len(password) <= MAX_PASSWORD_CHARACTERS:
        raise CryptoError("a password has 1 to 256 characters")
    with _slots:
        return _HASHER.hash(_normal(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Say whether `password` fits; None (no such user) takes as long and is always False."""
    if len(password) > MAX_PASSWORD_CHARACTERS:
        return False
    expected = _dummy_hash() if stored is None else stored
    with _slots:
        try:
            _HASHER.verify(expected, _normal(password))
        except (Argon2Error, InvalidHashError):
            return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Say whether a stored hash was made with other parameters than today's."""
    try:
        return _HASHER.check_needs_rehash(stored)
    except InvalidHashError:
        return True


def _normal(password: str) -> bytes:
    # Keyboards differ in whether they compose Vietnamese letters; the person typed the same password.
    # Browsers can send lone surrogates; they must fail as a wrong password, not as an error.
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


@cache
def _dummy_hash() -> str:
    return _HASHER.hash(b"no user has this password")
