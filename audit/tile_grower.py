"""The appending side of the tree: turns leaf hashes into tiles, keeping only the right edge.

It needs no more memory than 255 hashes for each of at most eight levels, whatever the size. It must never be
imported by the verifier: a mistake here would then confirm itself. Format: docs/formats/tiles.md.
"""

from collections.abc import Callable

from audit.errors import BadTile
from audit.merkle import EMPTY_ROOT, fold, parents
from audit.tiles import FULL_WIDTH, TileId, hashes_at, partial_tile, tile_bytes

TileFile = tuple[TileId, bytes]


class TileGrower:
    """A tree that grows leaf by leaf; `size` entries are in it."""

    __slots__ = ("_edges", "_start", "size")

    def __init__(self) -> None:
        """Begin with the empty tree."""
        self.size = 0
        self._start = 0
        self._edges: list[list[bytes]] = []

    @classmethod
    def resume(cls, size: int, root: bytes, read: Callable[[TileId], tuple[bytes, ...]]) -> "TileGrower":
        """Continue the tree (`size`, `root`) from its partial tiles, as `TileReader.partial` gives them.

        Raises BadTile when they are not the edge of that tree: a damaged edge would fork the log.
        """
        grower = cls()
        grower.size = grower._start = size
        level = 0
        while hashes_at(level, size):
            tile = partial_tile(level, size)
            hashes = [] if tile is None else list(read(tile))
            if tile is not None and len(hashes) != tile.width:
                raise BadTile(tile.path, f"a tile of {tile.width} hashes was expected")
            grower._edges.append(hashes)
            level += 1
        if grower.root() != root:
            raise BadTile("tile", f"the partial tiles of size {size} do not lead to the root")
        return grower

    def add(self, leaf: bytes) -> list[TileFile]:
        """Append a leaf hash (32 bytes) and return the tiles it made full, from level 0 upwards."""
        done: list[TileFile] = []
        level, hashed = 0, leaf
        while True:
            if level == len(self._edges):
                self._edges.append([])
            edge = self._edges[level]
            edge.append(hashed)
            if len(edge) < FULL_WIDTH:
                break
            done.append((TileId(level, self.size >> (8 * (level + 1))), tile_bytes(edge)))
            hashed = tile_root(edge)
            edge.clear()
            level += 1
        self.size += 1
        return done

    def partials(self) -> list[TileFile]:
        """Return the partial tiles of the present size that differ from those this grower began with."""
        found: list[TileFile] = []
        for level, edge in enumerate(self._edges):
            tile = partial_tile(level, self.size)
            if tile is not None and hashes_at(level, self._start) != hashes_at(level, self.size):
                found.append((tile, tile_bytes(edge)))
        return found

    def root(self) -> bytes:
        """Return the root of the present size."""
        if self.size == 0:
            return EMPTY_ROOT
        return fold([hashed for edge in reversed(self._edges) for hashed in edge_subtrees(edge)])


def tile_root(hashes: list[bytes]) -> bytes:
    """Return the tree hash over a full tile's hashes."""
    while len(hashes) > 1:
        hashes = parents(hashes)
    return hashes[0]


def edge_subtrees(edge: list[bytes]) -> list[bytes]:
    """Return the hashes of the largest complete subtrees over a partial tile's hashes, from left to right."""
    found: list[bytes] = []
    at = 0
    while at < len(edge):
        width = 1 << ((len(edge) - at).bit_length() - 1)
        found.append(tile_root(edge[at : at + width]))
        at += width
    return found
