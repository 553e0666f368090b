"""Reading a published tree without believing its files: every hash used is bound to a verified root first.

Partial tiles are bound together: the root is computed from all of them. A full tile is bound by its hash in
the tile above. Where a full tile stands in for a partial one, only the hashes the partial one would have had
are kept: the rest is bound to nothing (CVE-2026-56865, golang/go#80744). A reader must never be given a size
and root that no verified checkpoint states. Format: docs/formats/tiles.md.
"""

from collections.abc import Callable
from pathlib import Path

from audit.errors import BadTile
from audit.merkle import fold, parents, subtrees
from audit.tiles import (
    ENTRIES,
    FULL_WIDTH,
    HEIGHT,
    TileId,
    hashes_at,
    parse_bundle,
    parse_tile,
    partial_tile,
)
from crypto.digest import leaf_hash

TileSource = Callable[[str], bytes | None]
"""Gives a file's bytes by its path below the log's prefix, None when there is none."""

_Layers = list[list[bytes]]
_CACHED_TILES = 256


def read_folder(folder: Path) -> TileSource:
    """Read tiles from the folder that holds `tile/`; only paths made by `TileId.path` may be asked for."""

    def read(path: str) -> bytes | None:
        try:
            return (folder / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadTile(path, f"cannot be read: {error.strerror}") from None

    return read


class TileReader:
    """Gives authenticated nodes, leaves and entries of the tree (`size`, `root`); raises BadTile."""

    __slots__ = ("_cache", "_edges", "_source", "size")

    def __init__(self, source: TileSource | Path, *, size: int, root: bytes) -> None:
        """Read all partial tiles and check that they make up the root, both from a verified checkpoint."""
        self._source = read_folder(source) if isinstance(source, Path) else source
        self.size = size
        self._edges: dict[int, _Layers] = {}
        self._cache: dict[tuple[int, int], _Layers] = {}
        level = 0
        while hashes_at(level, size):
            edge = partial_tile(level, size)
            if edge is not None:
                self._edges[level] = _layers(self._read(edge))
            level += 1
        found = fold([self._edge_node(*place) for place in subtrees(0, size)])
        if found != root:
            raise BadTile("tile", f"the partial tiles of size {size} do not lead to the verified root")

    def node(self, level: int, index: int) -> bytes:
        """Return the hash over the entries `index * 2**level <= i < (index + 1) * 2**level`."""
        if level < 0 or index < 0 or (index + 1) << level > self.size:
            raise BadTile("tile", f"node {index} of level {level} is not in the tree of size {self.size}")
        tile_level, height = divmod(level, HEIGHT)
        tile_index, offset = divmod(index << height, FULL_WIDTH)
        return self._layers_of(tile_level, tile_index)[height][offset >> height]

    def partial(self, tile: TileId) -> tuple[bytes, ...]:
        """Return the hashes of a partial tile of this size: what `TileGrower.resume` continues from."""
        if tile != partial_tile(tile.level, self.size):
            raise BadTile(tile.path, f"not a partial tile of the tree of size {self.size}")
        return tuple(self._edges[tile.level][0])

    def hashes(self, tile: TileId) -> list[bytes]:
        """Return the first `tile.width` hashes of a tile, bound to the root; its own file may be wider."""
        if tile.index * FULL_WIDTH + tile.width > hashes_at(tile.level, self.size):
            raise BadTile(tile.path, f"not within the tree of size {self.size}")
        return self._layers_of(tile.level, tile.index)[0][: tile.width]

    def leaf(self, index: int) -> bytes:
        """Return the leaf hash of an entry."""
        return self.node(0, index)

    def entries(self, bundle: int) -> tuple[bytes, ...]:
        """Return the up to 256 entries from `256 * bundle` on, each hashed and compared."""
        width = min(FULL_WIDTH, self.size - bundle * FULL_WIDTH)
        if bundle < 0 or width <= 0:
            raise BadTile("tile/entries", f"bundle {bundle} is not in the tree of size {self.size}")
        tile = TileId(ENTRIES, bundle, width)
        data, found = self._fetch(tile)
        entries = parse_bundle(data, found)[:width]
        # A bundle lies under exactly one tile of leaf hashes.
        leaves = self._layers_of(0, bundle)[0]
        for offset, (entry, leaf) in enumerate(zip(entries, leaves, strict=True)):
            if leaf_hash(entry) != leaf:
                index = bundle * FULL_WIDTH + offset
                raise BadTile(found.path, f"entry {index} is not the one the tree was built over")
        return entries

    def entry(self, index: int) -> bytes:
        """Return one entry, authenticated with its whole bundle."""
        return self.entries(index // FULL_WIDTH)[index % FULL_WIDTH]

    def _layers_of(self, level: int, index: int) -> _Layers:
        if index == hashes_at(level + 1, self.size):
            return self._edges[level]
        found = self._cache.get((level, index))
        if found is None:
            tile = TileId(level, index)
            found = _layers(self._read(tile))
            # The tile above is itself authenticated before its hash is compared, up to a partial one.
            if found[HEIGHT][0] != self.node(HEIGHT * (level + 1), index):
                raise BadTile(tile.path, "the tile does not hash to its place in the tile above")
            if len(self._cache) >= _CACHED_TILES:
                self._cache.pop(next(iter(self._cache)))
            self._cache[level, index] = found
        return found

    def _edge_node(self, level: int, index: int) -> bytes:
        """Return a subtree of the right edge's decomposition, which always lies in a partial tile."""
        tile_level, height = divmod(level, HEIGHT)
        return self._edges[tile_level][height][(index << height) % FULL_WIDTH >> height]

    def _read(self, tile: TileId) -> tuple[bytes, ...]:
        data, found = self._fetch(tile)
        return parse_tile(data, found)[: tile.width]

    def _fetch(self, tile: TileId) -> tuple[bytes, TileId]:
        """Return a file's bytes and which it was: a partial tile may have gone when the full one came."""
        for candidate in dict.fromkeys((tile, tile.full)):
            data = self._source(candidate.path)
            if data is not None:
                return data, candidate
        raise BadTile(tile.path, "the file is missing")


def _layers(hashes: tuple[bytes, ...]) -> _Layers:
    """Return the tile's hashes and above them every complete node; the last layer of a full tile has one."""
    layers = [list(hashes)]
    for _ in range(HEIGHT):
        layers.append(parents(layers[-1]))
    return layers
