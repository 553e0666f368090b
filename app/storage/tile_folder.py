"""The published tree as files: `checkpoint`, `tile/...`, `tile/entries/...`, as C2SP tlog-tiles names them.

What lies here is for everybody who may read the log and is trusted by nobody: whoever reads it begins with a
verified checkpoint (`audit.tile_reader`). A file is whole or not there; one process writes, held by a lock.
It must never be handed a path that `TileId.path` did not make. Format: docs/formats/tiles.md.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from app.storage.disk import LOCK, Disk, LocalDisk, open_folder, store_file, store_files
from audit.errors import BadTile
from audit.tile_reader import TileReader
from audit.tiles import TileId

CHECKPOINT: Final = "checkpoint"


class TileFolder:
    """One folder; `disk` is another than the machine's own in tests of power cuts only."""

    def __init__(self, path: Path, *, disk: Disk | None = None) -> None:
        self.path = path
        self._disk: Disk = LocalDisk() if disk is None else disk

    def find(self, path: str) -> bytes | None:
        """Return the bytes of a file by its path below the folder, None when there is none."""
        try:
            return self._disk.read(self.path / path)
        except OSError as error:
            raise BadTile(path, f"cannot be read: {error.strerror}") from None

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; raises BadTile when it is missing. Nothing is verified."""
        data = self.find(path)
        if data is None:
            raise BadTile(path, "the file is missing")
        return data

    def reader(self, *, size: int, root: bytes) -> TileReader:
        """Return authenticated reading of the tree (`size`, `root`) of a verified checkpoint."""
        return TileReader(self.find, size=size, root=root)

    def write(self, files: Iterable[tuple[TileId, bytes]]) -> None:
        """Put tiles and bundles in place durably, in this order; returns when they are on the disk.

        What has these very bytes already is written again: a name seen after a crash need not be durable.
        """
        store_files(self._disk, self.path, {self.path / tile.path: data for tile, data in files})

    def read_checkpoint(self) -> bytes | None:
        """Return the published checkpoint, None before the first; nothing is verified."""
        return self.find(CHECKPOINT)

    def publish_checkpoint(self, checkpoint: bytes) -> None:
        """Put the checkpoint in place durably: the last step, after everything it covers."""
        store_file(self._disk, self.path / CHECKPOINT, checkpoint)

    def lock(self) -> AbstractContextManager[None]:
        """Be the one writer for a `with`; raises StoreBusy when another process is."""
        open_folder(self._disk, self.path)
        return self._disk.lock(self.path / LOCK)
