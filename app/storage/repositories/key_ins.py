"""Codes that were keyed in, and which statement used each.

Rows are written at once, so that a statement of the same transaction sees them. What is asked about a list is
asked for all its codes together.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from app.domain.ids import UnitId, UserId
from app.storage.statements import Statements
from app.storage.tables.key_ins import KEY_IN_USES, KEY_INS

K, U = KEY_INS.c, KEY_IN_USES.c


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIn:
    """One code that a person keyed in somewhere; `said_at` is by their device's clock."""

    scan_id: str
    code: str
    user: UserId
    unit: UnitId
    place: UnitId
    reason: str
    form: str
    witness: UserId | None
    said_at: datetime
    recorded_at: datetime


class KeyIns:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, one: KeyIn) -> None:
        """Keep an accepted one."""
        values = {
            "scan_id": one.scan_id,
            "code": one.code,
            "user_id": one.user,
            "unit_id": one.unit,
            "place_id": one.place,
            "reason": one.reason,
            "form": one.form,
            "witness_id": one.witness,
            "said_at": one.said_at,
            "recorded_at": one.recorded_at,
        }
        self._statements.write(insert(KEY_INS).values(values))

    def list_unused(
        self, codes: Collection[str], *, user: UserId, place: UnitId, since: datetime, until: datetime
    ) -> Mapping[str, str]:
        """Return the scan of the latest unused key-in of each code, said in `since <= time <= until`."""
        statement = (
            select(K.code, K.scan_id)
            .join_from(KEY_INS, KEY_IN_USES, U.scan_id == K.scan_id, isouter=True)
            .where(
                K.user_id == user,
                K.said_at >= since,
                K.said_at <= until,
                K.place_id == place,
                K.code.in_(codes),
                U.scan_id.is_(None),
            )
            .order_by(K.said_at)
        )
        return {str(code): str(scan) for code, scan in self._statements.rows(statement)}

    def use(self, scans: Collection[str], *, by: str) -> None:
        """Note that a statement used them; the database refuses a second time."""
        if scans:
            rows = [{"scan_id": scan, "used_by": by} for scan in sorted(scans)]
            self._statements.write(insert(KEY_IN_USES), rows)
