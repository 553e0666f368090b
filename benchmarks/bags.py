"""Measures what a bag saves: closing 200 items and accepting them as one, against handing one item over.

    python -m benchmarks.bags [--quick]

Signed scans through the real services and the real writer, with every sync that production makes; both sides
in turns in one run. The promise is about closing and accepting; what packing and answering cost stands
beside it, because somebody must do them too.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.storage import migrate
from app.storage.engine import make_engines
from app.storage.writer import Writer
from audit.evidence import Mark
from benchmarks.cluster import durable_postgres
from benchmarks.synthetic_log import LOG, ORIGIN
from benchmarks.table import promise, say
from config import Config
from tests.support.post_town import OTHER_POST, PostTown
from tests.support.town import POST

ITEMS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Seconds for one item handed over alone, and for a whole bag, step by step."""

    single: float
    pack: float
    move: float
    answer: float

    @property
    def moved(self) -> float:
        """What closing and accepting costs an item, a handover alone being 1."""
        return self.move / ITEMS / self.single

    @property
    def whole(self) -> float:
        """The same with packing and answering."""
        return (self.pack + self.move + self.answer) / ITEMS / self.single


def main() -> None:
    """Print the table; a missed target is printed as missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a look: fewer turns")
    turns = 2 if parser.parse_args().quick else 5
    with TemporaryDirectory(prefix="kt1-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        _print("SQLite", measure(folder / "lite", turns))
        with durable_postgres(folder / "pg") as server:
            _print("PostgreSQL", measure(folder / "pg-log", turns, url=server))


def _print(database: str, turns: Sequence[Turn]) -> None:
    text = f"closing and accepting a bag of {ITEMS}, an item : a handover, {database}"
    promise(text, [turn.moved for turn in turns], at_most=0.25)
    whole = sorted(turn.whole for turn in turns)[len(turns) // 2]
    say(f"  with packing and answering line by line: {whole:.2f}")


def measure(folder: Path, turns: int, *, url: str = "") -> list[Turn]:
    """Hand over and carry in turns; the first turn warms up and is left out."""
    config = Config(data_dir=folder, origin=ORIGIN, database_url=url)
    folder.mkdir()
    migrate.upgrade(config.database_url)
    engines = make_engines(config)
    writer = Writer(engines.write, LOG, lambda: datetime.now(UTC))
    try:
        town = PostTown(writer, lambda: datetime.now(UTC), LOG)
        return [_turn(town, number) for number in range(turns + 1)][1:]
    finally:
        writer.stop()
        engines.dispose()


def _turn(town: PostTown, number: int) -> Turn:
    codes = [str(code) for code in town.register(ITEMS)]
    town.post(codes)
    town.pass_on("chien", "dung", codes, place=POST)
    bag = town.start(asset=f"TUI-{number}")
    pack = _timed(lambda: town.pack("dung", bag, codes))
    seal = f"NP-{number:04d}"

    def move() -> None:
        town.close("dung", bag, seal=seal)
        town.hand_bag("dung", "duc", bag, place=POST, seal=seal)

    moved = _timed(move)
    town.hand_bag("duc", "giang", bag, place=OTHER_POST, seal=seal)
    town.open_bag("giang", bag, witness="khanh", seal=seal)
    answer = _timed(lambda: town.answer("giang", bag, dict.fromkeys(codes, Mark.RECEIVED)))
    alone = [str(code) for code in town.register(20)]
    town.post(alone)
    single = _timed(lambda: [town.pass_on("chien", "duc", [code], place=POST) for code in alone]) / len(alone)
    return Turn(single=single, pack=pack, move=moved, answer=answer)


def _timed(do: Callable[[], object]) -> float:
    before = time.perf_counter()
    do()
    return time.perf_counter() - before


if __name__ == "__main__":
    main()
