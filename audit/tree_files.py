"""The published tree, file by file: which files a checkpoint demands, and what is wrong with those there.

Every hash used is bound to the checkpoint's root first (`audit.tile_reader`); what else lies in the folder is
found and named. A missing, surplus, longer, shorter or changed file must never pass. Format:
docs/formats/tiles.md.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from audit.bundle import count_entries, split_entries
from audit.errors import BadEntry, BadTile
from audit.tile_reader import TileReader
from audit.tiles import ENTRIES, FULL_WIDTH, TileId, hashes_at, parse_tile_path, partial_tile, tile_bytes
from audit.tree_head import TreeHead
from crypto.digest import leaf_hash

CHECKPOINT = "checkpoint"
# The publisher's lock: an empty file that is never removed.
_LOCK = ".lock"


class Bundle(NamedTuple):
    """The entries of one file, bound to the root, with the index of the first and their leaf hashes."""

    first: int
    path: Path
    data: bytes
    entries: list[bytes]
    leaves: list[bytes]


class TreeFiles:
    """The folder of one log under a verified tree head; raises BadEntry with the file's path."""

    def __init__(self, folder: Path, head: TreeHead) -> None:
        """Read the partial tiles and bind them to the root."""
        self._folder = folder
        self.size = head.size
        self.tiles = 0
        try:
            self.reader = TileReader(folder, size=head.size, root=head.root)
        except BadTile as error:
            raise bad_file(error) from None

    def bundles(self) -> Iterator[Bundle]:
        """Give each entry bundle, every entry of it hashed and bound to the root."""
        for first in range(0, self.size, FULL_WIDTH):
            tile = TileId(ENTRIES, first // FULL_WIDTH, min(FULL_WIDTH, self.size - first))
            data = self._read(tile)
            count, length = count_entries(data, FULL_WIDTH + 1)
            if (count, length) != (tile.width, len(data)):
                raise BadEntry(first + min(count, tile.width), "bundle length", _WRONG, tile.path)
            entries = split_entries(data)
            leaves = [leaf_hash(entry) for entry in entries]
            bound = self._bound(TileId(0, tile.index, count))
            if leaves != bound:
                offset = next(n for n in range(count) if leaves[n] != bound[n])
                detail = "the entry is not the one the signed tree was built over"
                raise BadEntry(first + offset, "tree", detail, tile.path)
            yield Bundle(first, self._folder / tile.path, data, entries, leaves)

    def check_names(self) -> None:
        """Count the tiles and refuse every file that no checkpoint up to this size has demanded.

        Call it behind `bundles`, which reads and binds everything this size demands.
        """
        for path in sorted(self._folder.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                continue
            name = path.relative_to(self._folder).as_posix()
            if name == CHECKPOINT or (name == _LOCK and path.stat().st_size == 0):
                continue
            try:
                tile = parse_tile_path(name)
            except BadTile:
                raise BadEntry(None, "surplus", "no file of a log has this name", name) from None
            self._check_tile(tile)
            self.tiles += tile.level != ENTRIES

    def _check_tile(self, tile: TileId) -> None:
        """Refuse a file beyond the tree; hold an earlier size's edge against what stands there now."""
        end = tile.index * FULL_WIDTH + tile.width
        if end > hashes_at(tile.level, self.size):
            detail = f"reaches beyond the {self.size} entries of the checkpoint"
            raise BadEntry(None, "surplus", detail, tile.path)
        if tile.is_full or tile == partial_tile(tile.level, self.size):
            # Read and bound already: an entry bundle by its entries, a tile by all that lies below it.
            return
        data = self._read(tile)
        if tile.level == ENTRIES:
            wanted = self._read(self._standing(tile))
            fits = wanted.startswith(data) and count_entries(data, FULL_WIDTH) == (tile.width, len(data))
        else:
            fits = data == tile_bytes(self._bound(tile))
        if not fits:
            raise BadEntry(
                None, "tile", "the file is not a beginning of the one that stands here now", tile.path
            )

    def _standing(self, tile: TileId) -> TileId:
        """Return the file of the present size that took a partial one's place."""
        edge = partial_tile(tile.level, self.size)
        return edge if edge is not None and edge.index == tile.index else tile.full

    def _bound(self, tile: TileId) -> list[bytes]:
        try:
            return self.reader.hashes(tile)
        except BadTile as error:
            raise bad_file(error) from None

    def _read(self, tile: TileId) -> bytes:
        try:
            return (self._folder / tile.path).read_bytes()
        except FileNotFoundError:
            raise BadEntry(None, "missing", "the file is missing", tile.path) from None
        except OSError as error:
            raise BadEntry(None, "unreadable", str(error.strerror), tile.path) from None


_WRONG = "the lengths in the file do not make up its entries"


def bad_file(error: BadTile) -> BadEntry:
    """Turn a reader's complaint into a verdict."""
    check = "missing" if error.reason == "the file is missing" else "tile"
    return BadEntry(None, check, error.reason, error.path)
