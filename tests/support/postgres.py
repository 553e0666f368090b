"""A throw-away PostgreSQL for the tests, found by a ladder and never silently missing.

1. ``TEST_DATABASE_URL`` is used as it is (its login must be allowed to create databases and roles).
2. Otherwise the newest server binaries of Debian or Ubuntu run a temporary cluster: socket only, dropped to
   the user ``postgres`` where we are root, in memory where /dev/shm allows, so that the real durability
   settings can stay on and cost little.
3. Otherwise one line says what to install, and the run fails.
"""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

DEBIAN = Path("/usr/lib/postgresql")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # only for a cluster that dies with the run
ROOM = 512 * 1024 * 1024
MISSING = "PostgreSQL is needed for the tests: apt-get install postgresql, or set TEST_DATABASE_URL"


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the address of a server's maintenance database: ``postgresql://postgres@/postgres?host=…``."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    binaries = _newest_binaries()
    if binaries is None:
        sys.stderr.write(MISSING + "\n")
        raise SystemExit(1)
    folder = Path(tempfile.mkdtemp(prefix="kt1-pg-", dir=_roomy_folder()))
    identity = _unprivileged(folder)
    try:
        yield from _cluster(binaries, folder, identity)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _cluster(binaries: Path, folder: Path, identity: _Identity) -> Iterator[str]:
    data = folder / "data"
    quick = ["--no-locale", "--no-sync", "--data-checksums"]
    _run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", *quick],
        identity,
    )
    options = f"-k {folder} -c listen_addresses='' -c max_connections=60 -c shared_buffers=64MB"
    start: list[str | Path] = ["-o", options, "-l", folder / "log", "-w", "start"]
    _run([binaries / "pg_ctl", "-D", data, *start], identity)
    try:
        yield f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"
    finally:
        _run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], identity)


def _newest_binaries() -> Path | None:
    versions = [path for path in DEBIAN.glob("*") if re.fullmatch(r"[0-9]+", path.name)]
    for path in sorted(versions, key=lambda path: int(path.name), reverse=True):
        if (path / "bin" / "initdb").is_file():
            return path / "bin"
    return None


def _roomy_folder() -> str | None:
    if SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK):
        return str(SHARED_MEMORY) if shutil.disk_usage(SHARED_MEMORY).free > ROOM else None
    return None


def _unprivileged(folder: Path) -> _Identity:
    """PostgreSQL refuses to run as root: own the folder to its user and become that user."""
    if os.geteuid() != 0:
        return {}
    person = pwd.getpwnam("postgres")
    os.chown(folder, person.pw_uid, person.pw_gid)
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


def _run(command: Sequence[str | Path], identity: _Identity) -> None:
    done = subprocess.run(
        command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, **identity
    )
    if done.returncode != 0:
        sys.stderr.write(f"{command[0]} failed: {done.stderr.decode(errors='replace')}\n")
        raise SystemExit(1)
