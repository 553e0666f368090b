"""Prints of labels: counted per consignment, each reprint with its reason; insert only."""

from datetime import datetime

from sqlalchemy import func, insert, select

from app.domain.ids import ConsignmentId, UserId
from app.storage.records import LabelPrint
from app.storage.statements import Statements
from app.storage.tables.consignments import LABEL_PRINTS

P = LABEL_PRINTS.c


class Labels:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def count(self, consignment_id: ConsignmentId) -> int:
        """Count the prints of one item's label."""
        row = self._statements.first(select(func.count()).where(P.consignment_id == consignment_id))
        return 0 if row is None else int(row[0])

    def add(  # the columns of one row, all named
        self,
        consignment_id: ConsignmentId,
        *,
        form: str,
        reason: str,
        printed_by: UserId,
        printed_at: datetime,
    ) -> int:
        """Write the next print and return its number; lock the consignment first, for numbers in order."""
        number = self.count(consignment_id) + 1
        self._statements.write(
            insert(LABEL_PRINTS).values(
                consignment_id=consignment_id,
                number=number,
                form=form,
                reason=reason,
                printed_by_id=printed_by,
                printed_at=printed_at,
            )
        )
        return number

    def list(self, consignment_id: ConsignmentId) -> tuple[LabelPrint, ...]:
        """Return the prints of one item's label, in order."""
        columns = [column for column in P if column.name != "id"]
        statement = select(*columns).where(P.consignment_id == consignment_id).order_by(P.number)
        rows = self._statements.rows(statement)
        return tuple(LabelPrint(**row._mapping) for row in rows)  # noqa: SLF001  # SQLAlchemy's public way
