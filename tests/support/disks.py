"""A disk that forgets: after a power cut what was not synced may be gone, in each of the real ways."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from app.storage.errors import StoreBusy


class PowerCut(BaseException):
    """The machine stops here; nothing that runs may catch it."""


class Cut(Enum):
    """Whether the step at which the power fails still happened."""

    NOT_DONE = "not done"
    DONE = "done"


class Loss(Enum):
    """What the disk makes of everything nobody synced."""

    NOTHING = "nothing is lost"
    EVERYTHING = "everything unsynced is lost"
    CONTENTS = "names are kept, their contents lost"


@dataclass(eq=False)
class _File:
    now: bytes = b""
    durable: bytes = b""


@dataclass(eq=False)
class _Folder:
    now: dict[str, "_File | _Folder"] = field(default_factory=dict)
    durable: dict[str, "_File | _Folder"] = field(default_factory=dict)


class FragileDisk:
    """Keeps in mind what is durable; `cut_at` numbers the step, from 0, at which the power fails."""

    def __init__(self) -> None:
        self._root = _Folder()
        self._locked: set[Path] = set()
        self.steps: list[str] = []
        self.cut_at: int | None = None
        self.cut = Cut.NOT_DONE

    def copy(self) -> "FragileDisk":
        """Return an equal disk that goes its own way; its steps are counted anew."""
        other = FragileDisk()
        other._root = deepcopy(self._root)
        return other

    def reboot(self, loss: Loss) -> None:
        """Come back after the power cut."""
        _forget(self._root, loss)
        self._locked.clear()
        self.cut_at = None

    def read(self, path: Path) -> bytes | None:
        found = self._find(path)
        return found.now if isinstance(found, _File) else None

    def names(self, folder: Path) -> tuple[str, ...]:
        found = self._find(folder)
        return tuple(sorted(found.now)) if isinstance(found, _Folder) else ()

    def has_folder(self, folder: Path) -> bool:
        return isinstance(self._find(folder), _Folder)

    def make_folder(self, folder: Path) -> None:
        with self._step(f"mkdir {folder}"):
            self._folder(folder.parent).now.setdefault(folder.name, _Folder())

    def write(self, path: Path, content: bytes) -> None:
        with self._step(f"write {path}"):
            self._folder(path.parent).now[path.name] = _File(now=content)

    def sync(self, *paths: Path) -> None:
        for path in paths:
            with self._step(f"sync {path}"):
                found = self._find(path)
                assert isinstance(found, _File)
                found.durable = found.now

    def rename(self, draft: Path, path: Path) -> None:
        with self._step(f"rename {draft} {path}"):
            assert draft.parent == path.parent
            names = self._folder(path.parent).now
            names[path.name] = names.pop(draft.name)

    def sync_folders(self, *folders: Path) -> None:
        for folder in folders:
            with self._step(f"sync {folder}/"):
                found = self._folder(folder)
                found.durable = dict(found.now)

    @contextmanager
    def lock(self, path: Path) -> Iterator[None]:
        if path in self._locked:
            raise StoreBusy(str(path.parent))
        self._locked.add(path)
        try:
            yield
        finally:
            self._locked.discard(path)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        last = self.cut_at == len(self.steps)
        self.steps.append(name)
        if last and self.cut is Cut.NOT_DONE:
            raise PowerCut(name)
        yield
        if last:
            raise PowerCut(name)

    def _find(self, path: Path) -> _File | _Folder | None:
        found: _File | _Folder | None = self._root
        for part in path.parts[1:]:
            found = found.now.get(part) if isinstance(found, _Folder) else None
        return found

    def _folder(self, path: Path) -> _Folder:
        found = self._find(path)
        assert isinstance(found, _Folder), path
        return found


def _forget(folder: _Folder, loss: Loss) -> None:
    if loss is Loss.EVERYTHING:
        folder.now = dict(folder.durable)
    for found in folder.now.values():
        if isinstance(found, _Folder):
            _forget(found, loss)
        elif loss is not Loss.NOTHING:
            found.now = found.durable
