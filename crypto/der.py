"""Reads DER (X.690) as far as a time stamp needs it: elements, their parts, numbers, names and times.

It must never accept two spellings of a length, an open end, or bytes behind what was read: a signature covers
bytes, so a lenient reader would see something else than what was signed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from crypto.errors import MalformedEncoding

INTEGER, OCTETS, OID, TIME, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31
CONTEXT_0, CONTEXT_1 = 0xA0, 0xA1
_MAX_LENGTH_BYTES = 4
_TIME = re.compile(rb"([0-9]{14})(?:\.([0-9]{0,8}[1-9]))?Z")


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag, what it holds, and all its bytes as they were read."""

    tag: int
    value: bytes
    raw: bytes

    def parts(self, tag: int) -> tuple["Element", ...]:
        """Return the elements inside this one, which must bear `tag`; raises MalformedEncoding."""
        if self.tag != tag:
            raise MalformedEncoding(f"DER: tag {self.tag:#04x} where {tag:#04x} must stand")
        return tuple(_split(self.value))

    def bytes_of(self, tag: int) -> bytes:
        """Return what this element holds; it must bear `tag`."""
        if self.tag != tag:
            raise MalformedEncoding(f"DER: tag {self.tag:#04x} where {tag:#04x} must stand")
        return self.value

    def only(self, tag: int) -> "Element":
        """Return the one element inside this one."""
        parts = self.parts(tag)
        if len(parts) != 1:
            raise MalformedEncoding(f"DER: {len(parts)} elements where one must stand")
        return parts[0]

    def integer(self) -> int:
        """Return an INTEGER in its shortest form."""
        value = self.bytes_of(INTEGER)
        # The first nine bits of a number are never all alike: one byte less would say the same.
        if not value or (len(value) > 1 and int.from_bytes(value[:2], "big") >> 7 in {0, 0x1FF}):
            raise MalformedEncoding("DER: an integer is not in its shortest form")
        return int.from_bytes(value, "big", signed=True)

    def oid(self) -> str:
        """Return an OBJECT IDENTIFIER as dotted numbers."""
        value = self.bytes_of(OID)
        arcs, arc, begins = list[int](), 0, True
        for byte in value:
            if begins and byte == 0x80:
                raise MalformedEncoding("DER: an object identifier is not in its shortest form")
            arc, begins = arc << 7 | byte & 0x7F, byte < 0x80
            if begins:
                arcs.append(arc)
                arc = 0
        if not arcs or not begins:
            raise MalformedEncoding("DER: an object identifier does not end")
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))

    def time(self) -> datetime:
        """Return a GeneralizedTime in the form of DER: UTC, no zeros at the end of a fraction."""
        found = _TIME.fullmatch(self.bytes_of(TIME))
        if found is None:
            raise MalformedEncoding("DER: not a time in UTC")
        try:
            at = datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            raise MalformedEncoding("DER: not a time") from None
        return at.replace(microsecond=int((found[2] or b"").decode().ljust(6, "0")[:6]))


def parse(untrusted: bytes) -> Element:
    """Read bytes that are exactly one element; raises MalformedEncoding."""
    found = tuple(_split(untrusted))
    if len(found) != 1:
        raise MalformedEncoding("DER: not exactly one element")
    return found[0]


def _split(data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
            raise MalformedEncoding("DER: an element ends too early, or has a tag nobody uses here")
        length, begin = data[at + 1], at + 2
        if length >= 0x80:
            count = length & 0x7F
            begin += count
            spelled = data[at + 2 : begin]
            length = int.from_bytes(spelled, "big")
            if not 1 <= count <= _MAX_LENGTH_BYTES or len(spelled) != count or spelled[0] == 0:
                raise MalformedEncoding("DER: a length is open, cut off or not in its shortest form")
            if length < 0x80:
                raise MalformedEncoding("DER: a length is not in its shortest form")
        end = begin + length
        if end > len(data):
            raise MalformedEncoding("DER: an element is longer than what holds it")
        yield Element(data[at], data[begin:end], data[at:end])
        at = end
