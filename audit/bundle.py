"""A bundle: the whole log as one file, headed by one signed line that says how long it is and how it ends.

    kt1-bundle/1
    {"entries":2,"exported_at":...,"format":"kt1/bundle/1","head":...,"key":...,"origin":...,"sig":...}
    two bytes of length (big-endian) and one entry, repeated

Entries are copied as stored, never written again. Format: docs/formats/bundle.md.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from struct import Struct
from typing import BinaryIO

from audit.entry import FIRST_PREV, MAX_ENTRY_BYTES, SUFFIX_LENGTH
from audit.errors import MalformedBundle
from crypto import canonical, timestamps
from crypto.canonical import JsonValue
from crypto.digest import b64decode, b64encode, leaf_hash, parse_hex_digest
from crypto.errors import CryptoError
from crypto.keys import SIGNATURE_LENGTH, PublicKey
from crypto.signer import Signer

MAGIC = b"kt1-bundle/1\n"
FORMAT = "kt1/bundle/1"
DOMAIN = b"kt1/bundle/v1\n"
MAX_HEADER_BYTES = 4_096
_NAMES = {"entries", "exported_at", "format", "head", "key", "origin", "sig"}
_LENGTH = Struct(">H")
_KEY_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleHeader:
    """How many entries follow, the leaf hash of the last, whose log it is, and who says so."""

    origin: str
    entries: int
    head: bytes
    exported_at: datetime
    key: str
    signature: bytes
    data: bytes

    def verify(self, public_key: PublicKey) -> None:
        """Raise `crypto.errors.BadSignature` unless the signature covers the header as stored."""
        public_key.verify(self.signature, DOMAIN + self.data[:-SUFFIX_LENGTH] + b"}")


def write_bundle(
    stream: BinaryIO,
    entries: Iterable[bytes],
    *,
    origin: str,
    size: int,
    head: bytes,
    at: datetime,
    signer: Signer,
) -> None:
    """Write the log's `size` entries, of which the last has leaf hash `head`.

    Raises MalformedBundle when the entries are not that many or do not end there; what was written is then
    useless, so callers write to a temporary name first.
    """
    value: dict[str, JsonValue] = {
        "entries": size,
        "exported_at": timestamps.format_at(at),
        "format": FORMAT,
        "head": head.hex(),
        "key": signer.key_id,
        "origin": origin,
    }
    body = canonical.encode(value)
    signature = b64encode(signer.sign(DOMAIN + body))
    stream.write(MAGIC + body[:-1] + b',"sig":"' + signature.encode() + b'"}\n')
    count, last = 0, b""
    for last in entries:
        if len(last) > MAX_ENTRY_BYTES:
            raise MalformedBundle("an entry is too long for a bundle")
        stream.write(len(last).to_bytes(2, "big") + last)
        count += 1
    if count != size or (leaf_hash(last) if count else FIRST_PREV) != head:
        raise MalformedBundle("the entries are not the ones the header promises")


class BundleReader:
    """Reads a bundle from its beginning: the header at once, then one entry after the other."""

    def __init__(self, stream: BinaryIO) -> None:
        """Read the first two lines; raises MalformedBundle."""
        self._stream = stream
        if stream.read(len(MAGIC)) != MAGIC:
            raise MalformedBundle("not a KT1 bundle")
        line = stream.readline(MAX_HEADER_BYTES)
        if not line.endswith(b"\n"):
            raise MalformedBundle("the header does not end")
        self.header = _parse_header(line[:-1])
        self.first_entry = len(MAGIC) + len(line)

    def __iter__(self) -> Iterator[bytes]:
        """Give each entry's bytes; raises MalformedBundle when the file ends inside one."""
        while (entry := self.read_entry()) is not None:
            yield entry

    def read_entry(self) -> bytes | None:
        """Give the next entry's bytes, None at the end; inside an entry raises MalformedBundle."""
        length = self._stream.read(2)
        if not length:
            return None
        size = int.from_bytes(length, "big")
        entry = self._stream.read(size)
        if len(length) < 2 or len(entry) < size:
            raise MalformedBundle("the file ends inside an entry")
        return entry


def count_entries(block: bytes, at_most: int) -> tuple[int, int]:
    """Return how many whole entries `block` begins with, and their length in bytes."""
    count, at, size = 0, 0, len(block)
    while count < at_most and at + 2 <= size:
        (length,) = _LENGTH.unpack_from(block, at)
        if at + 2 + length > size:
            break
        at += 2 + length
        count += 1
    return count, at


def split_entries(block: bytes) -> list[bytes]:
    """Cut a block of whole entries into the entries."""
    stored: list[bytes] = []
    at = 0
    while at < len(block):
        end = at + 2 + _LENGTH.unpack_from(block, at)[0]
        stored.append(block[at + 2 : end])
        at = end
    return stored


def _parse_header(untrusted: bytes) -> BundleHeader:
    try:
        value = canonical.parse(untrusted)
        if not isinstance(value, dict) or value.keys() != _NAMES or value["format"] != FORMAT:
            raise MalformedBundle("not the fields of a bundle header")
        entries = value["entries"]
        if not isinstance(entries, int) or isinstance(entries, bool) or entries < 0:
            raise MalformedBundle("entries is how many there are")
        signature = b64decode(_text(value, "sig"))
        if len(signature) != SIGNATURE_LENGTH or not _KEY_ID.fullmatch(_text(value, "key")):
            raise MalformedBundle("sig is 64 bytes and key 16 hexadecimal digits")
        return BundleHeader(
            origin=_text(value, "origin"),
            entries=entries,
            head=parse_hex_digest(_text(value, "head")),
            exported_at=timestamps.parse_at(_text(value, "exported_at")),
            key=_text(value, "key"),
            signature=signature,
            data=untrusted,
        )
    except CryptoError as error:
        raise MalformedBundle(f"header: {error}") from None


def _text(value: dict[str, JsonValue], name: str) -> str:
    found = value[name]
    if not isinstance(found, str):
        raise MalformedBundle(f"{name} must be text")
    return found
