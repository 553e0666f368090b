"""Prints every ratio the product promises as one table, all measured in this run.

    python -m benchmarks [--quick] [--only scans|bags|pages|appending|verify|publishing|receipts]

A ratio is the median over the rounds; the spread stands beside it. Nothing is compared with another run, and
nothing here fails a build: machines are noisy, so a missed target is printed as missed.
"""

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import appending, scans
from benchmarks.scans import PACK, POSTGRES, SQLITE, Round, Setting
from benchmarks.table import promise, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One promised ratio: how a round gives it, and what it must be."""

    text: str
    of: Callable[[Round], float]
    at_least: float | None = None
    at_most: float | None = None


RATE = (
    Ratio(
        text="accepted takes /s : bare insert /s",
        of=lambda r: r.takes.per_second / r.insert.per_second,
        at_least=0.35,
    ),
    Ratio(
        text="accepted offers /s : bare insert /s",
        of=lambda r: r.offers.per_second / r.insert.per_second,
        at_least=0.35,
    ),
    Ratio(
        text="p99 of a take : p99 of a bare insert", of=lambda r: r.takes.p99_ms / r.insert.p99_ms, at_most=4
    ),
    Ratio(
        text="scans /s, 100 a request : one a request",
        of=lambda r: r.packs.per_second * PACK / r.offers.per_second,
        at_least=10,
    ),
    Ratio(text="a list of 200 : a single take", of=lambda r: r.list_take_s / r.single_take_s, at_most=10),
)
EMPTY = Ratio(
    text="p99 of a take : p99 of an empty endpoint", of=lambda r: r.takes.p99_ms / r.empty.p99_ms, at_most=4
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="one round each, a small log: a look, no figure")
    parser.add_argument(
        "--only",
        choices=["scans", "bags", "pages", "appending", "verify", "publishing", "receipts"],
        help="measure one part",
    )
    options = parser.parse_args()
    rounds = 1 if options.quick else 3
    quick = ["--quick"] if options.quick else []
    if options.only in {None, "scans"}:
        _print_scans(POSTGRES, RATE, rounds)
        _print_scans(SQLITE, (*RATE, EMPTY), rounds)
    if options.only in {None, "bags"}:
        say("\nBags, through services and writer, one caller")
        subprocess.run([sys.executable, "-m", "benchmarks.bags", *quick], check=True)  # noqa: S603  # ourselves
    if options.only in {None, "pages"}:
        say("\nPages, an item's timeline and the work lists, behind a long log")
        subprocess.run([sys.executable, "-m", "benchmarks.pages", *quick], check=True)  # noqa: S603  # ourselves
    if options.only in {None, "appending"}:
        appending.report(
            appending.measure(rounds=2 if options.quick else 5, seconds=1 if options.quick else 2)
        )
    if options.only in {None, "verify"}:
        sizes = ["--entries", "5000", "--rounds", "2", "--large", "50000"] if options.quick else []
        say("\nVerifying a log")
        subprocess.run([sys.executable, "-m", "benchmarks.verify", *sizes], check=True)  # noqa: S603  # ourselves
    if options.only in {None, "publishing"}:
        say("\nPublishing the log")
        subprocess.run([sys.executable, "-m", "benchmarks.publishing", *quick], check=True)  # noqa: S603  # ourselves
    if options.only in {None, "receipts"}:
        say("\nReceipts and proofs of a large log")
        subprocess.run([sys.executable, "-m", "benchmarks.receipts", *quick], check=True)  # noqa: S603  # ourselves


def _print_scans(setting: Setting, ratios: Sequence[Ratio], rounds: int) -> None:
    say(f"\nScans over HTTP, {setting.name}, 16 connections, {rounds} rounds")
    measured = scans.measure(setting, rounds=rounds)
    for line in _figures(measured):
        say(line)
    for ratio in ratios:
        values = [ratio.of(one) for one in measured]
        promise(ratio.text, values, at_least=ratio.at_least, at_most=ratio.at_most)


def _figures(measured: Sequence[Round]) -> Iterator[str]:
    rows = (
        ("empty endpoint (peer)", [one.empty for one in measured]),
        ("bare committed insert (peer)", [one.insert for one in measured]),
        ("offer", [one.offers for one in measured]),
        ("take", [one.takes for one in measured]),
        (f"{PACK} scans a request", [one.packs for one in measured]),
    )
    for name, loads in rows:
        rate, p50, p99 = (
            statistics.median(getattr(load, part) for load in loads)
            for part in ("per_second", "p50_ms", "p99_ms")
        )
        yield f"  {name:34} {rate:8.0f} requests/s   p50 {p50:7.1f} ms   p99 {p99:7.1f} ms"


if __name__ == "__main__":
    main()
