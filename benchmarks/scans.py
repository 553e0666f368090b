"""How many scans an installation records over HTTP, beside a bare Flask endpoint that commits one insert.

Each round drives, in turn and on the same machine, disk and server settings: the peer's empty endpoint, the
peer's insert, offers (one scan a request), the takes that move custody, requests of 100 scans, and, one at a
time, single takes and takes of a list of 200. Ratios are taken inside a round and their median is printed. A
round in which a scan was not accepted is an error.
"""

import http.client
import json
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.domain.ids import ConsignmentCode
from benchmarks.cluster import durable_postgres, make_database
from benchmarks.load import Load, drive
from benchmarks.serving import gunicorn
from benchmarks.world import Person, World, make_world, request_body
from crypto.envelope import Envelope

SECONDS = 3
SINGLES = 4_500
PACK = 100
GROUPS = 48
PACKED_REQUESTS = 700
LIST = 200
REPEATS = 15
PEER_REQUESTS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One deployment to measure."""

    name: str
    postgres: bool
    workers: int
    threads: int


POSTGRES = Setting(name="PostgreSQL, 2 workers x 8 threads", postgres=True, workers=2, threads=8)
SQLITE = Setting(name="SQLite, 1 worker x 16 threads", postgres=False, workers=1, threads=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round measured; the last two are seconds of one request."""

    empty: Load
    insert: Load
    offers: Load
    takes: Load
    packs: Load
    single_take_s: float
    list_take_s: float


def measure(setting: Setting, *, rounds: int) -> list[Round]:
    """Measure one deployment; raises RuntimeError when a scan was not accepted."""
    with (
        tempfile.TemporaryDirectory(prefix="kt1-bench-", ignore_cleanup_errors=True) as name,
        ExitStack() as stack,
    ):
        scratch = Path(name)
        scratch.chmod(0o755)
        server = stack.enter_context(durable_postgres(scratch / "pg")) if setting.postgres else ""
        return [_round(setting, scratch / f"r{number}", server) for number in range(rounds)]


def _round(setting: Setting, scratch: Path, server: str) -> Round:
    scratch.mkdir()
    file = f"sqlite:///{scratch / 'peer.sqlite3'}"
    peer = {"KT1_BENCH_URL": make_database(server, f"peer_{scratch.name}") or file}
    world = make_world(scratch / "installation", make_database(server, f"kt1_{scratch.name}"))
    work = _Work(world)
    world.close()
    with _serving(setting, "benchmarks.peer:app", peer, scratch) as port:
        drive(port, "/insert", work.peer[:3_000], scratch, seconds=1)
        empty = drive(port, "/empty", work.peer, scratch, seconds=SECONDS)
        insert = drive(port, "/insert", work.peer, scratch, seconds=SECONDS)
    with _serving(setting, "wsgi:devices", world.environment(), scratch) as port:
        _scan(port, work.warm_up, scratch, world.giver)
        offers = _scan(port, work.offers, scratch, world.giver)
        takes = _scan(port, work.takes, scratch, world.courier)
        packs = _scan(port, work.packs, scratch, world.giver)
        single = _one_by_one(port, work.single_takes, world.courier)
        whole = _one_by_one(port, work.list_takes, world.courier)
    return Round(
        empty=empty,
        insert=insert,
        offers=offers,
        takes=takes,
        packs=packs,
        single_take_s=single,
        list_take_s=whole,
    )


class _Work:
    """The requests of one round, signed before any clock runs."""

    def __init__(self, world: World) -> None:
        self._world = world
        fresh = world.register(SINGLES + 500)
        self.warm_up = [request_body([world.offer([code], _nonce())]) for code in fresh[SINGLES:]]
        self.offers = [request_body([world.offer([code], _nonce())]) for code in fresh[:SINGLES]]
        self.takes = self._takes(SINGLES, lines=1)
        self.single_takes = self._takes(REPEATS, lines=1)
        self.list_takes = self._takes(REPEATS * LIST, lines=LIST)
        self.packs = self._packs()
        self.peer = [self.offers[0]] * PEER_REQUESTS

    def _takes(self, items: int, *, lines: int) -> list[bytes]:
        """Register and offer items beside the measurement; return the takes, `lines` items each."""
        codes = self._world.register(items)
        bodies: list[bytes] = []
        for at in range(0, items, LIST):
            offered = codes[at : at + LIST]
            nonce = _nonce()
            self._world.receive(self._world.giver, self._world.offer(offered, nonce))
            bodies += [
                request_body([self._world.take(offered[start : start + lines], nonce)])
                for start in range(0, len(offered), lines)
            ]
        return bodies

    def _packs(self) -> list[bytes]:
        """Offer and recall fifty items a request; requests in flight together never share an item."""
        codes = self._world.register(GROUPS * PACK // 2)
        return [
            request_body(list(self._pairs(codes[group * PACK // 2 : (group + 1) * PACK // 2])))
            for group in (number % GROUPS for number in range(PACKED_REQUESTS))
        ]

    def _pairs(self, codes: Sequence[ConsignmentCode]) -> Iterator[Envelope]:
        for code in codes:
            nonce = _nonce()
            yield self._world.offer([code], nonce)
            yield self._world.recall([code], nonce)


def _nonce() -> str:
    return secrets.token_hex(16)


@contextmanager
def _serving(setting: Setting, target: str, env: dict[str, str], scratch: Path) -> Iterator[int]:
    with gunicorn(
        target, env, workers=setting.workers, threads=setting.threads, log=scratch / "log.txt"
    ) as port:
        yield port


def _scan(port: int, bodies: Sequence[bytes], scratch: Path, person: Person) -> Load:
    load = drive(port, "/api/v1/scans", bodies, scratch, token=person.token, seconds=SECONDS)
    if load.failures or load.requests >= len(bodies):
        raise RuntimeError(f"not a measurement: {load}, {len(bodies)} requests were ready")
    return load


def _one_by_one(port: int, bodies: Sequence[bytes], person: Person) -> float:
    """Send requests one after the other and return the median seconds of one; every line must be accepted."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {person.token}"}
    seconds: list[float] = []
    for body in bodies:
        began = time.perf_counter()
        connection.request("POST", "/api/v1/scans", body, headers)
        answer = json.loads(connection.getresponse().read())
        seconds.append(time.perf_counter() - began)
        if {result["status"] for result in answer["results"]} != {"accepted"}:
            raise RuntimeError(f"a scan was not accepted: {answer}")
    connection.close()
    return statistics.median(seconds)
