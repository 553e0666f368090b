"""Versions of a table that an administrator publishes from a paper (ADR 0009); insert only.

One shape for each such table: its number, the paper, from when on it counts, and its cells as one text. What
the cells mean is the domain's business.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Row, Table, func, insert, select

from app.domain.dated import FromPaper
from app.domain.ids import UserId
from app.storage.statements import Statements
from crypto.canonical import JsonValue

V = TypeVar("V", bound=FromPaper)
V_co = TypeVar("V_co", bound=FromPaper, covariant=True)


class ReadCells(Protocol[V_co]):
    """Makes a version of its cells; raises ValueError for what was never written."""

    def __call__(
        self, table: Mapping[str, JsonValue], *, version: int, valid_from_at: datetime, source: str
    ) -> V_co:
        """Read one version."""


class PublishedVersions(Generic[V]):
    """Versions of one table; what is published stays as it was."""

    def __init__(
        self,
        statements: Statements,
        table: Table,
        *,
        write: Callable[[V], dict[str, JsonValue]],
        read: ReadCells[V],
    ) -> None:
        self._statements = statements
        self._table = table
        self._write_cells = write
        self._read_cells = read

    def list(self) -> tuple[V, ...]:
        """Return every published version, newest first."""
        rows = self._statements.rows(select(self._table).order_by(self._table.c.version.desc()))
        return tuple(self._version(row) for row in rows)

    def next_version(self) -> int:
        """Return the number that the next version gets; the database refuses one given twice."""
        row = self._statements.first(select(func.max(self._table.c.version)))
        return 1 if row is None or row[0] is None else int(row[0]) + 1

    def add(self, version: V, *, published_by: UserId, now: datetime) -> None:
        """Write one version."""
        values = {
            "version": version.version,
            "valid_from_at": version.valid_from_at,
            "source": version.source,
            "body": json.dumps(self._write_cells(version), sort_keys=True),
            "published_by_id": published_by,
            "published_at": now,
        }
        self._statements.write(insert(self._table), values)

    def _version(self, row: Row[*tuple[Any, ...]]) -> V:
        return self._read_cells(
            json.loads(row.body), version=int(row.version), valid_from_at=row.valid_from_at, source=row.source
        )
