"""Figures an auditor reads per office, and the scans they are counted from."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, insert, or_, select

from app.domain.ids import UnitId, UserId
from app.storage.group import Group, PendingEntry
from app.storage.repositories.figure_queries import FigureQueries
from app.storage.statements import Statements
from app.storage.tables.incidents import INCIDENTS
from app.storage.tables.key_ins import WITNESSED_ACTS
from app.storage.tables.scan_marks import SCAN_MARKS

M, I = SCAN_MARKS.c, INCIDENTS.c  # noqa: E741  # the tables' first letters
_MARK = insert(SCAN_MARKS)
_WITNESSED = insert(WITNESSED_ACTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFigures:
    """What one office's scans tell in a period: typed lines, scans with any, late scans, their delay."""

    typed_lines: int
    typed_scans: int
    late_scans: int
    delay_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFigures:
    """What one office's incidents tell: how many were opened, how many got their first report late."""

    opened: int
    reported_late: int


class ControlFigures(FigureQueries):
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        super().__init__(statements)
        self._group = group

    def mark(
        self,
        entry: PendingEntry,
        *,
        unit: UnitId,
        user: UserId,
        lines: int,
        typed: int,
        delay_s: int,
        at: datetime,
    ) -> None:
        """Queue the row of a scan that counts, under its entry."""
        values = {
            "unit_id": unit,
            "user_id": user,
            "lines": lines,
            "typed": typed,
            "delay_s": delay_s,
            "recorded_at": at,
        }
        self._group.bind(entry, _MARK, values)

    def mark_witness(
        self, entry: PendingEntry, *, unit: UnitId, actor: UserId, witness: UserId, at: datetime
    ) -> None:
        """Queue the row of an act of two persons, under its entry."""
        values = {"unit_id": unit, "actor_id": actor, "witness_id": witness, "recorded_at": at}
        self._group.bind(entry, _WITNESSED, values)

    def list_scans(self, since: datetime, until: datetime, *, late_s: int) -> dict[UnitId, ScanFigures]:
        """Return the figures of every office that has any, for `since <= time < until`."""
        late = case((M.delay_s >= late_s, 1), else_=0)
        statement = (
            select(
                M.unit_id,
                func.sum(M.typed),
                func.sum(case((M.typed > 0, 1), else_=0)),
                func.sum(late),
                func.sum(late * M.delay_s),
            )
            .where(M.recorded_at >= since, M.recorded_at < until)
            .group_by(M.unit_id)
        )
        return {
            UnitId(int(unit)): ScanFigures(
                typed_lines=int(typed), typed_scans=int(scans), late_scans=int(count), delay_s=int(delay)
            )
            for unit, typed, scans, count, delay in self._statements.rows(statement)
        }

    def list_incidents(
        self, since: datetime, until: datetime, *, now: datetime
    ) -> dict[UnitId, IncidentFigures]:
        """Return the same of incidents opened in the period; unreported ones are late once they are due."""
        late = or_(I.reported_at > I.report_due_at, and_(I.reported_at.is_(None), I.report_due_at < now))
        statement = (
            select(I.unit_id, func.count(), func.sum(case((late, 1), else_=0)))
            .where(I.opened_at >= since, I.opened_at < until)
            .group_by(I.unit_id)
        )
        return {
            UnitId(int(unit)): IncidentFigures(opened=int(count), reported_late=int(missed))
            for unit, count, missed in self._statements.rows(statement)
        }
