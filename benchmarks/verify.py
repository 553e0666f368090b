"""Measures the verifier against a bare loop of as many Ed25519 verifications, and its memory on a large log.

    python -m benchmarks.verify [--entries 20000] [--rounds 5] [--large 1000000]

Ratios are taken in one run, round by round, on CPU time, so that other work on the machine does not decide
them. It must never compare against figures from another run.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.bundle import BundleReader
from audit.entry import DOMAIN, SUFFIX_LENGTH, parse_entry
from audit.verify import Depth, Report, verify_bundle
from audit.verify_tree import TreeJob, verify_tree
from benchmarks.published_tree import TREE_TRUST, publish
from benchmarks.synthetic_log import DEVICE, LOG, TRUST, make_log
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
        print_memory(options.child)
        return
    with TemporaryDirectory(prefix="kt1-bench-") as folder:
        bundle = Path(folder) / "bundle"
        make_log(bundle, options.entries)
        print_ratios(bundle, options.rounds)
        print_tree_ratio(bundle, Path(folder) / "tree", options.rounds)
        for size in [options.large // 10, options.large] if options.large else []:
            make_log(bundle, size)
            # A process of its own: memory is measured from nothing.
            command = [sys.executable, "-m", "benchmarks.verify", "--child", str(bundle)]
            subprocess.run(command, check=True)  # noqa: S603  # ourselves


def print_ratios(bundle: Path, rounds: int) -> None:
    """Compare CPU seconds for each signature, and wall seconds with all cores, with the bare loop's."""
    checks = list(signatures(bundle))
    cores = len(os.sched_getaffinity(0))
    one: list[float] = []
    every: list[float] = []
    for _ in range(rounds):
        bare_wall, bare = timed_bare(checks)
        _, alone = timed(bundle, 1)
        wall, spread = timed(bundle, cores)
        one.append(bare / alone)
        every.append(bare_wall / wall)
        rates = [f"{len(checks) / seconds:7.0f}/s" for seconds in (bare, alone, spread)]
        sys.stdout.write("  CPU: bare {}, --jobs 1 {}, all cores {}\n".format(*rates))
    sys.stdout.write(
        f"{len(checks)} signatures; verify / bare Ed25519 loop\n"
        f"  per core (CPU, --jobs 1)             {statistics.median(one):.2f}x   target 0.8x\n"
        f"  all {cores} cores (wall, start included)   {statistics.median(every):.2f}x\n"
    )


def print_tree_ratio(bundle: Path, tree: Path, rounds: int) -> None:
    """Compare CPU seconds by chain, tree and signed checkpoint alone with the bare loop's, on one core."""
    publish(tree, bundle)
    checks = list(signatures(bundle))
    job = TreeJob(folder=tree, trust=TREE_TRUST, depth=Depth.TREE, jobs=1)
    ratios, seconds = list[float](), list[float]()
    for _ in range(rounds):
        _, bare = timed_bare(checks)
        cpu = cpu_seconds()
        report = checked(verify_tree(job))
        seconds.append((cpu_seconds() - cpu) / report.entries * 100_000)
        ratios.append(bare / report.entries * 100_000 / seconds[-1])
    sys.stdout.write(
        f"  chain, tree and signed checkpoint    {statistics.median(ratios):.0f}x   target 20x\n"
        f"  the same, for 100,000 entries        {statistics.median(seconds):.2f} s   target 2 s\n"
    )


def print_memory(bundle: Path) -> None:
    """Verify in this process and print the peak of all processes together."""
    started = time.perf_counter()
    report = checked(verify_bundle(bundle, TRUST))
    took = time.perf_counter() - started
    cores = len(os.sched_getaffinity(0))
    # Not ru_maxrss: that begins with the size of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    own = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(
        f"{report.entries} entries, {bundle.stat().st_size / 1e6:.0f} MB: {took:.0f} s, peak {own:.0f} MB"
        f" + {cores} workers of {worker:.0f} MB = {own + cores * worker:.0f} MB (target 300 MB)\n"
    )


def timed_bare(checks: list[tuple[Ed25519PublicKey, bytes, bytes]]) -> tuple[float, float]:
    """Return wall and CPU seconds of verifying every signature and nothing else."""
    wall, cpu = time.perf_counter(), time.process_time()
    for key, signature, message in checks:
        key.verify(signature, message)
    return time.perf_counter() - wall, time.process_time() - cpu


def timed(bundle: Path, jobs: int) -> tuple[float, float]:
    """Return wall and CPU seconds (workers included) of a whole verification."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    checked(verify_bundle(bundle, TRUST, jobs=jobs))
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
