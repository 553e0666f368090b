"""Declared errors, and the one decision on each."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from app.domain.correction import Correction, CorrectionOutcome, CorrectionReason
from app.domain.ids import UserId
from app.storage.statements import Statements
from app.storage.tables.corrections import CORRECTIONS
from audit.kinds import EntryKind

R = CORRECTIONS.c


class Corrections:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, correction: Correction, *, sealed: bytes) -> int:
        """Write a declaration and return its id; raises AlreadyThere where one stands."""
        values = {
            "entry_idx": correction.entry,
            "leaf": correction.leaf,
            "kind": str(correction.kind),
            "reason": str(correction.reason),
            "corrective": ",".join(map(str, correction.corrective)),
            "recorded_by_id": correction.recorded_by,
            "declared_by_id": correction.declared_by,
            "declared_at": correction.declared_at,
            "text_sealed": sealed,
            "commitment": correction.commitment,
        }
        return self._statements.insert(insert(CORRECTIONS).values(values).returning(R.id))

    def decide(self, identity: int, outcome: CorrectionOutcome, *, by: UserId, now: datetime) -> None:
        """Write the decision; the database refuses a second one, and one by whoever declared."""
        values = {"outcome": str(outcome), "decided_by_id": by, "decided_at": now}
        self._statements.update_one(update(CORRECTIONS).where(R.id == identity).values(values))

    def lock(self, identity: int) -> Correction | None:
        """Return a declaration that nobody else decides until the end of this transaction."""
        statement = select(CORRECTIONS).where(R.id == identity).with_for_update()
        row = self._statements.first(statement)
        return None if row is None else _correction(row)

    def find_standing(self, entry: int) -> Correction | None:
        """Return what stands against an entry: a declaration that waits, or one that was confirmed."""
        standing = or_(R.outcome.is_(None), R.outcome == str(CorrectionOutcome.CONFIRMED))
        row = self._statements.first(select(CORRECTIONS).where(R.entry_idx == entry, standing))
        return None if row is None else _correction(row)

    def list_confirmed(self, entries: Collection[int]) -> dict[int, Correction]:
        """Return the confirmed errors among some entries, by index."""
        statement = select(CORRECTIONS).where(
            R.entry_idx.in_(sorted(entries)), R.outcome == str(CorrectionOutcome.CONFIRMED)
        )
        found = (_correction(row) for row in self._statements.rows(statement))
        return {one.entry: one for one in found}

    def list_latest(self, *, is_open: bool, limit: int = 100) -> tuple[Correction, ...]:
        """Return what waits, oldest first, or what was decided, newest first."""
        chosen = R.outcome.is_(None) if is_open else R.outcome.is_not(None)
        statement = select(CORRECTIONS).where(chosen).order_by(R.id if is_open else R.id.desc()).limit(limit)
        return tuple(_correction(row) for row in self._statements.rows(statement))

    def get_sealed(self, identity: int) -> bytes:
        """Return the sealed text of a declaration, b"" where there is none."""
        row = self._statements.first(select(R.text_sealed).where(R.id == identity))
        return b"" if row is None else bytes(row[0])

    def list_ids(self, after: int, *, limit: int = 200) -> tuple[tuple[int, int], ...]:
        """Walk every declaration in order of id, with its entry, for a change of the vault's key."""
        statement = select(R.id, R.entry_idx).where(R.id > after).order_by(R.id).limit(limit)
        return tuple((int(row[0]), int(row[1])) for row in self._statements.rows(statement))

    def reseal(self, identity: int, blob: bytes) -> None:
        """Replace the sealed text after a change of the vault's key."""
        self._statements.update_one(update(CORRECTIONS).where(R.id == identity).values(text_sealed=blob))


def _correction(row: Row[*tuple[Any, ...]]) -> Correction:
    return Correction(
        id=int(row.id),
        entry=int(row.entry_idx),
        leaf=row.leaf,
        kind=EntryKind(row.kind),
        reason=CorrectionReason(row.reason),
        corrective=tuple(int(one) for one in row.corrective.split(",") if one),
        recorded_by=UserId(int(row.recorded_by_id)),
        declared_by=UserId(int(row.declared_by_id)),
        declared_at=row.declared_at,
        commitment=row.commitment,
        decided_by=None if row.decided_by_id is None else UserId(int(row.decided_by_id)),
        decided_at=row.decided_at,
        outcome=None if row.outcome is None else CorrectionOutcome(row.outcome),
    )
