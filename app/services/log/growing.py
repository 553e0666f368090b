"""Bring committed entries into the tree's files, and make sure of what lies there before it is signed for.

Entries are hashed as stored, linked to the one before, written as bundles and tiles, made durable, then read
back from the disk and hashed again: a signature must never cover what was only in memory. A tree of any size
grows with the memory of a few hundred entries. Format: docs/formats/tiles.md.

    grow(uow, start, *, log, signed) -> TreeHead        read; writes files; raises LogDisagrees, BadTile
"""

from dataclasses import dataclass, field

from app.domain.errors import LogDisagrees
from app.services.log.published_log import PublishedLog
from app.storage.tile_folder import TileFolder
from app.storage.uow import UnitOfWork
from audit.entry import FIRST_PREV, read_prev
from audit.errors import MalformedEntry
from audit.tile_grower import TileFile, TileGrower
from audit.tiles import ENTRIES, FULL_WIDTH, TileId, bundle_bytes
from audit.tree_head import TreeHead
from crypto.digest import leaf_hash

# Files are made durable together: many at once, but never more than this in memory.
_AT_ONCE = 64 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class _Growth:
    """A tree in growth: what waits to be written, and the entries of the bundle that is not full yet."""

    folder: TileFolder
    grower: TileGrower
    bundle: list[bytes]
    last: bytes
    files: list[TileFile] = field(default_factory=list)
    waiting: int = 0

    def add(self, data: bytes) -> None:
        """Take the next entry as stored."""
        index = self.grower.size
        try:
            fits = read_prev(data) == self.last
        except MalformedEntry:
            fits = False
        if not fits:
            raise LogDisagrees(f"entry {index} does not continue entry {index - 1}")
        self.last = leaf_hash(data)
        self.bundle.append(data)
        full = self.grower.add(self.last)
        if full:
            self._put(TileId(ENTRIES, index // FULL_WIDTH), bundle_bytes(self.bundle))
            self.bundle.clear()
            for tile, content in full:
                self._put(tile, content)
            if self.waiting > _AT_ONCE:
                self.write()

    def finish(self) -> None:
        """Write what is left: the partial files of the new size, entries first."""
        if self.bundle:
            tile = TileId(ENTRIES, self.grower.size // FULL_WIDTH, len(self.bundle))
            self._put(tile, bundle_bytes(self.bundle))
        for tile, content in self.grower.partials():
            self._put(tile, content)
        self.write()

    def write(self) -> None:
        """Make everything that waits durable."""
        if self.files:
            self.folder.write(self.files)
        self.files, self.waiting = [], 0

    def _put(self, tile: TileId, content: bytes) -> None:
        self.files.append((tile, content))
        self.waiting += len(content)


def grow(
    uow: UnitOfWork, start: TreeHead | None, *, log: PublishedLog, signed: TreeHead | None = None
) -> TreeHead:
    """Write the files of every committed entry behind `start` (verified; None: no tree yet), and read back.

    With `signed` the tree ends where that head ends, and must be that one.

    Raises LogDisagrees when the entries do not continue the tree, and BadTile for files that are not what was
    signed or written: nothing may be signed then.
    """
    with uow.snapshot():
        head = uow.audit.head()
        old, size = (0 if start is None else start.size), (head.size if signed is None else signed.size)
        growth = _resume(log.folder, start)
        for data in uow.audit.stream(start=old, size=size):
            growth.add(data)
        if growth.grower.size != size or (size == head.size and growth.last != head.leaf):
            raise LogDisagrees("the head of the database does not fit its last entry")
    growth.finish()
    grown = TreeHead(origin=log.origin, size=size, root=growth.grower.root())
    read_back(log.folder, grown if signed is None else signed, first=old)
    return grown


def read_back(folder: TileFolder, head: TreeHead, *, first: int) -> None:
    """Read every file that holds an entry from `first` on and hash it again; raises BadTile."""
    reader = folder.reader(size=head.size, root=head.root)
    if first < head.size:
        for bundle in range(first // FULL_WIDTH, (head.size - 1) // FULL_WIDTH + 1):
            reader.entries(bundle)


def _resume(folder: TileFolder, start: TreeHead | None) -> _Growth:
    """Continue from the files of a verified head; each hash of them is bound to its root first."""
    if start is None or start.size == 0:
        return _Growth(folder=folder, grower=TileGrower(), bundle=[], last=FIRST_PREV)
    reader = folder.reader(size=start.size, root=start.root)
    grower = TileGrower.resume(start.size, start.root, reader.partial)
    begun = start.size % FULL_WIDTH
    bundle = list(reader.entries(start.size // FULL_WIDTH)) if begun else []
    return _Growth(folder=folder, grower=grower, bundle=bundle, last=reader.leaf(start.size - 1))
