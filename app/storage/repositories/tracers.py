"""Tracer letters and investigations with their gapless numbers, and the one answer to each letter."""

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, insert, or_, select, update

from app.domain.clock import ClockKind
from app.domain.ids import ConsignmentId, UnitId, UserId
from app.domain.tracing import Step, Tracer, TracerAnswer
from app.storage.statements import Statements
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.suspense import TRACER_ANSWERS, TRACER_SERIES, TRACERS

T, A, S, C = TRACERS.c, TRACER_ANSWERS.c, TRACER_SERIES.c, CONSIGNMENTS.c


class Tracers:
    """See the module."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def draw_number(self, unit: UnitId, year: int, step: Step) -> int:
        """Draw the next number of a series, from 1; the row is locked until the transaction ends."""
        drawn = (
            update(TRACER_SERIES)
            .where(S.unit_id == unit, S.year == year, S.step == str(step))
            .values(last_number=S.last_number + 1)
            .returning(S.last_number)
        )
        last = self._statements.write(drawn).scalar()
        if last is None:
            first = {"unit_id": unit, "year": year, "step": str(step), "last_number": 0}
            self._statements.insert_missing(TRACER_SERIES, first)
            last = self._statements.write(drawn).scalar_one()
        return int(last)

    def add(self, tracer: Tracer) -> int:
        """Write one raised step and return its id."""
        values = {
            "consignment_id": tracer.consignment_id,
            "clock": str(tracer.clock),
            "step": str(tracer.step),
            "issuer_id": tracer.issuer,
            "year": tracer.year,
            "number": tracer.number,
            "to_unit_id": tracer.to_unit,
            "raised_at": tracer.raised_at,
            "raised_by_id": tracer.raised_by,
            "answer_due_at": tracer.answer_due_at,
        }
        return self._statements.insert(insert(TRACERS).values(values).returning(T.id))

    def answer(self, tracer: Tracer) -> None:
        """Write the answer to a letter; the database takes no second one."""
        values = {
            "tracer_id": tracer.id,
            "answer": str(tracer.answer),
            "answered_by_id": tracer.answered_by,
            "answered_at": tracer.answered_at,
        }
        self._statements.write(insert(TRACER_ANSWERS), values)

    def find(self, identity: int) -> Tracer | None:
        """Return one."""
        row = self._statements.first(_selected().where(T.id == identity))
        return None if row is None else _tracer(row)

    def list(self, consignment_id: ConsignmentId) -> tuple[Tracer, ...]:
        """Return what was raised for one item, oldest first."""
        statement = _selected().where(T.consignment_id == consignment_id).order_by(T.id)
        return tuple(_tracer(row) for row in self._statements.rows(statement))

    def list_of_unit(
        self, unit: UnitId | None, *, waiting_only: bool, before: int | None, limit: int
    ) -> tuple[Tracer, ...]:
        """Return what a unit asked or is asked (None: everybody), newest first.

        `waiting_only` leaves out what is answered or whose item is owed nothing any more.
        """
        statement = _selected().join(CONSIGNMENTS, C.id == T.consignment_id)
        if unit is not None:
            statement = statement.where(or_(T.issuer_id == unit, T.to_unit_id == unit))
        if waiting_only:
            statement = statement.where(A.answer.is_(None), still_owed())
        if before is not None:
            statement = statement.where(T.id < before)
        rows = self._statements.rows(statement.order_by(T.id.desc()).limit(limit))
        return tuple(_tracer(row) for row in rows)


def still_owed() -> ColumnElement[bool]:
    """Return the condition that a tracer's item still owes what the tracer asks for."""
    return or_(
        and_(T.clock == "delivery", C.state == "in_custody", C.first_attempt_at.is_(None)),
        and_(T.clock == "acknowledgement", C.state == "delivered", C.acknowledged_at.is_(None)),
    )


def was_raised(clock: ClockKind, step: Step) -> ColumnElement[bool]:
    """Return the condition that this step was raised for an item."""
    found = select(T.id).where(T.consignment_id == C.id, T.clock == str(clock), T.step == str(step))
    return exists(found)


def _selected() -> Select[*tuple[Any, ...]]:
    return select(TRACERS, A.answer, A.answered_by_id, A.answered_at).outerjoin(
        TRACER_ANSWERS, A.tracer_id == T.id
    )


def _tracer(row: Row[*tuple[Any, ...]]) -> Tracer:
    return Tracer(
        id=int(row.id),
        consignment_id=ConsignmentId(int(row.consignment_id)),
        clock=ClockKind(row.clock),
        step=Step(row.step),
        issuer=UnitId(int(row.issuer_id)),
        year=int(row.year),
        number=int(row.number),
        to_unit=UnitId(int(row.to_unit_id)),
        raised_at=row.raised_at,
        raised_by=None if row.raised_by_id is None else UserId(int(row.raised_by_id)),
        answer_due_at=row.answer_due_at,
        answer=None if row.answer is None else TracerAnswer(row.answer),
        answered_by=None if row.answered_by_id is None else UserId(int(row.answered_by_id)),
        answered_at=row.answered_at,
    )
