"""The checkpoint that is being carried to witnesses without a network, with what came back so far.

The log may have grown by the time an answer returns; it belongs to the checkpoint that was carried. All who
are asked by hand are asked about this one, or they would never agree. One small file, replaced as a whole.
"""

from pathlib import Path
from typing import Final

from app.storage.disk import Disk, LocalDisk, open_folder, store_file

REQUESTED: Final = "witness-requested"


class RequestedCheckpoint:
    """The file in the folder of the checkpoint store."""

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        self._path = folder / REQUESTED
        self._disk: Disk = LocalDisk() if disk is None else disk

    def find(self) -> bytes | None:
        """Return the checkpoint that was carried last, None before the first; nothing is verified."""
        return self._disk.read(self._path)

    def keep(self, checkpoint: bytes) -> None:
        """Replace it, durably."""
        open_folder(self._disk, self._path.parent)
        store_file(self._disk, self._path, checkpoint)
