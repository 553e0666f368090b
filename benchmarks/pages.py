"""Measures whether history makes pages slow: an item's timeline and the work lists, long log against short.

    python -m benchmarks.pages [--quick]

Two installations hold the same open work; behind one lie 1,000,000 entries, behind the other 1,000. The same
pages are asked of both in turns, through the whole people surface without a network.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import create_engine, text

from app.factory import build_runtime
from benchmarks.cluster import durable_postgres, make_database
from benchmarks.day import live, open_work, staff
from benchmarks.grown import grow, mark, read_day
from benchmarks.table import promise, say
from tests.support.installation import Browser, Installation, installed

SHORT: Final = 1_000
WORK_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "an.nguyen": ("/", "/acknowledgements", "/tracers", "/holdings"),
    "chien": ("/", "/bags?queue=to_accept", "/bags?queue=in_hand", "/legs", "/unattended", "/holdings"),
    "dung": (
        "/",
        "/bags?queue=packing",
        "/bags?queue=on_the_way",
        "/incidents",
        "/shifts",
        "/musters",
        "/legs",
        "/unattended",
        "/holdings",
    ),
    "giang": (
        "/",
        "/bags?queue=to_answer",
        "/incidents",
        "/incidents?show=late",
        "/shifts",
        "/unattended",
        "/tracers",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One installation with its people at their browsers, and the item whose timeline is asked for."""

    browsers: Mapping[str, Browser]
    item: str
    entries: int


def main() -> None:
    """Print the table; a missed target is printed as missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a look: 20,000 entries, fewer turns")
    quick = parser.parse_args().quick
    size, turns = (20_000, 5) if quick else (1_000_000, 15)
    with TemporaryDirectory(prefix="kt1-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        _report("SQLite", folder / "lite", size, turns)
        with durable_postgres(folder / "pg") as server:
            _report("PostgreSQL", folder / "pg-data", size, turns, server=server)


def _report(database: str, folder: Path, size: int, turns: int, *, server: str = "") -> None:
    folder.mkdir()
    with ExitStack() as stack:
        short, long = (
            stack.enter_context(_side(folder / name, entries, make_database(server, name)))
            for name, entries in (("short", SHORT), ("long", size))
        )
        say(f"  {database}: {short.entries:,} entries against {long.entries:,}")
        items = (f"/consignments/{short.item}", f"/consignments/{long.item}")
        timeline = {who: _compare(short, long, who, *items, turns) for who in ("an.nguyen", "giang")}
        text_ = f"the timeline of an item, long log : short log, {database}"
        promise(text_, list(timeline.values()), at_most=3, middle=max(timeline.values()))
        lists = {
            f"{who} {path}": _compare(short, long, who, path, path, turns)
            for who, paths in WORK_LISTS.items()
            for path in paths
        }
        slowest = sorted(lists, key=lists.__getitem__, reverse=True)[:3]
        text_ = f"the slowest of {len(lists)} work lists, long log : short log, {database}"
        promise(text_, list(lists.values()), at_most=3, middle=lists[slowest[0]])
        say(f"  the slowest: {', '.join(f'{name} {lists[name]:.2f}' for name in slowest)}")


def _compare(short: Side, long: Side, who: str, path: str, long_path: str, turns: int) -> float:
    """Ask for a page of both in turns; the first turn warms up."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(turns + 1):
        for side, asked, taken in ((short, path, times[0]), (long, long_path, times[1])):
            before = time.perf_counter()
            answer = side.browsers[who].get(asked)
            taken.append(time.perf_counter() - before)
            if answer.status_code != 200:
                raise RuntimeError(f"{asked} answered {answer.status_code}")
    return statistics.median(times[1][1:]) / statistics.median(times[0][1:])


@contextmanager
def _side(folder: Path, size: int, url: str) -> Iterator[Side]:
    """Play a day, copy it until the log has its size, start anew, and leave the same work open."""
    folder.mkdir()
    with installed(folder, database_url=url) as house:
        crew = staff(house)
        engine = create_engine(house.config.database_url)
        with engine.connect() as connection:
            before = mark(connection)
        live(crew)
        with engine.connect() as connection:
            day = read_day(connection, before)
    with engine.begin() as connection:
        later = grow(connection, day, (size - before.size) // day.entries - 1)
    with engine.begin() as connection:
        # What an administrator's server does by itself in the background.
        connection.execute(text("ANALYZE"))
    engine.dispose()
    house.clock.forward(later)
    runtime = build_runtime(house.config, clock=house.clock)
    try:
        again = Installation(
            config=house.config,
            runtime=runtime,
            clock=house.clock,
            unit_ids=house.unit_ids,
            actors=house.actors,
        )
        item = open_work(crew.moved_to(again))
        entries = runtime.read(lambda uow: uow.audit.head().size)
        browsers = {who: again.browser(who) for who in WORK_LISTS}
        yield Side(browsers=browsers, item=item, entries=entries)
    finally:
        runtime.close()


if __name__ == "__main__":
    main()
