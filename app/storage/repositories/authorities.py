"""Courier cards and letters of introduction with their revocations; insert only."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select

from app.domain.authority import Authority, AuthorityKind, RevocationReason
from app.domain.grades import Secrecy
from app.domain.ids import UnitId, UserId
from app.storage.statements import Statements
from app.storage.tables.authorities import AUTHORITIES, AUTHORITY_REVOCATIONS

A, R = AUTHORITIES.c, AUTHORITY_REVOCATIONS.c
_SELECTED = select(AUTHORITIES, R.reason, R.revoked_by_id, R.revoked_at).outerjoin(
    AUTHORITY_REVOCATIONS, R.authority_id == A.id
)


class Authorities:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, paper: Authority) -> int:
        """Write a paper and return its id; raises AlreadyThere for a number that the unit has used."""
        return self._statements.insert(insert(AUTHORITIES).values(_values(paper)).returning(A.id))

    def put_back(self, paper: Authority) -> None:
        """Write a paper under the id that the log gave; whatever comes after gets another."""
        self._statements.write(insert(AUTHORITIES).values({"id": paper.id, **_values(paper)}))
        self._statements.draw_past(AUTHORITIES, paper.id)

    def revoke(self, paper: Authority) -> None:
        """Write a revocation; the database takes no second one."""
        values = {
            "authority_id": paper.id,
            "reason": str(paper.revoked_for),
            "revoked_by_id": paper.revoked_by,
            "revoked_at": paper.revoked_at,
        }
        self._statements.write(insert(AUTHORITY_REVOCATIONS), values)

    def find(self, identity: int) -> Authority | None:
        """Return one."""
        row = self._statements.first(_SELECTED.where(A.id == identity))
        return None if row is None else _authority(row)

    def list_of_people(self, holders: Collection[UserId]) -> tuple[Authority, ...]:
        """Return every paper of these people, oldest first, in one question."""
        return self._list(_SELECTED.where(A.holder_id.in_(sorted(set(holders)))).order_by(A.id))

    def list_page(
        self,
        *,
        unit: UnitId | None = None,
        holder: UserId | None = None,
        kind: AuthorityKind | None = None,
        before: int | None = None,
        limit: int,
    ) -> tuple[Authority, ...]:
        """Return the papers of a unit, of a person, of a kind or all, newest first."""
        wanted = _narrowed(_SELECTED, unit, holder, kind)
        if before is not None:
            wanted = wanted.where(A.id < before)
        return self._list(wanted.order_by(A.id.desc()).limit(limit))

    def list_ending(
        self,
        *,
        since: datetime,
        until: datetime,
        unit: UnitId | None = None,
        holder: UserId | None = None,
        kind: AuthorityKind | None = None,
        limit: int,
    ) -> tuple[Authority, ...]:
        """Return what ends between two moments and is not revoked, the first to end first."""
        ending = _narrowed(_SELECTED, unit, holder, kind).where(
            A.valid_until_at > since, A.valid_until_at <= until, R.revoked_at.is_(None)
        )
        return self._list(ending.order_by(A.valid_until_at, A.id).limit(limit))

    def next_number(self, unit: UnitId, kind: AuthorityKind) -> int:
        """Return how many papers of a kind a unit has issued, and one: what the form proposes as a number."""
        counted = select(func.count()).select_from(AUTHORITIES).where(A.unit_id == unit, A.kind == str(kind))
        row = self._statements.first(counted)
        return 1 if row is None else int(row[0]) + 1

    def _list(self, statement: Select[*tuple[Any, ...]]) -> tuple[Authority, ...]:
        return tuple(_authority(row) for row in self._statements.rows(statement))


def _narrowed(
    statement: Select[*tuple[Any, ...]],
    unit: UnitId | None,
    holder: UserId | None,
    kind: AuthorityKind | None,
) -> Select[*tuple[Any, ...]]:
    if unit is not None:
        statement = statement.where(A.unit_id == unit)
    if holder is not None:
        statement = statement.where(A.holder_id == holder)
    return statement if kind is None else statement.where(A.kind == str(kind))


def _values(paper: Authority) -> dict[str, object]:
    return {
        "number": paper.number,
        "kind": str(paper.kind),
        "unit_id": paper.unit,
        "holder_id": paper.holder,
        "valid_from_at": paper.valid_from_at,
        "valid_until_at": paper.valid_until_at,
        "issued_by_id": paper.issued_by,
        "issued_at": paper.issued_at,
        "up_to": None if paper.up_to is None else str(paper.up_to),
    }


def _authority(row: Row[*tuple[Any, ...]]) -> Authority:
    return Authority(
        id=int(row.id),
        number=row.number,
        kind=AuthorityKind(row.kind),
        unit=UnitId(int(row.unit_id)),
        holder=UserId(int(row.holder_id)),
        valid_from_at=row.valid_from_at,
        valid_until_at=row.valid_until_at,
        issued_by=UserId(int(row.issued_by_id)),
        issued_at=row.issued_at,
        up_to=None if row.up_to is None else Secrecy(row.up_to),
        revoked_by=None if row.revoked_by_id is None else UserId(int(row.revoked_by_id)),
        revoked_at=row.revoked_at,
        revoked_for=None if row.reason is None else RevocationReason(row.reason),
    )
