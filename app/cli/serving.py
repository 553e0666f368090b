"""How the server is started: gunicorn with threads, the same for `kt1 serve` and for the demo.

One process with sixteen threads serves one machine on SQLite: its one writer groups their commits. More
processes are for PostgreSQL. A TLS proxy stands in front of anything but the loopback: gunicorn must never
face a network alone, because slow clients would stop it.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from app.cli.console import tell
from app.cli.toolbox import Toolbox
from app.http.texts import text
from config import Config

APPLICATIONS = {"combined": "wsgi:combined", "people": "wsgi:people", "devices": "wsgi:devices"}
GRACE_SECONDS = 20
ROOT = Path(__file__).resolve().parents[2]


def server_command(
    *, host: str, port: int, threads: int, workers: int = 1, application: str = "combined"
) -> list[str]:
    """Return the argument list that serves one application."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--worker-class=gthread",
        f"--workers={workers}",
        f"--threads={threads}",
        f"--bind={host}:{port}",
        f"--graceful-timeout={GRACE_SECONDS}",
        # The worker's heartbeat file must not wait for a disk that is busy syncing the log.
        *(["--worker-tmp-dir=/dev/shm"] if os.path.isdir("/dev/shm") else []),  # noqa: S108, PTH112  # gunicorn's own
        "--no-control-socket",
        f"--pythonpath={ROOT}",
        APPLICATIONS[application],
    ]


def check_startable(toolbox: Toolbox) -> Config:
    """Open and close everything once, so that what is wrong is one clear line, not a worker's trace."""
    config = toolbox.read_config()
    with toolbox.open_runtime(config) as runtime:
        if runtime.why_halted is not None:
            tell(f"WRITING IS CLOSED: {text('error.' + runtime.why_halted, locale='en')}")
        return config


def replace_process(command: list[str], environment: Mapping[str, str]) -> None:
    """Become the server: signals and the exit code are then the server's own."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], command, dict(environment))  # noqa: S606  # fixed arguments, no shell
