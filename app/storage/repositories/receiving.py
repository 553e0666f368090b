"""Mandates to receive with their revocations, and redirects; insert only."""

from typing import Any

from sqlalchemy import Row, insert, select

from app.domain.ids import ConsignmentId, UnitId, UserId
from app.domain.mandate import Mandate, MandateKind
from app.domain.redirect import Redirection, RedirectReason
from app.storage.statements import Statements
from app.storage.tables.receiving import MANDATE_REVOCATIONS, MANDATES, REDIRECTIONS

M, R, D = MANDATES.c, MANDATE_REVOCATIONS.c, REDIRECTIONS.c
_SELECTED = select(MANDATES, R.revoked_by_id, R.revoked_at).outerjoin(
    MANDATE_REVOCATIONS, R.mandate_id == M.id
)


class Mandates:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, mandate: Mandate) -> int:
        """Write a mandate and return its id."""
        return self._statements.insert(insert(MANDATES).values(_values(mandate)).returning(M.id))

    def put_back(self, mandate: Mandate) -> None:
        """Write a mandate under the id that the log gave; whatever comes after gets another."""
        self._statements.write(insert(MANDATES).values({"id": mandate.id, **_values(mandate)}))
        self._statements.draw_past(MANDATES, mandate.id)

    def revoke(self, mandate: Mandate) -> None:
        """Write a revocation; the database takes no second one."""
        values = {
            "mandate_id": mandate.id,
            "revoked_by_id": mandate.revoked_by,
            "revoked_at": mandate.revoked_at,
        }
        self._statements.write(insert(MANDATE_REVOCATIONS), values)

    def find(self, identity: int) -> Mandate | None:
        """Return one."""
        row = self._statements.first(_SELECTED.where(M.id == identity))
        return None if row is None else _mandate(row)

    def list_of_unit(self, unit: UnitId) -> tuple[Mandate, ...]:
        """Return every mandate of a unit, oldest first."""
        return tuple(
            _mandate(row) for row in self._statements.rows(_SELECTED.where(M.unit_id == unit).order_by(M.id))
        )


class Redirections:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, redirection: Redirection) -> None:
        """Write one."""
        values = {
            "consignment_id": redirection.consignment_id,
            "from_unit_id": redirection.from_unit,
            "to_unit_id": redirection.to_unit,
            "reason": str(redirection.reason),
            "ordered_by_id": redirection.ordered_by,
            "ordered_at": redirection.ordered_at,
        }
        self._statements.write(insert(REDIRECTIONS), values)

    def list(self, consignment_id: ConsignmentId) -> tuple[Redirection, ...]:
        """Return the redirects of one item, oldest first."""
        statement = select(REDIRECTIONS).where(D.consignment_id == consignment_id).order_by(D.id)
        return tuple(_redirection(row) for row in self._statements.rows(statement))


def _values(mandate: Mandate) -> dict[str, object]:
    return {
        "unit_id": mandate.unit,
        "user_id": mandate.user,
        "kind": str(mandate.kind),
        "opens_named": mandate.opens_named,
        "basis": mandate.basis,
        "valid_from_at": mandate.valid_from_at,
        "valid_until_at": mandate.valid_until_at,
        "granted_by_id": mandate.granted_by,
        "granted_at": mandate.granted_at,
    }


def _mandate(row: Row[*tuple[Any, ...]]) -> Mandate:
    return Mandate(
        id=int(row.id),
        unit=UnitId(int(row.unit_id)),
        user=UserId(int(row.user_id)),
        kind=MandateKind(row.kind),
        opens_named=bool(row.opens_named),
        basis=row.basis,
        valid_from_at=row.valid_from_at,
        valid_until_at=row.valid_until_at,
        granted_by=UserId(int(row.granted_by_id)),
        granted_at=row.granted_at,
        revoked_by=None if row.revoked_by_id is None else UserId(int(row.revoked_by_id)),
        revoked_at=row.revoked_at,
    )


def _redirection(row: Row[*tuple[Any, ...]]) -> Redirection:
    return Redirection(
        consignment_id=ConsignmentId(int(row.consignment_id)),
        from_unit=UnitId(int(row.from_unit_id)),
        to_unit=UnitId(int(row.to_unit_id)),
        reason=RedirectReason(row.reason),
        ordered_by=UserId(int(row.ordered_by_id)),
        ordered_at=row.ordered_at,
    )
