"""The MAC in a label's QR code: whoever holds the label keys refuses a forged label, without a network.

QR text is `code|key id|MAC`. The MAC says only that we printed the label, never what the consignment is. A
text that does not verify must never yield a code.
"""

import base64
import hmac
from collections.abc import Mapping

from crypto.errors import ForgedLabel, MalformedKey

MAC_LENGTH = 16
_MAC_BYTES = 10
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


def _mac(key: bytes, code: str) -> str:
    digest = hmac.digest(key, b"kt1/label/v1\n" + code.encode(), "sha256")
    return base64.b32encode(digest[:_MAC_BYTES]).decode()
