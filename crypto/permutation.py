"""A keyed shuffle of the serials 0 to 99,999,999: codes that never repeat and never tell how many there are.

A Feistel network over pairs of numbers below 10^4 (FE2 of Bellare and others, "Format-Preserving Encryption",
2009, with HMAC-SHA256 as round function). 10^4 x 10^4 is the whole range, so no cycle walking is needed. It
must never be changed once a serial was given out: another network would repeat codes.
"""

import hmac

from crypto.errors import CryptoError, MalformedKey

SERIALS = 10**8
_HALF = 10**4
_ROUNDS = 10
_MIN_KEY = 16


class SerialPermutation:
    """A bijection of 0..10^8-1 chosen by `key` (at least 16 bytes)."""

    def __init__(self, key: bytes) -> None:
        if len(key) < _MIN_KEY:
            raise MalformedKey("a permutation key has at least 16 bytes")
        self._key = key

    def apply(self, number: int) -> int:
        """Return the serial for the `number`-th code; raises CryptoError outside 0..10^8-1."""
        left, right = divmod(_checked(number), _HALF)
        for step in range(_ROUNDS):
            left, right = right, (left + self._round(step, right)) % _HALF
        return left * _HALF + right

    def invert(self, serial: int) -> int:
        """Return the number whose code has `serial`."""
        left, right = divmod(_checked(serial), _HALF)
        for step in reversed(range(_ROUNDS)):
            left, right = (right - self._round(step, left)) % _HALF, left
        return left * _HALF + right

    def _round(self, step: int, half: int) -> int:
        message = b"kt1/serial/v1\n" + step.to_bytes(1, "big") + half.to_bytes(2, "big")
        return int.from_bytes(hmac.digest(self._key, message, "sha256")[:8], "big")


def _checked(number: int) -> int:
    if not 0 <= number < SERIALS:
        raise CryptoError("a serial lies in 0..99999999")
    return number
