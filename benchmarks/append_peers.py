"""What appending is measured against, each run for some seconds: bare commits, a chaining trigger, two logs.

The anchors store one row of 300 bytes and two hashes in one durable commit and do nothing else. No peer may
be set up weaker than it is documented, nor be called durable where it does not sync.
"""

import asyncio
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg

from benchmarks.cluster import binaries

EVENT = secrets.token_bytes(300)
HASH = b"\x01" * 32
WRITERS = 16
_NODE = Path(__file__).with_name("peers")
# Chains sha256 over the row in the database and signs nothing; the head row stays locked through the sync.
_TRIGGER = """
CREATE TABLE head (id int PRIMARY KEY, idx bigint NOT NULL, leaf bytea NOT NULL);
INSERT INTO head VALUES (1, 0, '\\x00');
CREATE TABLE chained (idx bigint PRIMARY KEY, event bytea NOT NULL, leaf bytea NOT NULL);
CREATE FUNCTION chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last head%ROWTYPE;
BEGIN
  SELECT * INTO last FROM head WHERE id = 1 FOR UPDATE;
  NEW.idx := last.idx;
  NEW.leaf := sha256(last.leaf || NEW.event);
  UPDATE head SET idx = last.idx + 1, leaf = NEW.leaf WHERE id = 1;
  RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON chained FOR EACH ROW EXECUTE FUNCTION chain();
"""


def repeat(step: Callable[[], object], seconds: float) -> float:
    """Repeat a step for some seconds, after a few that do not count; return how many a second."""
    for _ in range(5):
        step()
    began, done = time.perf_counter(), 0
    while (now := time.perf_counter()) - began < seconds:
        step()
        done += 1
    return done / (now - began)


def sqlite_commits(folder: Path, seconds: float) -> float:
    """Commit one row at a time in WAL mode with synchronous=FULL."""
    with closing(sqlite3.connect(folder / "anchor.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS anchor (event BLOB, leaf BLOB, prev BLOB)")
        insert = "INSERT INTO anchor VALUES (?, ?, ?)"
        return repeat(lambda: connection.execute(insert, (EVENT, HASH, HASH)), seconds)


def postgres_commits(address: str, seconds: float) -> float:
    """Commit one row at a time from one connection, each in one round trip."""
    with psycopg.connect(address, autocommit=True, prepare_threshold=1) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS anchor (event bytea, leaf bytea, prev bytea)")
        insert = "INSERT INTO anchor VALUES (%b, %b, %b)"
        return repeat(lambda: connection.execute(insert, (EVENT, HASH, HASH)), seconds)


def postgres_trigger(address: str, folder: Path, seconds: float) -> float:
    """Insert through the chaining trigger from 16 connections, driven by pgbench (C)."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS chained, head; DROP FUNCTION IF EXISTS chain")
        connection.execute(_TRIGGER)
    script = folder / "trigger.sql"
    script.write_text(f"INSERT INTO chained (event) VALUES ('\\x{EVENT.hex()}');\n")  # noqa: S608  # our own bytes
    command = [str(binaries() / "pgbench"), "-n", "-M", "prepared", "-c", str(WRITERS), "-j", "2"]
    command += ["-T", str(max(1, round(seconds))), "-f", str(script), address]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # the server's own tool
    line = next(line for line in ran.stdout.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


def auditchain_appends(folder: Path, seconds: float) -> float:
    """Append to an `auditchain` on SQLite, each record signed with Ed25519 and committed as it commits."""
    # Only `make bench` installs it.
    from auditchain import AuditLog, SqliteBackend, generate_keypair  # noqa: PLC0415  # see above

    async def run() -> float:
        path = folder / f"auditchain-{secrets.token_hex(4)}.sqlite3"
        async with AuditLog(SqliteBackend(path), signing_key=generate_keypair()[0]) as log:
            meta = {"event": EVENT[:120].hex()}
            began, done = time.perf_counter(), 0
            while (now := time.perf_counter()) - began < seconds:
                await log.append(actor="1", action="label_printed", subject="ZK000000005VN", metadata=meta)
                done += 1
            return done / (now - began)

    return asyncio.run(run())


def hypercore_appends(folder: Path, seconds: float, *, batch: int = 1) -> float:
    """Append blocks to a hypercore, signed; it does not sync every append."""
    command = ["node", str(_NODE / "hypercore.mjs"), str(folder / f"core-{secrets.token_hex(4)}")]
    ran = subprocess.run(  # noqa: S603  # our own script
        [*command, str(seconds), str(batch)], check=True, stdout=subprocess.PIPE, stderr=sys.stderr, text=True
    )
    return float(ran.stdout)
