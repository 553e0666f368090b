"""Seals as stock: ranges issued, numbers used and voided; all insert only."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from app.domain.ids import BagId, UnitId, UserId
from app.domain.seal_stock import Issue, SealNumber, SealRange, VoidReason
from app.storage.statements import Statements
from app.storage.tables.access_keys import ACCESS_KEY_SEALS
from app.storage.tables.bags import SEAL_USES
from app.storage.tables.seals import SEAL_FORMS, SEAL_ISSUES, SEAL_VOIDS
from app.storage.tables.sections import SECTION_SEALS

I, F, U, V, E = SEAL_ISSUES.c, SEAL_FORMS.c, SEAL_USES.c, SEAL_VOIDS.c, ACCESS_KEY_SEALS.c  # noqa: E741  # the tables' first letters
D = SECTION_SEALS.c


class Seals:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def lock_form(self, wanted: SealRange) -> None:
        """Let nobody else issue numbers of this form until the end of the transaction."""
        form = (F.prefix == wanted.prefix, F.width == wanted.width)
        counted = update(SEAL_FORMS).where(*form).values(issues=F.issues + 1)
        if self._statements.write(counted).rowcount == 0:
            first = {"prefix": wanted.prefix, "width": wanted.width, "issues": 0}
            self._statements.insert_missing(SEAL_FORMS, first)
            self._statements.write(counted)

    def list_ranges(self, alike: SealRange) -> tuple[SealRange, ...]:
        """Return every range issued of this form."""
        asked = select(SEAL_ISSUES).where(I.prefix == alike.prefix, I.width == alike.width)
        return tuple(_range(row) for row in self._statements.rows(asked))

    def issue(self, unit: UnitId, wanted: SealRange, *, issued_by: UserId, now: datetime) -> int:
        """Write an issue and return its id."""
        values = {
            "unit_id": unit,
            "prefix": wanted.prefix,
            "width": wanted.width,
            "first_number": wanted.first,
            "last_number": wanted.last,
            "issued_by_id": issued_by,
            "issued_at": now,
        }
        return self._statements.insert(insert(SEAL_ISSUES).values(values).returning(I.id))

    def find_issue(self, seal: SealNumber | None) -> Issue | None:
        """Return the issue a number belongs to; its counts are not filled.

        Nobody else uses or voids a number of this form until the end of the transaction: a bag, an envelope
        and a void are rows of three tables, and no key of one of them keeps the others out.
        """
        if seal is None:
            return None
        form = select(F.issues).where(F.prefix == seal.prefix, F.width == seal.width)
        self._statements.first(form.with_for_update())
        asked = select(SEAL_ISSUES).where(
            I.prefix == seal.prefix,
            I.width == seal.width,
            I.first_number <= seal.number,
            I.last_number >= seal.number,
        )
        row = self._statements.first(asked)
        return None if row is None else _issue(row, {}, {})

    def list(self, unit: UnitId | None = None) -> tuple[Issue, ...]:
        """Return the issues of one office, or of all, newest first, with what became of their numbers."""
        asked = select(SEAL_ISSUES).order_by(I.id.desc())
        if unit is not None:
            asked = asked.where(I.unit_id == unit)
        used = select(U.issue_id, func.count()).where(U.issue_id.is_not(None)).group_by(U.issue_id)
        gone = select(V.issue_id, func.count()).group_by(V.issue_id)
        uses = {int(row[0]): int(row[1]) for row in self._statements.rows(used)}
        for other in (E, D):
            spent = select(other.issue_id, func.count()).group_by(other.issue_id)
            for row in self._statements.rows(spent):
                uses[int(row[0])] = uses.get(int(row[0]), 0) + int(row[1])
        voids = {int(row[0]): int(row[1]) for row in self._statements.rows(gone)}
        return tuple(_issue(row, uses, voids) for row in self._statements.rows(asked))

    def is_gone(self, key: str) -> bool:
        """Tell whether a number was put on a bag, on the envelope of a key or on a safe, or voided."""
        asked = (
            select(U.seal_key).where(U.seal_key == key),
            select(E.seal_key).where(E.seal_key == key),
            select(D.seal_key).where(D.seal_key == key),
            select(V.seal_key).where(V.seal_key == key),
        )
        return any(self._statements.first(one) is not None for one in asked)

    def spend(self, seal: SealNumber, issue: Issue, bag: BagId, *, now: datetime) -> bool:
        """Put a number on a bag; False when it was used or voided before, whoever was faster."""
        if self.is_gone(seal.key):
            return False
        row = {"seal_key": seal.key, "bag_id": bag, "used_at": now, "issue_id": issue.id}
        self._statements.insert_missing(SEAL_USES, row)
        mine = self._statements.first(select(U.bag_id).where(U.seal_key == seal.key))
        return mine is not None and int(mine[0]) == bag

    def void(
        self, seal: SealNumber, issue: Issue, reason: VoidReason, *, voided_by: UserId, now: datetime
    ) -> None:
        """Take a number out of the world without using it; the database refuses a second time."""
        values = {
            "seal_key": seal.key,
            "issue_id": issue.id,
            "reason": str(reason),
            "voided_by_id": voided_by,
            "voided_at": now,
        }
        self._statements.write(insert(SEAL_VOIDS).values(values))


def _range(row: Row[*tuple[Any, ...]]) -> SealRange:
    return SealRange(
        prefix=row.prefix, width=row.width, first=int(row.first_number), last=int(row.last_number)
    )


def _issue(row: Row[*tuple[Any, ...]], uses: dict[int, int], voids: dict[int, int]) -> Issue:
    return Issue(
        id=int(row.id),
        unit=UnitId(row.unit_id),
        range=_range(row),
        issued_by=UserId(row.issued_by_id),
        issued_at=row.issued_at,
        used=uses.get(int(row.id), 0),
        voided=voids.get(int(row.id), 0),
    )
