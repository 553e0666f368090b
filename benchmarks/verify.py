"""Measures the verifier against bare loops of as many Ed25519 verifications, and its memory on a large log.

    python -m benchmarks.verify [--entries 30000] [--rounds 5] [--large 1000000]

Ratios are taken in one run, round by round: on CPU time where one core is meant, so that other work on the
machine does not decide them; on the clock, the start of the workers included, where all cores are, against a
bare loop split over as many processes that have started already. It must never compare against figures from
another run.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.bundle import BundleReader
from audit.entry import DOMAIN, SUFFIX_LENGTH, parse_entry
from audit.verify import Depth, Report, verify_bundle
from audit.verify_tree import TreeJob, verify_tree
from benchmarks.published_tree import TREE_TRUST, publish
from benchmarks.synthetic_log import DEVICE, LOG, TRUST, make_log
from benchmarks.table import promise, say
from crypto.envelope import pre_authentication


def main() -> None:
    """Print the table; exit 1 when a log of our own making does not verify."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entries", type=int, default=30_000, help="entries of the log for the ratios")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", type=int, default=1_000_000, help="entries for memory; 0: leave it out")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    with TemporaryDirectory(prefix="kt1-bench-") as folder:
        bundle, tree = Path(folder) / "bundle", Path(folder) / "tree"
        make_log(bundle, options.entries)
        publish(tree, bundle)
        print_ratios(bundle, tree, options.rounds)
        if options.large:
            print_memory(bundle, Path(folder) / "large", options.large)


def print_ratios(bundle: Path, tree: Path, rounds: int) -> None:
    """Compare both depths with the bare loops, on one core and on all."""
    checks, cores = list(signatures(bundle)), len(os.sched_getaffinity(0))
    with bundle.open("rb") as stream:
        entries = sum(1 for _ in BundleReader(stream))
    alone, above, seconds = list[float](), list[float](), list[float]()
    spread: dict[str, list[float]] = {"a bundle": [], "a tree folder": []}
    with ProcessPoolExecutor(cores, initializer=_take, initargs=(bundle, cores)) as pool:
        list(pool.map(_ready, range(cores)))
        for _ in range(rounds):
            _, bare = timed_bare(checks)
            alone.append(bare / timed(lambda: verify_bundle(bundle, TRUST, jobs=1))[1])
            job = TreeJob(folder=tree, trust=TREE_TRUST, depth=Depth.TREE, jobs=1)
            _, cpu = timed(partial(verify_tree, job))
            # A bare verification for each entry: fewer than the signatures that are in them.
            above.append(bare / len(checks) * entries / cpu)
            seconds.append(cpu / entries * 100_000)
            every = bare_on_all(pool, cores)
            spread["a bundle"].append(every / timed(lambda: verify_bundle(bundle, TRUST))[0])
            job = TreeJob(folder=tree, trust=TREE_TRUST, depth=Depth.FULL)
            spread["a tree folder"].append(every / timed(partial(verify_tree, job))[0])
    say(f"  {entries} entries, {len(checks)} signatures, {cores} cores; bare Ed25519 loop : verifying")
    promise("chain, tree and signed checkpoint, one core (CPU)", above, at_least=20)
    promise("the same, seconds of CPU for 100,000 entries", seconds, at_most=2)
    promise("every signature, one core (CPU)", alone, at_least=0.8)
    for what, ratios in spread.items():
        promise(f"every signature, {what}, all cores (clock)", ratios, at_least=0.8)


def print_memory(small: Path, large: Path, size: int) -> None:
    """Compare the peak memory on a large log with that on a tenth of it, at both depths."""
    peaks: dict[str, list[float]] = {"every signature": [], "chain, tree and checkpoint": []}
    for entries in (size // 10, size):
        make_log(small, entries)
        rmtree(large, ignore_errors=True)
        publish(large, small)
        for depth, path in zip(peaks, (small, large), strict=True):
            # A process of its own: memory is measured from nothing.
            command = [sys.executable, "-m", "benchmarks.verify", "--child", str(path)]
            ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603  # ourselves
            peaks[depth].append(float(ran.stdout))
            say(f"  {entries:,} entries, {depth}: peak {peaks[depth][-1]:.0f} MB, all processes together")
    for depth, (least, most) in peaks.items():
        promise(f"memory, {depth}: {size:,} : {size // 10:,} entries", [most / least], at_most=1.3)


def child(path: Path) -> None:
    """Verify in this process and print the peak of all processes together, in MB."""
    if path.is_dir():
        checked(verify_tree(TreeJob(folder=path, trust=TREE_TRUST, depth=Depth.TREE)))
    else:
        checked(verify_bundle(path, TRUST))
    cores = len(os.sched_getaffinity(0))
    # Not ru_maxrss: that begins with the size of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    own = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    say(f"{own + cores * worker:.1f}")


def bare_on_all(pool: ProcessPoolExecutor, cores: int) -> float:
    """Return the wall seconds of verifying every signature and nothing else, split over all cores."""
    began = time.perf_counter()
    list(pool.map(_loop, range(cores)))
    return time.perf_counter() - began


_MINE: list[list[tuple[Ed25519PublicKey, bytes, bytes]]] = []


def _take(bundle: Path, cores: int) -> None:
    """Hold every share in each worker, ready to verify."""
    checks = list(signatures(bundle))
    _MINE[:] = [checks[number::cores] for number in range(cores)]


def _ready(number: int) -> int:
    return len(_MINE[number])


def _loop(number: int) -> None:
    for key, signature, message in _MINE[number]:
        key.verify(signature, message)


def timed_bare(checks: list[tuple[Ed25519PublicKey, bytes, bytes]]) -> tuple[float, float]:
    """Return wall and CPU seconds of verifying every signature and nothing else."""
    wall, cpu = time.perf_counter(), time.process_time()
    for key, signature, message in checks:
        key.verify(signature, message)
    return time.perf_counter() - wall, time.process_time() - cpu


def timed(verify: Callable[[], Report]) -> tuple[float, float]:
    """Return wall and CPU seconds (workers included) of a whole verification."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    checked(verify())
    return time.perf_counter() - wall, cpu_seconds() - cpu


def cpu_seconds() -> float:
    """Return CPU seconds of this process and of its ended workers."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def checked(report: Report) -> Report:
    """Return a good report; a bad one ends the benchmark."""
    if report.first_bad is not None:
        sys.exit(f"our own log does not verify: {report.first_bad}")
    return report


def signatures(bundle: Path) -> Iterator[tuple[Ed25519PublicKey, bytes, bytes]]:
    """List key, signature and message of every signature in the bundle, ready to verify."""
    log, device = (Ed25519PublicKey.from_public_bytes(key.public_key.raw) for key in (LOG, DEVICE))
    with bundle.open("rb") as stream:
        for data in BundleReader(stream):
            entry = parse_entry(data)
            yield log, entry.signature, DOMAIN + data[:-SUFFIX_LENGTH] + b"}"
            for item in entry.envelopes:
                yield device, item.signature, pre_authentication(item.payload_type, item.payload)


if __name__ == "__main__":
    main()
