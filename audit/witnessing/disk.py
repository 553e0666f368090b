"""The few steps a witness's memory is written in; after each of them the power may fail.

A file is never changed in place: it is written whole under another name, synced, renamed, and its folder
synced. Kept apart from their use so that a test can break each step. NFS and the like must not carry it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

_LOCK = ".lock"
_DRAFT = ".new"


class Disk(Protocol):
    """What storing one file takes, step by step."""

    def write(self, path: Path, content: bytes) -> None:
        """Write a whole file under a name nobody reads; nothing of it is durable yet."""
        ...

    def sync(self, path: Path) -> None:
        """Make a file's bytes durable, its name not."""
        ...

    def rename(self, draft: Path, path: Path) -> None:
        """Give a file its name at once, in place of whatever had it."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        ...


class LocalDisk:
    """A POSIX file system of this machine."""

    def write(self, path: Path, content: bytes) -> None:
        """Write without syncing, for the owner alone."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)

    def sync(self, path: Path) -> None:
        """Sync a file."""
        _sync(path, os.O_RDONLY)

    def rename(self, draft: Path, path: Path) -> None:
        """Rename."""
        draft.replace(path)

    def sync_folder(self, folder: Path) -> None:
        """Sync a folder."""
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def store_file(disk: Disk, path: Path, content: bytes) -> None:
    """Put one file in place; when this returns it is there whatever happens. Raises OSError."""
    draft = path.with_name(f".{path.name}{_DRAFT}")
    disk.write(draft, content)
    disk.sync(draft)
    disk.rename(draft, path)
    disk.sync_folder(path.parent)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait for the folder's lock, which holds off other threads and other processes alike."""
    # Each opening is a holder of its own, so that this also works between the threads of one process.
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
