"""The temporary files of a verification: what concerns other entries, spread so that memory does not grow.

One file of item links and one of scan names for each partition, written in the order of the log and read one
by one. They are gone when the context ends, also when the verification is broken off.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import BinaryIO, Self

from audit.errors import BadEntry
from audit.item_chains import ItemLinks, find_bad_link
from audit.scan_ids import ScanIds, find_bad_scan_id

_BYTES_PER_PARTITION = 16 << 20
_MAX_PARTITIONS = 256
_SCANS = ".scans"


class ScratchFiles:
    """See the module."""

    def __init__(self, log_bytes: int) -> None:
        self.partitions = min(_MAX_PARTITIONS, log_bytes // _BYTES_PER_PARTITION + 1)
        self._directory = TemporaryDirectory(prefix="kt1-verify-")
        self._streams: list[BinaryIO] = []

    def __enter__(self) -> Self:
        self._streams = [path.open("wb") for path in self._paths]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._streams:
            stream.close()
        self._directory.cleanup()

    @property
    def _paths(self) -> list[Path]:
        folder = Path(self._directory.name)
        return [folder / f"{n:03}{end}" for end in (".items", _SCANS) for n in range(self.partitions)]

    def append(self, links: ItemLinks, scans: ScanIds) -> None:
        """Add what the next run found; runs come in the order of the log."""
        for stream, part in zip(self._streams, (*links.parts, *scans.parts), strict=True):
            stream.write(part)

    def finish(self) -> list[Path]:
        """Flush everything and return the files to check."""
        for stream in self._streams:
            stream.flush()
        return self._paths


def find_bad(path: Path) -> BadEntry | None:
    """Check one file by what it holds; return the first bad thing in it, or None."""
    return find_bad_scan_id(path) if path.suffix == _SCANS else find_bad_link(path)
