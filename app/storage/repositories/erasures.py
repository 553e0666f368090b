"""Proposals to erase sealed values, and the one decision on each."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from app.domain.erasure import Erasure, ErasureOutcome, ErasureReason, SealedField, Wish
from app.domain.ids import ConsignmentId, UserId
from app.storage.statements import Statements
from app.storage.tables.erasures import ERASURES

E = ERASURES.c


class Erasures:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, consignment_id: ConsignmentId, wish: Wish, *, proposed_by: UserId, now: datetime) -> int:
        """Write a proposal and return its id."""
        values = {
            "consignment_id": consignment_id,
            "fields": ",".join(wish.fields),
            "reason": str(wish.reason),
            "decision": wish.decision,
            "proposed_by_id": proposed_by,
            "proposed_at": now,
        }
        return self._statements.insert(insert(ERASURES).values(values).returning(E.id))

    def decide(self, identity: int, outcome: ErasureOutcome, *, decided_by: UserId, now: datetime) -> None:
        """Write the decision; the database refuses a second one, and one by whoever proposed."""
        values = {"outcome": str(outcome), "decided_by_id": decided_by, "decided_at": now}
        self._statements.update_one(update(ERASURES).where(E.id == identity).values(values))

    def find(self, identity: int) -> Erasure | None:
        """Return one proposal."""
        row = self._statements.first(select(ERASURES).where(E.id == identity))
        return None if row is None else _erasure(row)

    def list(self, consignment_id: ConsignmentId) -> tuple[Erasure, ...]:
        """Return the proposals of one item, oldest first."""
        statement = select(ERASURES).where(E.consignment_id == consignment_id).order_by(E.id)
        return tuple(_erasure(row) for row in self._statements.rows(statement))

    def list_latest(self, *, is_open: bool, limit: int = 100) -> tuple[Erasure, ...]:
        """Return what waits, oldest first, or what was decided, newest first."""
        chosen = E.outcome.is_(None) if is_open else E.outcome.is_not(None)
        order = E.id if is_open else E.id.desc()
        statement = select(ERASURES).where(chosen).order_by(order).limit(limit)
        return tuple(_erasure(row) for row in self._statements.rows(statement))


def _erasure(row: Row[*tuple[Any, ...]]) -> Erasure:
    return Erasure(
        id=int(row.id),
        consignment_id=ConsignmentId(int(row.consignment_id)),
        fields=tuple(SealedField(name) for name in row.fields.split(",")),
        reason=ErasureReason(row.reason),
        decision=row.decision,
        proposed_by=UserId(int(row.proposed_by_id)),
        proposed_at=row.proposed_at,
        decided_by=None if row.decided_by_id is None else UserId(int(row.decided_by_id)),
        decided_at=row.decided_at,
        outcome=None if row.outcome is None else ErasureOutcome(row.outcome),
    )
