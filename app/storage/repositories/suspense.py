"""Versions of the service standard, and the slips that came back; insert only."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from app.domain.acknowledgement import FiledReceipt, ReceiptKind
from app.domain.ids import ConsignmentId, UserId
from app.domain.service_standard import Standard
from app.domain.standard_table import from_table, to_table
from app.storage.statements import Statements
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.suspense import FILED_RECEIPTS, SERVICE_STANDARDS
from audit.evidence import EntryMode

S, F = SERVICE_STANDARDS.c, FILED_RECEIPTS.c


class Standards:
    """Versions of the service standard; what is published stays as it was."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def list(self) -> tuple[Standard, ...]:
        """Return every published version, newest first."""
        rows = self._statements.rows(select(SERVICE_STANDARDS).order_by(S.version.desc()))
        return tuple(_standard(row) for row in rows)

    def next_version(self) -> int:
        """Return the number that the next version gets; the database refuses one given twice."""
        row = self._statements.first(select(func.max(S.version)))
        return 1 if row is None or row[0] is None else int(row[0]) + 1

    def add(self, standard: Standard, *, published_by: UserId, now: datetime) -> None:
        """Write one version."""
        values = {
            "version": standard.version,
            "valid_from_at": standard.valid_from_at,
            "source": standard.source,
            "body": json.dumps(to_table(standard), sort_keys=True),
            "published_by_id": published_by,
            "published_at": now,
        }
        self._statements.write(insert(SERVICE_STANDARDS), values)


class FiledReceipts:
    """Slips that came back, and the end of a delivery's second clock."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def list(self, consignment_id: ConsignmentId) -> tuple[FiledReceipt, ...]:
        """Return the slips filed for one item, oldest first."""
        statement = select(FILED_RECEIPTS).where(F.consignment_id == consignment_id).order_by(F.filed_at)
        return tuple(_filed(row) for row in self._statements.rows(statement))

    def add(self, receipt: FiledReceipt) -> None:
        """Write one slip; that of a delivery stops the clock of the item, which the use case has locked."""
        values = {
            "consignment_id": receipt.consignment_id,
            "kind": str(receipt.kind),
            "entry_mode": str(receipt.entry_mode),
            "filed_by_id": receipt.filed_by,
            "filed_at": receipt.filed_at,
        }
        self._statements.write(insert(FILED_RECEIPTS), values)
        if receipt.kind is ReceiptKind.DELIVERED:
            self._statements.update_one(
                update(CONSIGNMENTS)
                .where(CONSIGNMENTS.c.id == receipt.consignment_id)
                .values(acknowledged_at=receipt.filed_at)
            )


def _standard(row: Row[*tuple[Any, ...]]) -> Standard:
    return from_table(
        json.loads(row.body), version=int(row.version), valid_from_at=row.valid_from_at, source=row.source
    )


def _filed(row: Row[*tuple[Any, ...]]) -> FiledReceipt:
    return FiledReceipt(
        consignment_id=ConsignmentId(int(row.consignment_id)),
        kind=ReceiptKind(row.kind),
        entry_mode=EntryMode(row.entry_mode),
        filed_by=UserId(int(row.filed_by_id)),
        filed_at=row.filed_at,
    )
