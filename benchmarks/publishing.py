"""Measures publishing against the appending it must keep up with, on both databases.

    python -m benchmarks.publishing [--quick]

Both sides of a ratio are measured in turns in one run, with every sync that production makes: appending is
100 signed entries a commit (SQLite in WAL mode with FULL, PostgreSQL with synchronous_commit), publishing is
tiles, their syncs, reading back, and both checkpoint signatures after each 5,000 entries: some two seconds of
full load, far oftener than the minute that a server leaves between two publications.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from app.factory import key_ring_of
from app.keystore import create_keys
from app.services.log.key_ring import LogView
from app.services.log.published_log import PublishedLog
from app.services.log.publishing import publish
from app.storage import migrate
from app.storage.checkpoint_store import CheckpointStore
from app.storage.engine import make_engines
from app.storage.reader import Reader
from app.storage.tile_folder import TileFolder
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import EntryDraft
from benchmarks.cluster import durable_postgres
from benchmarks.synthetic_log import LOG, ORIGIN, drafts
from benchmarks.table import promise
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
    turns = 2 if parser.parse_args().quick else 5
    with TemporaryDirectory(prefix="kt1-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        _print("SQLite", measure(folder / "lite", turns))
        with durable_postgres(folder / "pg") as server:
            _print("PostgreSQL", measure(folder / "pg-log", turns, url=server))


def _print(database: str, turns: Sequence[Turn]) -> None:
    text = f"publishing : appending 100 a commit, {database}"
    promise(text, [turn.ratio for turn in turns], at_most=0.3)


def measure(folder: Path, turns: int, *, url: str = "") -> list[Turn]:
    """Append and publish in turns; the first turn warms up and is left out."""
    config = Config(data_dir=folder, origin=ORIGIN, database_url=url)
    folder.mkdir()
    migrate.upgrade(config.database_url)
    engines = make_engines(config)
    writer, door = Writer(engines.write, LOG, now), Door(Reader(engines.read))
    log = published_log(config)
    supply = list(drafts((turns + 1) * BATCH * BATCHES))
    batches = [supply[at : at + BATCH] for at in range(0, len(supply), BATCH)]
    try:
        found = []
        for turn in range(turns + 1):
            mine = batches[turn * BATCHES : (turn + 1) * BATCHES]
            append = _timed(partial(append_all, writer, mine))
            shown = _timed(lambda: publish(door, log, clock=now))
            found.append(Turn(append=append, publish=shown))
        return found[1:]
    finally:
        writer.stop()
        engines.dispose()


def published_log(config: Config) -> PublishedLog:
    """Say where the log of a benchmark is published and who signs it."""
    return PublishedLog(
        origin=ORIGIN,
        folder=TileFolder(config.tlog_path),
        store=CheckpointStore(config.checkpoints_path),
        ring=key_ring_of(config, create_keys(config.keys_path), lambda: LogView(size=0)),
    )


class Door:
    """The reading door of a runtime, without one."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a reading use case."""
        return self._reader.read(lambda uow: use_case(uow, *args, **kwargs))


def append_all(writer: Writer, batches: Iterable[Sequence[EntryDraft]]) -> None:
    """Append each batch in a commit of its own."""
    for batch in batches:
        writer.submit(_appending(batch))


def _appending(batch: Sequence[EntryDraft]) -> Callable[[UnitOfWork], None]:
    def append(uow: UnitOfWork) -> None:
        for draft in batch:
            uow.audit.append(draft)

    return append


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
