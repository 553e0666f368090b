"""How many entries each witness has seen of this log, as far as we know: one small file.

It only saves a question: a witness corrects a wrong size by itself (409). It must never decide anything; a
file that cannot be read counts as knowing nothing.
"""

import json
from pathlib import Path
from typing import Final

from app.storage.disk import Disk, LocalDisk, open_folder, store_file

SIZES: Final = "witness-sizes.json"
_LARGEST: Final = (1 << 63) - 1


class WitnessSizes:
    """The file in the folder of the checkpoint store; witnesses are named by their verifier keys."""

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        self._path = folder / SIZES
        self._disk: Disk = LocalDisk() if disk is None else disk

    def find(self, witness: str) -> int:
        """Return what the witness had seen, 0 when that is not known."""
        return self._read().get(witness, 0)

    def remember(self, witness: str, size: int) -> None:
        """Note what the witness has seen."""
        known = self._read()
        if known.get(witness) != size:
            open_folder(self._disk, self._path.parent)
            store_file(self._disk, self._path, json.dumps({**known, witness: size}, sort_keys=True).encode())

    def _read(self) -> dict[str, int]:
        try:
            known = json.loads(self._disk.read(self._path) or b"{}")
        except ValueError:
            return {}
        if not isinstance(known, dict):
            return {}
        return {
            str(name): size for name, size in known.items() if type(size) is int and 0 <= size <= _LARGEST
        }
