"""SHA-256 and strict base64: the two encodings every format of ours is made of.

Decoding must never be lenient: what decodes but does not encode back to the same text is refused, because two
spellings of one signature would be two different entries with the same meaning.
"""

import binascii
import hashlib
import re

from crypto.errors import MalformedEncoding

HEX_DIGEST_LENGTH = 64
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")


def sha256(data: bytes) -> bytes:
    """Return the 32 bytes of SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


def sha256_hex(data: bytes) -> str:
    """Return SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the RFC 6962 section 2.1 leaf hash: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def parse_hex_digest(text: str) -> bytes:
    """Read 64 lower-case hexadecimal digits as 32 bytes; raises MalformedEncoding."""
    if not _HEX_DIGEST.fullmatch(text):
        raise MalformedEncoding("a digest is 64 lower-case hexadecimal digits")
    return bytes.fromhex(text)


def b64encode(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 section 4)."""
    return binascii.b2a_base64(data, newline=False).decode()


def b64decode(untrusted: str) -> bytes:
    """Read standard base64 with padding; raises MalformedEncoding unless it encodes back to the same text."""
    try:
        # The lenient decoder is the faster one; what it let pass does not encode back to the same text.
        data = binascii.a2b_base64(untrusted)
    except ValueError:
        raise MalformedEncoding("not base64") from None
    if b64encode(data) != untrusted:
        raise MalformedEncoding("base64 is not in its canonical spelling")
    return data
