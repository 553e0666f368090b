"""Drives a local server with wrk and reads back rate and latency; never contacts anything but loopback."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("feed.lua")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What wrk saw: requests a second, latencies in milliseconds, answers that were not 2xx."""

    per_second: float
    p50_ms: float
    p99_ms: float
    requests: int
    failures: int


def drive(
    port: int, path: str, bodies: Sequence[bytes], scratch: Path, *, token: str = "", seconds: int = 4
) -> Load:
    """POST `bodies` over 16 connections for at most `seconds`.

    Raises:
        RuntimeError: wrk is missing or printed no result.

    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("wrk is missing: apt-get install wrk")
    feed = scratch / "bodies.txt"
    feed.write_bytes(b"\n".join(bodies) + b"\n")
    extra = ["Authorization", f"Bearer {token}"] if token else []
    run = subprocess.run(  # noqa: S603  the path of wrk comes from PATH, the arguments from us
        [
            wrk,
            "-t1",
            "-c16",
            f"-d{seconds}s",
            "--timeout",
            "20s",
            "--latency",
            "-s",
            str(SCRIPT),
            f"http://127.0.0.1:{port}",
            "--",
            str(feed),
            path,
            *extra,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in run.stdout.splitlines():
        if line.startswith("JSON "):
            seen = json.loads(line[5:])
            return Load(
                per_second=seen["requests"] / (seen["micros"] / 1e6),
                p50_ms=seen["p50"] / 1000,
                p99_ms=seen["p99"] / 1000,
                requests=seen["requests"],
                failures=seen["status_errors"] + seen["socket_errors"],
            )
    raise RuntimeError(f"wrk printed no result: {run.stdout[-400:]} {run.stderr[-400:]}")
