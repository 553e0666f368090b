"""The names of scans: one name is recorded once, and a conflict only about a name recorded before.

Like item links (`audit/item_chains.py`) the names are spread over temporary files, each small enough to be
checked alone, in the order of the entries. Without this, one signed taking could be reported twice.
"""

from pathlib import Path
from struct import Struct

from audit.errors import BadEntry

# The 16 bytes of the name, position, whether the entry reports a conflict.
_NAME = Struct(">16sQ?")


class ScanIds:
    """The names in one run of entries, already spread over partitions."""

    __slots__ = ("parts",)

    def __init__(self, partitions: int = 1) -> None:
        self.parts = [bytearray() for _ in range(partitions)]

    def add(self, scan: str, position: int, conflict: bool) -> None:  # noqa: FBT001  # hot path: a keyword costs
        """Keep one name, which is a UUID in lower case."""
        name = bytes.fromhex(scan.replace("-", ""))
        # The last bytes: of a version 7 name the first ones are the time, the same for a whole run.
        self.parts[int.from_bytes(name[14:], "big") % len(self.parts)] += _NAME.pack(name, position, conflict)


def find_bad_scan_id(path: Path) -> BadEntry | None:
    """Read one file; return the first name that is used twice, or in conflict with nothing, or None."""
    seen: set[bytes] = set()
    with path.open("rb") as stream:
        while block := stream.read(_NAME.size * 4096):
            for name, position, conflict in _NAME.iter_unpack(block):
                if not conflict and name in seen:
                    return BadEntry(position, "scan", "a scan of this name is recorded before")
                if conflict and name not in seen:
                    return BadEntry(position, "scan", "no scan of this name is recorded before")
                seen.add(name)
    return None
