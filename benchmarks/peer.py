"""The peer of the HTTP benchmark: a bare Flask application with an empty and a one-insert endpoint.

It checks nothing, signs nothing and chains nothing: the cheapest durable write that Flask can do.
`KT1_BENCH_URL` names the database (`sqlite:///FILE` or `postgresql://...`).
"""

import os
import sqlite3
import threading
from typing import Any, Protocol, cast

import psycopg
from flask import Flask, request

app = Flask(__name__)
_local = threading.local()
_CREATE = (
    "CREATE TABLE IF NOT EXISTS peer (event {blob} NOT NULL, leaf {blob} NOT NULL, prev {blob} NOT NULL)"
)


class _Connection(Protocol):
    def execute(self, query: Any, params: Any = ..., /) -> object: ...  # noqa: ANN401  two drivers, two types


def _connection() -> tuple[_Connection, str]:
    found = getattr(_local, "connection", None)
    if found is None:
        url = os.environ["KT1_BENCH_URL"]
        if url.startswith("sqlite"):
            lite = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=20)
            lite.execute("PRAGMA journal_mode=WAL")
            lite.execute("PRAGMA synchronous=FULL")
            found = (lite, "INSERT INTO peer VALUES (?, ?, ?)")
        else:
            found = (psycopg.connect(url, autocommit=True), "INSERT INTO peer VALUES (%s, %s, %s)")
        _local.connection = found
    return cast("tuple[_Connection, str]", found)


def create_table() -> None:
    """Make the peer's one table."""
    connection, _ = _connection()
    connection.execute(
        _CREATE.format(blob="BLOB" if os.environ["KT1_BENCH_URL"].startswith("sqlite") else "BYTEA")
    )


@app.post("/empty")
def empty() -> tuple[str, int]:
    """Answer without reading or writing anything."""
    return "", 204


@app.post("/insert")
def insert() -> tuple[str, int]:
    """Commit one row of the request's first 300 bytes and two 32-byte values."""
    connection, statement = _connection()
    connection.execute(statement, (request.get_data()[:300], b"\x01" * 32, b"\x02" * 32))
    return "", 204
