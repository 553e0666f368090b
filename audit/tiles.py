"""C2SP tlog-tiles: how the tree and the entries are cut into files, their names and bytes.

Names and arithmetic only: nothing here reads, writes or believes a file (`audit.tile_reader` reads). A path
from outside must never reach a file system except through `parse_tile_path`. Format: docs/formats/tiles.md.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from audit.entry import MAX_ENTRY_BYTES
from audit.errors import BadTile
from audit.merkle import HASH_LENGTH

HEIGHT = 8
FULL_WIDTH = 1 << HEIGHT
MAX_LEVEL = 63
# The level of an entry bundle: it lies under the leaf hashes of level 0.
ENTRIES: Final = -1
_MAX_PATH = 60
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True, order=True)
class TileId:
    """One file: `level` (or ENTRIES), `index` within the level, and `width`, 256 when full."""

    level: int
    index: int
    width: int = FULL_WIDTH

    @property
    def path(self) -> str:
        """Path below the log's prefix, such as `tile/0/x001/067.p/5`."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.is_full else f".p/{self.width}"
        return f"tile/{level}/{_format_index(self.index)}{partial}"

    @property
    def is_full(self) -> bool:
        """Say whether the file will never change its width again."""
        return self.width == FULL_WIDTH

    @property
    def full(self) -> "TileId":
        """The full file that takes this one's place when the tree has grown enough."""
        return TileId(self.level, self.index)


def parse_tile_path(untrusted: str) -> TileId:
    """Read a path in exactly its one spelling; raises BadTile."""
    found = _PATH.fullmatch(untrusted) if len(untrusted) <= _MAX_PATH else None
    if found is None:
        raise BadTile(untrusted[:200], "not the path of a tile")
    level = ENTRIES if found["level"] == "entries" else int(found["level"])
    index = int(found["index"].replace("/", "").replace("x", ""))
    width = int(found["width"]) if found["width"] else FULL_WIDTH
    tile = TileId(level, index, width)
    # The regular expression lets a partial tile of 256 pass, an x000 at the beginning, and level 64 to 99.
    if tile.path != untrusted or level > MAX_LEVEL:
        raise BadTile(untrusted[:200], "not the path of a tile")
    return tile


def hashes_at(level: int, size: int) -> int:
    """Return how many hashes a tree of `size` entries has at a tile level (ENTRIES: how many entries)."""
    return size >> (HEIGHT * max(level, 0))


def partial_tile(level: int, size: int) -> TileId | None:
    """Return the partial tile at the right edge of a level, None when the level ends in a full one."""
    count = hashes_at(level, size)
    width = count % FULL_WIDTH
    return TileId(level, count // FULL_WIDTH, width) if width else None


def growth(old: int, new: int) -> list[TileId]:
    """List what a log must write when its published size grows from `old` to `new`, in the order of writing.

    Entries come first, then leaf hashes, then upwards: whoever finds a hash finds what it covers. Levels that
    did not grow have their files already.
    """
    found: list[TileId] = []
    for level in range(ENTRIES, MAX_LEVEL + 1):
        before, count = hashes_at(level, old), hashes_at(level, new)
        if count == before:
            break
        found += [TileId(level, index) for index in range(before // FULL_WIDTH, count // FULL_WIDTH)]
        edge = partial_tile(level, new)
        if edge is not None:
            found.append(edge)
    return found


def tile_bytes(hashes: Sequence[bytes]) -> bytes:
    """Return a tile's bytes: 1 to 256 hashes one after the other."""
    return b"".join(hashes)


def parse_tile(untrusted: bytes, tile: TileId) -> tuple[bytes, ...]:
    """Cut a tile into its `tile.width` hashes; raises BadTile. Nothing is verified yet."""
    if len(untrusted) != tile.width * HASH_LENGTH:
        raise BadTile(tile.path, f"a tile of {tile.width} hashes has {tile.width * HASH_LENGTH} bytes")
    return tuple(untrusted[at : at + HASH_LENGTH] for at in range(0, len(untrusted), HASH_LENGTH))


def bundle_bytes(entries: Iterable[bytes]) -> bytes:
    """Return an entry bundle's bytes: each entry behind its length, 16 bits big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(untrusted: bytes, tile: TileId) -> tuple[bytes, ...]:
    """Cut an entry bundle into its `tile.width` entries; raises BadTile. Nothing is verified yet."""
    if len(untrusted) > tile.width * (MAX_ENTRY_BYTES + 2):
        raise BadTile(tile.path, "an entry bundle is longer than its entries may be")
    entries: list[bytes] = []
    at = 0
    while at < len(untrusted):
        end = at + 2 + int.from_bytes(untrusted[at : at + 2], "big")
        if at + 2 > len(untrusted) or end > len(untrusted):
            raise BadTile(tile.path, f"the bundle ends inside entry {len(entries)} of it")
        entries.append(untrusted[at + 2 : end])
        at = end
    if len(entries) != tile.width:
        raise BadTile(tile.path, f"the bundle has {len(entries)} entries and must have {tile.width}")
    return tuple(entries)


def _format_index(index: int) -> str:
    groups = [f"{index % 1_000:03}"]
    while index >= 1_000:
        index //= 1_000
        groups.append(f"x{index % 1_000:03}")
    return "/".join(reversed(groups))
