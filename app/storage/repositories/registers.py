"""The official registers: numbers without gaps per unit, year and direction.

A number is drawn by locking the row of its series inside the transaction that uses it, so a number that was
not used was not drawn.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, insert, select, update

from app.domain.ids import ConsignmentId, UnitId
from app.domain.register import Direction, RegisterNumber
from app.storage.records import RegisterLine
from app.storage.statements import Statements
from app.storage.tables.registers import REGISTER_ENTRIES, REGISTER_SERIES

S, E = REGISTER_SERIES.c, REGISTER_ENTRIES.c


class Registers:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def allocate(self, unit: UnitId, year: int, direction: Direction) -> RegisterNumber:
        """Draw the next number, from 1; :meth:`add` must use it in the same use case."""
        return self._draw(unit, year, direction, 1)[0]

    def add(self, number: RegisterNumber, consignment_id: ConsignmentId, *, registered_at: datetime) -> None:
        """Write the line of a drawn number."""
        self.add_all([(number, consignment_id)], registered_at=registered_at)

    def allocate_all(
        self, unit: UnitId, year: int, direction: Direction, count: int
    ) -> tuple[RegisterNumber, ...]:
        """Draw consecutive numbers; :meth:`add_all` must use them in the same use case."""
        return self._draw(unit, year, direction, count)

    def add_all(
        self, lines: Sequence[tuple[RegisterNumber, ConsignmentId]], *, registered_at: datetime
    ) -> None:
        """Write the lines of drawn numbers."""
        self._write(lines, registered_at)

    def enter(
        self,
        unit: UnitId,
        direction: Direction,
        consignments: Sequence[ConsignmentId],
        *,
        year: int,
        registered_at: datetime,
    ) -> tuple[RegisterNumber, ...]:
        """Draw and write consecutive numbers for a whole list, in its order: two statements however long."""
        if not consignments:
            return ()
        numbers = self._draw(unit, year, direction, len(consignments))
        self._write(list(zip(numbers, consignments, strict=True)), registered_at)
        return numbers

    def _draw(self, unit: UnitId, year: int, direction: Direction, count: int) -> tuple[RegisterNumber, ...]:
        drawn = (
            update(REGISTER_SERIES)
            .where(S.unit_id == unit, S.year == year, S.direction == str(direction))
            .values(last_number=S.last_number + count)
            .returning(S.last_number)
        )
        last = self._statements.write(drawn).scalar()
        if last is None:
            first = {"unit_id": unit, "year": year, "direction": str(direction), "last_number": 0}
            self._statements.insert_missing(REGISTER_SERIES, first)
            last = self._statements.write(drawn).scalar_one()
        return tuple(
            RegisterNumber(unit=unit, year=year, direction=direction, number=number)
            for number in range(int(last) - count + 1, int(last) + 1)
        )

    def _write(self, lines: Sequence[tuple[RegisterNumber, ConsignmentId]], registered_at: datetime) -> None:
        values = [
            {
                "unit_id": number.unit,
                "year": number.year,
                "direction": str(number.direction),
                "number": number.number,
                "consignment_id": consignment_id,
                "registered_at": registered_at,
            }
            for number, consignment_id in lines
        ]
        self._statements.write(insert(REGISTER_ENTRIES), values)

    def list(self, unit: UnitId, year: int, direction: Direction) -> tuple[RegisterLine, ...]:
        """Return one register of one year, in order."""
        statement = (
            select(REGISTER_ENTRIES)
            .where(E.unit_id == unit, E.year == year, E.direction == str(direction))
            .order_by(E.number)
        )
        return tuple(_line(row) for row in self._statements.rows(statement))


def _line(row: Row[*tuple[object, ...]]) -> RegisterLine:
    values = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to read a row by column
    return RegisterLine(
        unit_id=values[E.unit_id],
        year=values[E.year],
        direction=Direction(values[E.direction]),
        number=values[E.number],
        consignment_id=values[E.consignment_id],
        registered_at=values[E.registered_at],
    )
