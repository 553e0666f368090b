"""How many entries a log takes when nothing but appending is measured, beside bare durable commits and peers.

    python -m benchmarks.appending [--quick]

Every entry of ours is written, chained, signed and committed durably before its caller hears of it. In each
round the contenders take turns on the same disk; a ratio is the median over the rounds of the ratios inside
each. Nothing is compared with another run.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.factory import build_runtime
from app.keystore import create_keys
from app.runtime import Runtime
from app.services.log.log import begin_log
from app.storage import migrate
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from benchmarks import append_peers as peers
from benchmarks.append_peers import EVENT, WRITERS
from benchmarks.cluster import durable_postgres
from benchmarks.table import promise, say
from config import Config

BATCH = 100
# With what every entry carries besides, a little more than the 300 bytes of the anchors' rows.
DRAFT = EntryDraft(kind=EntryKind.LABEL_PRINTED, facts={"actor": 1, "copies": 1, "reason": EVENT[:20].hex()})
Rates = Mapping[str, float]
SQLITE, POSTGRES = "bare commit, SQLite", "bare commit, PostgreSQL"
TRIGGER = "chain trigger, PostgreSQL, 16 writers"
AUDITCHAIN, HYPERCORE, CORE_BATCH = "auditchain, Ed25519", "hypercore, no sync", "hypercore, batches of 100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promised ratio: who, against whom, and at least how much."""

    who: str
    against: str
    at_least: float


PROMISES = (
    Promise(who="ours, SQLite", against=SQLITE, at_least=0.6),
    Promise(who="ours, PostgreSQL", against=POSTGRES, at_least=0.5),
    Promise(who="ours, SQLite, batches of 100", against=SQLITE, at_least=3),
    Promise(who="ours, PostgreSQL, batches of 100", against=POSTGRES, at_least=3),
    Promise(who="ours, SQLite, 16 writers", against=SQLITE, at_least=1.3),
    Promise(who="ours, PostgreSQL, 16 writers", against=TRIGGER, at_least=1.5),
)


def main() -> None:
    """Measure and print; missed promises are printed as missed, for machines are noisy."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="two short rounds: a look, no figure")
    options = parser.parse_args()
    report(measure(rounds=2 if options.quick else 5, seconds=1.0 if options.quick else 2.0))


def measure(*, rounds: int, seconds: float) -> list[Rates]:
    """Let every contender take its turn in each round; return entries a second by contender."""
    with tempfile.TemporaryDirectory(prefix="kt1-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with durable_postgres(folder / "pg") as server, _contenders(folder, server) as contenders:
            return [{who: run(seconds) for who, run in contenders.items()} for _ in range(rounds)]


def report(measured: list[Rates]) -> None:
    """Print every contender's rate and every promised ratio."""
    say(f"\nAppending, every entry signed and durable, {len(measured)} rounds")
    for who in measured[0]:
        rates = [rates[who] for rates in measured]
        spread = f"({min(rates):.0f}-{max(rates):.0f})"
        say(f"  {who:42} {statistics.median(rates):9.0f} entries/s {spread}")
    for promised in PROMISES:
        ratios = [rates[promised.who] / rates[promised.against] for rates in measured]
        promise(f"{promised.who} : {promised.against}", ratios, at_least=promised.at_least)


@contextmanager
def _contenders(folder: Path, server: str) -> Iterator[dict[str, Callable[[float], float]]]:
    with psycopg.connect(server, autocommit=True) as connection:
        for database in ("anchor", "kt1"):
            connection.execute(f"CREATE DATABASE {database}")
    anchor, ours = (server.replace("/postgres?", f"/{name}?") for name in ("anchor", "kt1"))
    with _log(folder / "lite", "") as lite, _log(folder / "pg-log", ours) as pg:
        yield {
            SQLITE: lambda seconds: peers.sqlite_commits(folder, seconds),
            POSTGRES: lambda seconds: peers.postgres_commits(anchor, seconds),
            **_ours("SQLite", lite),
            **_ours("PostgreSQL", pg),
            TRIGGER: lambda seconds: peers.postgres_trigger(anchor, folder, seconds),
            AUDITCHAIN: lambda seconds: peers.auditchain_appends(folder, seconds),
            HYPERCORE: lambda seconds: peers.hypercore_appends(folder, seconds),
            CORE_BATCH: lambda seconds: peers.hypercore_appends(folder, seconds, batch=BATCH),
        }


def _ours(database: str, runtime: Runtime) -> dict[str, Callable[[float], float]]:
    return {
        f"ours, {database}": lambda seconds: peers.repeat(lambda: runtime.write(append), seconds),
        f"ours, {database}, batches of 100": lambda seconds: (
            BATCH * peers.repeat(lambda: runtime.write(append_many), seconds)
        ),
        f"ours, {database}, 16 writers": lambda seconds: concurrent(runtime, seconds),
    }


def append(uow: UnitOfWork) -> None:
    """Append one entry."""
    uow.audit.append(DRAFT)


def append_many(uow: UnitOfWork) -> None:
    """Append a batch, each entry signed, in one commit."""
    for _ in range(BATCH):
        uow.audit.append(DRAFT)


def concurrent(runtime: Runtime, seconds: float) -> float:
    """Let 16 callers each wait for their own entries, one after the other."""
    done = [0] * WRITERS
    barrier = threading.Barrier(WRITERS + 1)
    end = [0.0]

    def work(number: int) -> None:
        barrier.wait()
        while time.perf_counter() < end[0]:
            runtime.write(append)
            done[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    end[0] = began + seconds
    barrier.wait()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


@contextmanager
def _log(folder: Path, url: str) -> Iterator[Runtime]:
    config = Config(data_dir=folder, database_url=url)
    folder.mkdir()
    create_keys(config.keys_path)
    migrate.upgrade(config.database_url)
    runtime = build_runtime(config)
    try:
        runtime.write(begin_log)
        yield runtime
    finally:
        runtime.close()


if __name__ == "__main__":
    main()
