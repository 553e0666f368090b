"""Holds on items and on codes that are nobody's: placed, found by code, lifted once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from app.domain.held_back import Hold
from app.domain.hold import HoldReason, PlacedHold
from app.domain.ids import ConsignmentId, UnitId, UserId
from app.storage.statements import Statements
from app.storage.tables.holds import HOLDS

H = HOLDS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldText:
    """What was written when a hold was placed and when it was lifted, sealed; None while it was not."""

    placed: bytes
    lifted: bytes | None


class Holds:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, hold: PlacedHold, *, sealed: bytes) -> int:
        """Write a hold and return its id; raises AlreadyThere where one of its kind lies on the code."""
        values = {
            "hold": str(hold.hold),
            "code": hold.code,
            "consignment_id": hold.consignment,
            "incident_id": hold.incident,
            "reason": str(hold.reason),
            "unit_id": hold.unit,
            "placed_by_id": hold.placed_by,
            "placed_at": hold.placed_at,
            "placed_sealed": sealed,
        }
        return self._statements.insert(insert(HOLDS).values(values).returning(H.id))

    def lift(self, identity: int, *, by: UserId, now: datetime, sealed: bytes) -> None:
        """Write who lifted it; the database refuses a second time, and whoever placed it."""
        values = {"lifted_by_id": by, "lifted_at": now, "lifted_sealed": sealed}
        self._statements.update_one(update(HOLDS).where(H.id == identity).values(values))

    def find(self, identity: int) -> PlacedHold | None:
        """Return one hold."""
        row = self._statements.first(select(HOLDS).where(H.id == identity))
        return None if row is None else _hold(row)

    def find_active(self, code: str, hold: Hold) -> PlacedHold | None:
        """Return the hold of this kind that lies on a code now."""
        statement = select(HOLDS).where(H.code == code, H.hold == str(hold), H.lifted_at.is_(None))
        row = self._statements.first(statement)
        return None if row is None else _hold(row)

    def list_active_of(self, code: str) -> tuple[PlacedHold, ...]:
        """Return what lies on a code now."""
        statement = select(HOLDS).where(H.code == code, H.lifted_at.is_(None)).order_by(H.id)
        return tuple(_hold(row) for row in self._statements.rows(statement))

    def list_stopped(self, codes: Collection[str]) -> frozenset[str]:
        """Return which of these codes are stopped; asked only for codes that are no item's."""
        return self.list_held(codes, Hold.STOPPED)

    def list_held(self, codes: Collection[str], hold: Hold) -> frozenset[str]:
        """Return on which of these codes a hold of this kind lies now, whatever else lies there."""
        if not codes:
            return frozenset()
        held = select(H.code).where(H.code.in_(sorted(codes)), H.hold == str(hold), H.lifted_at.is_(None))
        return frozenset(str(row[0]) for row in self._statements.rows(held))

    def list(
        self, *, active: bool, unit: UnitId | None, before: int | None = None, limit: int = 50
    ) -> tuple[PlacedHold, ...]:
        """Return the newest first: of one unit, or of all."""
        statement = select(HOLDS).where(H.lifted_at.is_(None) if active else H.lifted_at.is_not(None))
        if unit is not None:
            statement = statement.where(H.unit_id == unit)
        if before is not None:
            statement = statement.where(H.id < before)
        rows = self._statements.rows(statement.order_by(H.id.desc()).limit(limit))
        return tuple(_hold(row) for row in rows)

    def get_text(self, identity: int) -> HoldText:
        """Return what was written, sealed."""
        row = self._statements.first(select(H.placed_sealed, H.lifted_sealed).where(H.id == identity))
        placed, lifted = (b"", None) if row is None else row
        return HoldText(placed=bytes(placed), lifted=None if lifted is None else bytes(lifted))

    def list_ids(self, after: int, *, limit: int = 200) -> tuple[int, ...]:
        """Walk every hold in order of id, for a change of the vault's key."""
        rows = self._statements.rows(select(H.id).where(H.id > after).order_by(H.id).limit(limit))
        return tuple(int(row[0]) for row in rows)

    def reseal(self, identity: int, **blobs: bytes) -> None:
        """Replace the sealed texts of a hold after a change of the vault's key."""
        if not blobs.keys() <= {"placed_sealed", "lifted_sealed"}:
            raise ValueError("only sealed columns are resealed")
        self._statements.update_one(update(HOLDS).where(H.id == identity).values(**blobs))


def _hold(row: Row[*tuple[Any, ...]]) -> PlacedHold:
    return PlacedHold(
        id=int(row.id),
        hold=Hold(row.hold),
        code=row.code,
        consignment=None if row.consignment_id is None else ConsignmentId(int(row.consignment_id)),
        incident=None if row.incident_id is None else int(row.incident_id),
        reason=HoldReason(row.reason),
        unit=UnitId(int(row.unit_id)),
        placed_by=UserId(int(row.placed_by_id)),
        placed_at=row.placed_at,
        lifted_by=None if row.lifted_by_id is None else UserId(int(row.lifted_by_id)),
        lifted_at=row.lifted_at,
    )
