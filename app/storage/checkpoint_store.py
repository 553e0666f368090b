"""The memory of what this log has signed: the latest checkpoint, by compare-and-swap, in files of its own.

It keeps the log from ever signing two histories, so it must never be restored from a backup, copied to a
second server or lie inside the database: a database may be old, this may not. Beside the latest checkpoint
lie the newest one that met the witness quorum, and proofs of guilt.
"""

from hashlib import sha256
from pathlib import Path
from typing import Final

from app.storage.disk import LOCK, Disk, LocalDisk, open_folder, store_file
from app.storage.errors import LostRace
from audit.checkpoint import read_head
from audit.guilt import ProofOfGuilt, parse_guilt

LATEST: Final = "latest"
WITNESSED: Final = "witnessed"
_GUILT: Final = "guilt-"


class CheckpointStore:
    """One folder; `disk` is another than the machine's own in tests of power cuts only."""

    def __init__(self, path: Path, *, disk: Disk | None = None) -> None:
        self.path = path
        self._disk: Disk = LocalDisk() if disk is None else disk

    def latest(self) -> bytes | None:
        """Return the latest signed checkpoint, with the log's own lines only; None before the first."""
        return self._disk.read(self.path / LATEST)

    def swap(self, expected: bytes | None, new: bytes) -> None:
        """Make `new` the latest, durably, if `expected` is the latest now; raises LostRace.

        Whoever calls has verified that `new` continues `expected`. What can be seen without the tree is
        checked here once more: another log, fewer entries, another root for the same size.
        """
        open_folder(self._disk, self.path)
        with self._disk.lock(self.path / LOCK):
            if self.latest() != expected:
                raise LostRace("another process has stored a checkpoint meanwhile")
            if expected is not None:
                _check_continues(expected, new)
            store_file(self._disk, self.path / LATEST, new)

    def settle(self) -> None:
        """Write the latest again, durably: after a crash a name that is seen may not be on the disk yet."""
        latest = self.latest()
        if latest is not None:
            with self._disk.lock(self.path / LOCK):
                store_file(self._disk, self.path / LATEST, latest)

    def witnessed(self) -> bytes | None:
        """Return the newest checkpoint that met the witness quorum, with its cosignatures."""
        return self._disk.read(self.path / WITNESSED)

    def keep_witnessed(self, checkpoint: bytes) -> None:
        """Keep a checkpoint that met the quorum, unless a newer one is kept already."""
        open_folder(self._disk, self.path)
        with self._disk.lock(self.path / LOCK):
            kept = self.witnessed()
            if kept is None or read_head(kept).size <= read_head(checkpoint).size:
                store_file(self._disk, self.path / WITNESSED, checkpoint)

    def keep_guilt(self, proof: ProofOfGuilt) -> Path:
        """Keep a proof of guilt, durably and for ever; returns its file. The same proof is kept once."""
        data = proof.to_bytes()
        path = self.path / f"{_GUILT}{sha256(data).hexdigest()[:16]}"
        open_folder(self._disk, self.path)
        store_file(self._disk, path, data)
        return path

    def list_guilt(self) -> tuple[ProofOfGuilt, ...]:
        """Return every proof of guilt; raises MalformedNote for a damaged one."""
        names = [name for name in self._disk.names(self.path) if name.startswith(_GUILT)]
        found = (self._disk.read(self.path / name) for name in names)
        return tuple(parse_guilt(data) for data in found if data is not None)


def _check_continues(expected: bytes, new: bytes) -> None:
    before, after = read_head(expected), read_head(new)
    same = (before.size, before.root) == (after.size, after.root)
    if before.origin != after.origin or not (before.size < after.size or same):
        raise LostRace(
            f"a checkpoint of {after.size} entries does not continue the stored one of {before.size}"
        )
