"""The demo's real server: started as a child, waited for, and always ended by its own process id.

Whatever ends the demo (done, an error, Ctrl-C, a terminal that closes) must never leave a server behind.
"""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from app.cli.demo.browser import UnexpectedAnswer
from app.cli.serving import server_command

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 10
# From the first login of the story's first day to its evening.
LONG_DAY_HOURS = 12
# Also Ctrl-C itself: started in the background, a shell has us ignore it.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def free_port() -> int:
    """Ask the system for a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(
    *, port: int, log: Path, clock_file: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the server and wait until it answers; ends it when the `with` is left, however it is left.

    With `clock_file` it goes by the story's clock, and nobody is logged out while hours are passed over.
    """
    command = server_command(host=HOST, port=port, threads=16)
    environment = dict(os.environ)
    if clock_file is not None:
        command[-1] = f"app.factory:rehearse({str(clock_file.resolve())!r})"
        environment |= {"KT1_SESSION_IDLE_MINUTES": str(LONG_DAY_HOURS * 60)}
    with log.open("ab") as stream:
        # A session of its own: Ctrl-C reaches this program only, which then ends the server in order.
        process = subprocess.Popen(  # noqa: S603  # fixed arguments, no shell
            command,
            stdout=stream,
            stderr=stream,
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    before = {number: signal.signal(number, _interrupt) for number in ENDINGS}
    try:
        _wait(process, port=port, log=log)
        yield process
    finally:
        _stop(process)
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """Leave the way Ctrl-C does, so that the server is ended on the way out."""
    raise KeyboardInterrupt(signal.Signals(number).name)


def _wait(process: subprocess.Popen[bytes], *, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _answers(port):
            return
        time.sleep(0.05)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise UnexpectedAnswer("the server did not start:\n" + "\n".join(said[-15:]))


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
