"""Imported files, by digest: the same file is not imported twice by one unit."""

from dataclasses import asdict

from sqlalchemy import insert, select

from app.domain.ids import UnitId
from app.storage.records import ImportBatch
from app.storage.statements import Statements
from app.storage.tables.consignments import IMPORT_BATCHES

B = IMPORT_BATCHES.c


class Imports:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, batch: ImportBatch) -> int:
        """Insert a batch and return its id; raises AlreadyThere for a file this unit has imported before."""
        values = asdict(batch)
        del values["id"]
        return self._statements.insert(insert(IMPORT_BATCHES).values(values).returning(B.id))

    def find(self, unit: UnitId, digest: str) -> ImportBatch | None:
        """Return the batch that a file was imported with."""
        row = self._statements.first(select(IMPORT_BATCHES).where(B.unit_id == unit, B.digest == digest))
        return None if row is None else ImportBatch(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public way

    def list(self, unit: UnitId, *, limit: int = 50) -> tuple[ImportBatch, ...]:
        """Return the batches of a unit, newest first."""
        statement = select(IMPORT_BATCHES).where(B.unit_id == unit).order_by(B.id.desc()).limit(limit)
        rows = self._statements.rows(statement)
        return tuple(ImportBatch(**row._mapping) for row in rows)  # noqa: SLF001  # SQLAlchemy's public way
