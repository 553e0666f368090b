"""Starts real gunicorn servers for a benchmark on free loopback ports and ends them by their own pid."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def gunicorn(target: str, env: Mapping[str, str], *, workers: int, threads: int, log: Path) -> Iterator[int]:
    """Serve `target` (module:callable) and yield its port.

    Raises:
        RuntimeError: the server did not answer within 30 s; the tail of its log is in the message.

    """
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603  our own interpreter and arguments
            [
                sys.executable,
                "-m",
                "gunicorn",
                "-b",
                f"127.0.0.1:{port}",
                "-w",
                str(workers),
                "-k",
                "gthread",
                "--threads",
                str(threads),
                "--keep-alive",
                "30",
                target,
            ],
            cwd=ROOT,
            env={**os.environ, **env},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(port, process, log)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for an answer, not for the port: that is open long before a worker has loaded the application."""
    for _ in range(300):
        if process.poll() is not None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"no server: {log.read_text()[-2000:]}")
