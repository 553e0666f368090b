"""Versions of the service standard, and the slips that came back; insert only."""

from typing import Any

from sqlalchemy import Row, insert, select, update

from app.domain.acknowledgement import FiledReceipt, ReceiptKind
from app.domain.ids import ConsignmentId, UserId
from app.domain.service_standard import Standard
from app.domain.standard_table import from_table, to_table
from app.storage.repositories.published import PublishedVersions
from app.storage.statements import Statements
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.suspense import FILED_RECEIPTS, SERVICE_STANDARDS
from audit.evidence import EntryMode

F = FILED_RECEIPTS.c


class Standards(PublishedVersions[Standard]):
    """Versions of the service standard; what is published stays as it was."""

    def __init__(self, statements: Statements) -> None:
        super().__init__(statements, SERVICE_STANDARDS, write=to_table, read=from_table)


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


def _filed(row: Row[*tuple[Any, ...]]) -> FiledReceipt:
    return FiledReceipt(
        consignment_id=ConsignmentId(int(row.consignment_id)),
        kind=ReceiptKind(row.kind),
        entry_mode=EntryMode(row.entry_mode),
        filed_by=UserId(int(row.filed_by_id)),
        filed_at=row.filed_at,
    )
