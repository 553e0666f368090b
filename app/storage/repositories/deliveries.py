"""Attempts to deliver and to return: who tried, who took it, when and where; insert only."""

from sqlalchemy import select, update

from app.domain.ids import ConsignmentId
from app.storage.errors import ReadOnly
from app.storage.group import Group, PendingEntry
from app.storage.records import Delivery
from app.storage.statements import Statements
from app.storage.tables.consignments import DELIVERIES

D = DELIVERIES.c


class Deliveries:
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        self._statements = statements
        self._group = group

    def record(self, delivery: Delivery, entry: PendingEntry) -> None:
        """Queue an attempt under the entry that records it."""
        if not self._statements.writable:
            raise ReadOnly("this unit of work only reads")
        self._group.journal.add(self._group.deliveries, (delivery, entry))

    def list(self, consignment_id: ConsignmentId) -> tuple[Delivery, ...]:
        """Return the attempts of one item, oldest first."""
        columns = [column for column in D if column.name not in {"id", "entry_idx"}]
        statement = select(*columns).where(D.consignment_id == consignment_id).order_by(D.id)
        rows = self._statements.rows(statement)
        return tuple(Delivery(**row._mapping) for row in rows)  # noqa: SLF001  # SQLAlchemy's public way

    def list_sealed(self, consignment_id: ConsignmentId) -> tuple[tuple[int, bytes], ...]:
        """Return id and vault blob of every delivery of one item that has one."""
        statement = select(D.id, D.receiver_sealed).where(
            D.consignment_id == consignment_id, D.receiver_sealed.is_not(None)
        )
        return tuple((int(row[0]), bytes(row[1])) for row in self._statements.rows(statement))

    def reseal(self, identity: int, blob: bytes) -> None:
        """Replace a vault blob after a change of the vault's key."""
        self._statements.update_one(update(DELIVERIES).where(D.id == identity).values(receiver_sealed=blob))
