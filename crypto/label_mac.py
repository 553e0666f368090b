"""What only a printed label carries: the MAC in its QR code, and the hidden tail under its barcode.

QR text is `code|key id|MAC`. The MAC says only that we printed the label, never what the consignment is. A
text that does not verify must never yield a code. The tail is a few characters that a person keys behind the
code, `code-tail`, to show that the label is before their eyes; it is short, so whoever verifies it counts the
wrong ones. Format: docs/formats/label.md.
"""

import base64
import hmac
from collections.abc import Mapping

from crypto.errors import ForgedLabel, MalformedKey

MAC_LENGTH = 16
_MAC_BYTES = 10
TAIL_LENGTH = 5
# Crockford's base 32: no letter that is taken for a digit, and none that makes a word with its neighbours.
_TAIL_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")
_MIN_KEY = 16
_MAX_CODE = 64
_MAX_KEY_ID = 8


class LabelKeys:
    """Tags under the active key, verifies under every key it holds."""

    def __init__(self, keys: Mapping[str, bytes], active: str) -> None:
        if active not in keys:
            raise MalformedKey("the active label key is not among the keys")
        for key_id, key in keys.items():
            if len(key) < _MIN_KEY:
                raise MalformedKey("a label key has at least 16 bytes")
            if not (key_id.isascii() and key_id.isalnum() and len(key_id) <= _MAX_KEY_ID):
                raise MalformedKey("a label key id is 1 to 8 ASCII letters and digits")
        self.active = active
        self._keys = dict(keys)

    def tag(self, code: str) -> str:
        """Return `key id|MAC`, the part of the QR text after the code and its bar."""
        return f"{self.active}|{_mac(self._keys[self.active], code)}"

    def qr_text(self, code: str) -> str:
        """Return the whole QR text `code|key id|MAC`."""
        return f"{code}|{self.tag(code)}"

    def tail(self, code: str) -> str:
        """Return the hidden tail of a code: what a new label shows under its barcode, and nothing else."""
        return _tail(self._keys[self.active], code)

    def verify_tail(self, code: str, untrusted_tail: str) -> None:
        """Check what was keyed behind a code; raises ForgedLabel unless a label of ours carries it.

        A tail names no key, so every key held is tried: a label outlives the key that was active.
        """
        read = untrusted_tail.upper().translate(_READ_AS).encode()
        # Every key is tried whatever the first ones say, so that the time taken tells nothing.
        fits = [hmac.compare_digest(_tail(key, code).encode(), read) for key in self._keys.values()]
        if not any(fits):
            raise ForgedLabel("the characters under the barcode are others")

    def verify(self, untrusted_qr: str) -> str:
        """Return the code of a genuine QR text; raises ForgedLabel for everything else."""
        parts = untrusted_qr.split("|")
        if len(parts) != 3 or not untrusted_qr.isascii() or not 1 <= len(parts[0]) <= _MAX_CODE:
            raise ForgedLabel("not the QR text of a label")
        code, key_id, untrusted_mac = parts
        key = self._keys.get(key_id)
        if key is None:
            raise ForgedLabel("the label names an unknown key")
        if not hmac.compare_digest(_mac(key, code), untrusted_mac):
            raise ForgedLabel("the label's MAC is wrong")
        return code


def _tail(key: bytes, code: str) -> str:
    digest = hmac.digest(key, b"kt1/label-tail/v1\n" + code.encode(), "sha256")
    first = int.from_bytes(digest[:4]) >> 32 - 5 * TAIL_LENGTH
    return "".join(_TAIL_ALPHABET[first >> 5 * at & 31] for at in reversed(range(TAIL_LENGTH)))


def _mac(key: bytes, code: str) -> str:
    digest = hmac.digest(key, b"kt1/label/v1\n" + code.encode(), "sha256")
    return base64.b32encode(digest[:_MAC_BYTES]).decode()
