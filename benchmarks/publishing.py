"""Measures publishing against the appending it must keep up with, and a proof from the tiles of a large log.

    python -m benchmarks.publishing [--quick]

Both sides of a ratio are measured in turns in one run, with every sync that production makes: appending is
100 signed entries a commit on SQLite (WAL, FULL), publishing is tiles, their syncs, reading back, and both
checkpoint signatures after each 5,000 entries: some two seconds of full load, far oftener than the minute
that a server leaves between two publications.
"""

import argparse
import hashlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from app.factory import key_ring_of
from app.keystore import create_keys
from app.services.key_ring import LogView
from app.services.published_log import PublishedLog
from app.services.publishing import publish
from app.storage import migrate
from app.storage.checkpoint_store import CheckpointStore
from app.storage.engine import make_engines
from app.storage.reader import Reader
from app.storage.tile_folder import TileFolder
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import EntryDraft
from audit.merkle import inclusion_proof, verify_inclusion
from audit.tile_grower import TileFile, TileGrower
from benchmarks.synthetic_log import LOG, ORIGIN, drafts
from config import Config

T = TypeVar("T")
BATCH, BATCHES = 100, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn: seconds for the same 5,000 entries."""

    append: float
    publish: float

    @property
    def ratio(self) -> float:
        """What publishing costs, appending being 1."""
        return self.publish / self.append


def main() -> None:
    """Print the table; a missed target is printed as missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a look: fewer turns, a log of 100,000")
    options = parser.parse_args()
    turns, size = (2, 100_000) if options.quick else (5, 1_000_000)
    with TemporaryDirectory(prefix="kt1-bench-") as folder:
        report(
            "publishing : appending, 100 a commit",
            [turn.ratio for turn in measure(Path(folder), turns)],
            at_most=0.3,
        )
        report(f"a proof from tiles at {size:,}, ms", proofs(Path(folder) / "large", size), at_most=5.0)


def measure(folder: Path, turns: int) -> list[Turn]:
    """Append and publish in turns; the first turn warms up and is left out."""
    config = Config(data_dir=folder, origin=ORIGIN)
    migrate.upgrade(config.database_url)
    engines = make_engines(config)
    writer, door = Writer(engines.write, LOG, _now), _Door(Reader(engines.read))
    log = PublishedLog(
        origin=ORIGIN,
        folder=TileFolder(config.tlog_path),
        store=CheckpointStore(config.checkpoints_path),
        ring=key_ring_of(config, create_keys(config.keys_path), lambda: LogView(size=0)),
    )
    supply = list(drafts((turns + 1) * BATCH * BATCHES))
    batches = [supply[at : at + BATCH] for at in range(0, len(supply), BATCH)]
    try:
        found = []
        for turn in range(turns + 1):
            mine = batches[turn * BATCHES : (turn + 1) * BATCHES]
            append = _timed(partial(_append_all, writer, mine))
            shown = _timed(lambda: publish(door, log, clock=_now))
            found.append(Turn(append=append, publish=shown))
        return found[1:]
    finally:
        writer.stop()
        engines.dispose()


def proofs(folder: Path, size: int, *, count: int = 200) -> list[float]:
    """Return milliseconds for each of many proofs, each by a reader that begins with an empty memory."""
    tiles, grower = TileFolder(folder), TileGrower()
    with tiles.lock():
        for some in _files(grower, size):
            tiles.write(some)
    root, found = grower.root(), []
    for number in range(count):
        index = number * 7_919 % size
        started = time.perf_counter()
        path = inclusion_proof(index, size, tiles.reader(size=size, root=root).node)
        found.append((time.perf_counter() - started) * 1000)
        verify_inclusion(_leaf(index), index, size, path, root)
    return found


def report(text: str, values: Sequence[float], *, at_most: float) -> None:
    """Print the median with its spread beside the target."""
    middle = statistics.median(values)
    spread = f"({min(values):.2f}-{max(values):.2f})"
    met = "met" if middle <= at_most else "MISSED"
    sys.stdout.write(f"  {text:42} {middle:7.2f} {spread:15} <= {at_most:<5} {met}\n")
    sys.stdout.flush()


class _Door:
    """The reading door of a runtime, without one."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a reading use case."""
        return self._reader.read(lambda uow: use_case(uow, *args, **kwargs))


def _append_all(writer: Writer, batches: Sequence[Sequence[EntryDraft]]) -> None:
    for batch in batches:
        writer.submit(_appending(batch))


def _appending(batch: Sequence[EntryDraft]) -> Callable[[UnitOfWork], None]:
    def append(uow: UnitOfWork) -> None:
        for draft in batch:
            uow.audit.append(draft)

    return append


def _files(grower: TileGrower, size: int) -> Iterator[list[TileFile]]:
    some: list[TileFile] = []
    for index in range(size):
        some += grower.add(_leaf(index))
        if len(some) >= 500:
            yield some
            some = []
    yield some + grower.partials()


def _leaf(index: int) -> bytes:
    return hashlib.sha256(index.to_bytes(8, "big")).digest()


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
