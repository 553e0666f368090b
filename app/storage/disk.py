"""The few things a durable store asks of a disk, each of them a step after which the power may fail.

Kept apart so that a test can stand a disk behind them that loses whatever was not synced. A file is never
changed in place: it is written whole under another name, synced, renamed, and its folder synced. NFS and the
like do not keep these promises and must not carry a store.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import repeat
from pathlib import Path
from typing import Protocol

from app.storage.errors import StoreBusy

LOCK = ".lock"
_DRAFT = ".new"
_AT_ONCE = 8


class Disk(Protocol):
    """A disk, seen from a store."""

    def read(self, path: Path) -> bytes | None:
        """Return a file's bytes, None when there is none."""
        ...

    def names(self, folder: Path) -> tuple[str, ...]:
        """Return the names in a folder in order, none when there is no folder."""
        ...

    def make_folder(self, folder: Path) -> None:
        """Make a folder for its owner alone; its entry in the folder above is not durable yet."""
        ...

    def has_folder(self, folder: Path) -> bool:
        """Tell whether a folder is there."""
        ...

    def write(self, path: Path, content: bytes) -> None:
        """Write a whole file under a name nobody reads; nothing of it is durable yet."""
        ...

    def sync(self, *paths: Path) -> None:
        """Make files' bytes durable, their names not."""
        ...

    def rename(self, draft: Path, path: Path) -> None:
        """Give a file its name at once, in place of whatever had it."""
        ...

    def sync_folders(self, *folders: Path) -> None:
        """Make the names in folders durable."""
        ...

    def lock(self, path: Path) -> AbstractContextManager[None]:
        """Hold a lock that the system releases with the process; raises StoreBusy when another has it."""
        ...


class LocalDisk:
    """A POSIX file system of this machine."""

    def read(self, path: Path) -> bytes | None:
        """Read a file."""
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, folder: Path) -> tuple[str, ...]:
        """List a folder."""
        try:
            return tuple(sorted(os.listdir(folder)))  # noqa: PTH208  # names are all that is wanted
        except FileNotFoundError:
            return ()

    def make_folder(self, folder: Path) -> None:
        """Make one folder."""
        folder.mkdir(mode=0o700, exist_ok=True)

    def has_folder(self, folder: Path) -> bool:
        """Look for a folder."""
        return folder.is_dir()

    def write(self, path: Path, content: bytes) -> None:
        """Write without syncing."""
        with path.open("wb") as stream:
            stream.write(content)

    def sync(self, *paths: Path) -> None:
        """Sync files, some at a time: the file system then writes its journal once for many."""
        _sync_all(paths, os.O_RDONLY)

    def rename(self, draft: Path, path: Path) -> None:
        """Rename."""
        draft.replace(path)

    def sync_folders(self, *folders: Path) -> None:
        """Sync folders."""
        _sync_all(folders, os.O_RDONLY | os.O_DIRECTORY)

    @contextmanager
    def lock(self, path: Path) -> Iterator[None]:
        """Take an advisory lock on a file that is never removed."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreBusy(f"{path.parent} is in use by another process") from None
            yield
        finally:
            os.close(descriptor)


def store_file(disk: Disk, path: Path, content: bytes) -> None:
    """Put one file in place durably; when this returns it is there whatever happens."""
    store_files(disk, path.parent, {path: content})


def store_files(disk: Disk, top: Path, files: Mapping[Path, bytes]) -> None:
    """Put files in place durably, in their order, with one sync of each folder at the end.

    Until this returns any of them may be there, each one whole; folders are made from `top` downwards.
    """
    made = [folder for path in files for folder in _make_folders(disk, top, path.parent)]
    for path, content in files.items():
        disk.write(_draft(path), content)
    # All are on their way to the disk before the first is waited for.
    disk.sync(*map(_draft, files))
    for path in files:
        disk.rename(_draft(path), path)
    disk.sync_folders(*dict.fromkeys((*(path.parent for path in files), *(new.parent for new in made))))


def open_folder(disk: Disk, folder: Path) -> None:
    """Make the folder of a store, and those above it, durably."""
    made = list(_make_folders(disk, Path(folder.anchor), folder))
    disk.sync_folders(*dict.fromkeys(new.parent for new in made))


def _make_folders(disk: Disk, top: Path, folder: Path) -> Iterable[Path]:
    if folder == top or disk.has_folder(folder):
        return ()
    above = [*_make_folders(disk, top, folder.parent)]
    disk.make_folder(folder)
    return (*above, folder)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}{_DRAFT}")


def _sync_all(paths: Sequence[Path], flags: int) -> None:
    if len(paths) <= 1:
        for path in paths:
            _sync(path, flags)
        return
    with ThreadPoolExecutor(min(len(paths), _AT_ONCE)) as pool:
        # Asking for each result raises what went wrong in any of them.
        for _ in pool.map(_sync, paths, repeat(flags)):
            pass


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
