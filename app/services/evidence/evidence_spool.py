"""Files on their way into a bundle, laid on the disk: memory holds their names and places, no bytes."""

import tempfile
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import BinaryIO, Self, cast

_IN_MEMORY = 8 * 1024 * 1024


class Spool(Mapping[str, bytes]):
    """Keeps files by name for a `with`; a name is given once."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def __enter__(self) -> Self:
        spooled = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)
        self._stream = cast("BinaryIO", spooled)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    @property
    def size(self) -> int:
        """Bytes kept so far."""
        return self._end

    def keep(self, name: str, data: bytes) -> None:
        """Add a file."""
        if name in self._places:
            raise ValueError(f"{name} is there already")
        self._stream.seek(self._end)
        self._stream.write(data)
        self._places[name] = (self._end, len(data))
        self._end += len(data)

    def __getitem__(self, name: str) -> bytes:
        start, length = self._places[name]
        self._stream.seek(start)
        return self._stream.read(length)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
