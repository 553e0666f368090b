"""Closed sections: numbered per office and year, as they stand, what lay in the safe, and the seal on it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, insert, select, union, update

from app.domain.ids import UnitId, UserId
from app.domain.seal_stock import Issue, SealNumber
from app.domain.section import Closing, SafeSeal, SectionReason
from app.storage.group import Group
from app.storage.statements import Statements
from app.storage.tables.bags import BAGS
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.sections import SECTION_CLOSINGS, SECTION_LINES, SECTION_SEALS, SECTION_SERIES

S, N, L = SECTION_CLOSINGS.c, SECTION_SERIES.c, SECTION_LINES.c
_CLOSED = S.reopened_at.is_(None)
_AT_ONCE = 5_000


class Sections:
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        self._statements = statements
        self._group = group

    def next_number(self, unit: UnitId, year: int) -> int:
        """Draw the next number of an office's year, from 1; nobody else of the office draws meanwhile."""
        drawn = (
            update(SECTION_SERIES)
            .where(N.unit_id == unit, N.year == year)
            .values(last_number=N.last_number + 1)
            .returning(N.last_number)
        )
        number = self._statements.write(drawn).scalar()
        if number is None:
            self._statements.insert_missing(SECTION_SERIES, {"unit_id": unit, "year": year, "last_number": 0})
            number = self._statements.write(drawn).scalar_one()
        return int(number)

    def add(self, closing: Closing, *, lines: Collection[str]) -> Closing:
        """Insert a closing with what lies in the safe; return it with its id."""
        values = {
            "code": closing.code,
            "unit_id": closing.unit,
            "reason": closing.reason.value,
            "note": closing.note,
            "instead_unit_id": closing.instead,
            "closed_by_id": closing.closed_by,
            "closed_at": closing.closed_at,
            "expected_at": closing.expected_at,
            "access_key_id": closing.safe,
            "seal": closing.seal,
            "things": closing.things,
            **_moving(closing),
        }
        stored = replace(
            closing, id=self._statements.insert(insert(SECTION_CLOSINGS).values(values).returning(S.id))
        )
        if lines:
            rows = [{"closing_id": stored.id, "code": code} for code in sorted(lines)]
            self._statements.write(insert(SECTION_LINES), rows)
        self._group.units.clear()
        return stored

    def save(self, after: Closing) -> None:
        """Write how a locked one stands; what it was closed as never changes."""
        self._statements.update_one(update(SECTION_CLOSINGS).where(S.id == after.id).values(_moving(after)))
        self._group.units.clear()

    def spend_seal(self, seal: SealNumber, issue: Issue, closing: Closing) -> bool:
        """Put a number of the stock on the safe; False when it is on another thing, whoever was faster."""
        values = {
            "seal_key": seal.key,
            "closing_id": closing.id,
            "issue_id": issue.id,
            "used_at": closing.closed_at,
        }
        return self._statements.insert_missing(SECTION_SEALS, values)

    def find(self, code: str) -> Closing | None:
        """Return one by its number."""
        return self._first(select(SECTION_CLOSINGS).where(S.code == code))

    def lock(self, code: str) -> Closing | None:
        """Return one that nobody else moves on until the end of this transaction."""
        return self._first(select(SECTION_CLOSINGS).where(S.code == code).with_for_update())

    def find_standing(self, unit: UnitId) -> Closing | None:
        """Return the closing of an office that stands now."""
        return self._first(select(SECTION_CLOSINGS).where(_CLOSED, S.unit_id == unit))

    def list_standing(self, units: Collection[UnitId] | None = None) -> tuple[Closing, ...]:
        """Return what is closed now, of these offices or of all, the first to come back first."""
        asked = select(SECTION_CLOSINGS).where(_CLOSED).order_by(S.expected_at, S.id)
        if units is not None:
            asked = asked.where(S.unit_id.in_(sorted(set(units))))
        return self._list(asked)

    def list_ended(self, unit: UnitId | None, *, before: int | None, limit: int) -> tuple[Closing, ...]:
        """Return what is over, of an office or of all, the newest first, in pages by id."""
        asked = select(SECTION_CLOSINGS).where(S.reopened_at.is_not(None)).order_by(S.id.desc()).limit(limit)
        if unit is not None:
            asked = asked.where(S.unit_id == unit)
        if before is not None:
            asked = asked.where(S.id < before)
        return self._list(asked)

    def list_late(self, *, before: datetime, limit: int) -> tuple[Closing, ...]:
        """Return those whose return was promised for before then, and of which nobody was told yet."""
        late = (_CLOSED, S.raised_at.is_(None), S.expected_at <= before)
        return self._list(select(SECTION_CLOSINGS).where(*late).order_by(S.expected_at, S.id).limit(limit))

    def count_late(self, unit: UnitId | None, *, now: datetime) -> int:
        """Return at how many offices, or whether at this one, the promised return has passed."""
        late: list[ColumnElement[bool]] = [_CLOSED, S.expected_at <= now]
        if unit is not None:
            late.append(S.unit_id == unit)
        row = self._statements.first(select(func.count()).select_from(SECTION_CLOSINGS).where(*late))
        return 0 if row is None else int(row[0])

    def list_lines(self, closing: Closing) -> frozenset[str]:
        """Return what lay in the safe."""
        asked = select(L.code).where(L.closing_id == closing.id)
        return frozenset(str(code) for (code,) in self._statements.rows(asked))

    def list_offered(self, codes: Collection[str]) -> frozenset[str]:
        """Return which of these items and bags are given out and not taken."""
        found, ordered, items, bags = set[str](), sorted(codes), CONSIGNMENTS.c, BAGS.c
        changed = {code for code, one in self._group.changed.items() if one.offer is not None}
        changed |= {code for code, one in self._group.changed_bags.items() if one.offer is not None}
        known = self._group.changed.keys() | self._group.changed_bags.keys()
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            asked = union(
                select(items.code).where(items.code.in_(part), items.offer_nonce.is_not(None)),
                select(bags.code).where(bags.code.in_(part), bags.offer_nonce.is_not(None)),
            )
            found |= {str(code) for (code,) in self._statements.rows(asked)}
        return frozenset((found - known) | (changed & set(ordered)))

    def count_waiting(self, unit: UnitId) -> int:
        """Return how many items and bags wait to be taken by an office at its own counter."""
        total = 0
        for table in (CONSIGNMENTS.c, BAGS.c):
            asked = select(func.count()).where(
                table.offer_nonce.is_not(None), table.offer_to_unit_id == unit, table.offer_place_id == unit
            )
            row = self._statements.first(asked)
            total += 0 if row is None else int(row[0])
        return total

    def _first(self, asked: Select[Any]) -> Closing | None:
        row = self._statements.first(asked)
        return None if row is None else _closing(row)

    def _list(self, asked: Select[Any]) -> tuple[Closing, ...]:
        return tuple(_closing(row) for row in self._statements.rows(asked))


def _moving(closing: Closing) -> dict[str, object]:
    return {
        "reopened_by_id": closing.reopened_by,
        "reopened_at": closing.reopened_at,
        "seal_state": None if closing.seal_state is None else closing.seal_state.value,
        "found_incident_id": closing.found,
        "raised_at": closing.raised_at,
        "incident_id": closing.incident,
    }


def _closing(row: Row[*tuple[Any, ...]]) -> Closing:
    def user(value: int | None) -> UserId | None:
        return None if value is None else UserId(int(value))

    return Closing(
        id=int(row.id),
        code=row.code,
        unit=UnitId(int(row.unit_id)),
        reason=SectionReason(row.reason),
        note=row.note,
        instead=None if row.instead_unit_id is None else UnitId(int(row.instead_unit_id)),
        closed_by=UserId(int(row.closed_by_id)),
        closed_at=row.closed_at,
        expected_at=row.expected_at,
        safe=row.access_key_id,
        seal=row.seal,
        things=int(row.things),
        reopened_by=user(row.reopened_by_id),
        reopened_at=row.reopened_at,
        seal_state=None if row.seal_state is None else SafeSeal(row.seal_state),
        found=row.found_incident_id,
        raised_at=row.raised_at,
        incident=row.incident_id,
    )
