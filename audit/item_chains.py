"""The second half of verification: every item's own chain, in memory that does not grow with the log.

Links are spread over temporary files by a hash of the item's code, so that each file holds whole chains and
is small enough to be checked alone. Files keep the order of the entries. It must never judge a link by
anything but the links before it.
"""

from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from struct import Struct

from audit.errors import BadEntry

# SHA-256 of the code, position, leaf hash the item's line points to (zeros: none), own leaf hash, what the
# line did (Step), the nonce of its offer (zeros: none).
_LINK = Struct(">32sQ32s32sB16s")
_NONE = bytes(32)
NO_NONCE = bytes(16)


class Step(IntEnum):
    """What one line did to its item."""

    REFUSED = 0
    REGISTERED = 1
    OFFERED = 2
    ANSWERED = 3
    OTHER = 4
    UNKNOWN = 5
    HANDED_IN = 6


_REFUSED, _REGISTERED, _OFFERED, _ANSWERED = 0, 1, 2, 3
_UNKNOWN, _HANDED_IN = 5, 6


class ItemLinks:
    """The links of one run of entries, already spread over partitions."""

    __slots__ = ("count", "parts")

    def __init__(self, partitions: int = 1) -> None:
        self.parts = [bytearray() for _ in range(partitions)]
        self.count = 0

    def add(self, code: str, position: int, prev: str, leaf: bytes, step: int, nonce: bytes) -> None:
        """Keep one link; called once for every item of every entry, hence plain arguments."""
        name = sha256(code.encode()).digest()
        target = bytes.fromhex(prev) if prev else _NONE
        part = self.parts[int.from_bytes(name[:2], "big") % len(self.parts)]
        part += _LINK.pack(name, position, target, leaf, step, nonce)
        if step != _UNKNOWN:
            self.count += 1


@dataclass(slots=True)
class _Last:
    leaf: bytes
    position: int
    before: bytes
    nonce: bytes = NO_NONCE


def find_bad_link(path: Path) -> BadEntry | None:
    """Walk one file's chains from their first entries; return the first link that is wrong, or None."""
    last: dict[bytes, _Last] = {}
    with path.open("rb") as stream:
        while block := stream.read(_LINK.size * 4096):
            for name, position, target, leaf, step, nonce in _LINK.iter_unpack(block):
                known = last.get(name)
                if known is None:
                    fault = _begin(target, step)
                    if fault is None and step == _REGISTERED:
                        last[name] = _Last(leaf, position, _NONE)
                else:
                    fault = _follow(known, position, target, step, nonce)
                    if known.position != position:
                        known.before, known.leaf, known.position = known.leaf, leaf, position
                if fault is not None:
                    return BadEntry(position, "item chain", fault)
    return None


def _begin(target: bytes, step: int) -> str | None:
    """Say what is wrong with the first line that names an item; an item begins by being registered."""
    if target != _NONE:
        return "names an earlier entry of an item that has none"
    if step in {_REGISTERED, _REFUSED, _UNKNOWN}:
        return None
    return "accepts a line for an item that was never registered"


def _follow(known: _Last, position: int, target: bytes, step: int, nonce: bytes) -> str | None:
    """Say what is wrong with a later line, and keep the open offer of the item."""
    if step == _UNKNOWN:
        return "refuses a code as unknown that the log knows"
    # A list may name one item twice; both lines then point to the entry before this one.
    if target != (known.before if known.position == position else known.leaf):
        return "skips or repeats an earlier entry of its item"
    if step == _REGISTERED:
        return "registers an item a second time"
    if step == _OFFERED:
        known.nonce = nonce
    elif step == _ANSWERED:
        if nonce != known.nonce:
            return "answers an offer that does not stand open for this item"
        known.nonce = NO_NONCE
    elif step == _HANDED_IN and known.nonce != NO_NONCE:
        return "is handed in at a counter while it is offered to somebody else"
    return None
