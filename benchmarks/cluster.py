"""A temporary PostgreSQL on the disk that is being measured, with every durability setting on."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

_DEBIAN = Path("/usr/lib/postgresql")


@contextmanager
def durable_postgres(folder: Path) -> Iterator[str]:
    """Yield the address of a maintenance database; the cluster lives in `folder` and ends with the block.

    Raises:
        RuntimeError: no server binaries are installed.

    """
    tools = binaries()
    folder.mkdir(parents=True)
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    _run(
        owner,
        tools / "initdb",
        "-D",
        folder / "data",
        "-U",
        "postgres",
        "-A",
        "trust",
        "--data-checksums",
        "-E",
        "UTF8",
        "--no-locale",
    )
    options = f"-k {folder} -c listen_addresses='' -c shared_buffers=1GB -c max_wal_size=4GB"
    _run(owner, tools / "pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield f"postgresql://postgres@/postgres?host={quote(str(folder), safe='')}"
    finally:
        _run(owner, tools / "pg_ctl", "-D", folder / "data", "-m", "fast", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def binaries() -> Path:
    """Return the folder of the newest server's own tools."""
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    if not found:
        raise RuntimeError("PostgreSQL is missing: apt-get install postgresql")
    return found[0].parent


def _run(owner: "pwd.struct_passwd | None", *command: str | Path) -> None:
    if owner is None:
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)  # noqa: S603  # the server's own tools
        return
    subprocess.run(  # noqa: S603  # the same, as the user PostgreSQL insists on
        command,
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
        user=owner.pw_uid,
        group=owner.pw_gid,
        extra_groups=[],
    )


def make_database(server: str, name: str) -> str:
    """Make an empty database on the server and return its address; "" where there is no server."""
    if not server:
        return ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return server.replace("/postgres?", f"/{quote(name)}?")
