"""Find, list and count incidents, within what a person may know about.

The rule of who may know is the domain's; this module must never widen the :class:`IncidentScope` it is given.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, false, func, or_, select, true

from app.domain.ids import ConsignmentId, UnitId, UserId
from app.domain.incident import (
    Incident,
    IncidentKind,
    IncidentNumber,
    IncidentStatus,
    IncidentStep,
    Severity,
)
from app.domain.incident_search import IncidentSearch
from app.storage.statements import Statements
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.incidents import (
    INCIDENT_ENTRIES,
    INCIDENT_ITEMS,
    INCIDENT_NOTES,
    INCIDENT_UNITS,
    INCIDENTS,
)
from app.storage.tables.people import UNITS

I, N, T, E = INCIDENTS.c, INCIDENT_NOTES.c, INCIDENT_ITEMS.c, INCIDENT_ENTRIES.c  # noqa: E741  # first letters
C, W = CONSIGNMENTS.c, INCIDENT_UNITS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentNote:
    """One step: who, when, its one code word (an owner's id, a proof, a cause), a sealed text or None."""

    id: int
    incident_id: int
    number: int
    step: IncidentStep
    word: str
    by: UserId | None
    noted_at: datetime
    text_sealed: bytes | None
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentScope:
    """Which incidents a person may know about: the union of what is named here, nothing by default.

    `involved_unit` is where it was opened, held or dealt with; `party_unit` sends an item of it, or receives
    one that the post has accepted.
    """

    everything: bool = False
    involved_unit: UnitId | None = None
    party_unit: UnitId | None = None


class IncidentQueries:
    """The reading half of :class:`app.storage.repositories.incidents.Incidents`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find(self, identity: int, scope: IncidentScope) -> Incident | None:
        """Return an incident within a scope."""
        statement = select(*incident_columns()).join(UNITS, UNITS.c.id == I.unit_id)
        row = self._statements.first(statement.where(I.id == identity, _within(scope)))
        return None if row is None else to_incident(row)

    def list(self, search: IncidentSearch, scope: IncidentScope) -> tuple[Incident, ...]:
        """Return the newest matches first."""
        statement = (
            select(*incident_columns())
            .join(UNITS, UNITS.c.id == I.unit_id)
            .where(_within(scope), *_conditions(search))
            .order_by(I.id.desc())
            .limit(search.limit)
        )
        return tuple(to_incident(row) for row in self._statements.rows(statement))

    def count(self, search: IncidentSearch, scope: IncidentScope) -> int:
        """Count every match, whatever the page size."""
        statement = select(func.count()).select_from(INCIDENTS).where(_within(scope), *_conditions(search))
        row = self._statements.first(statement)
        return 0 if row is None else int(row[0])

    def list_items(self, identities: Collection[int]) -> dict[int, dict[str, ConsignmentId | None]]:
        """Return the codes of each incident, with the item of each where there is one."""
        found: dict[int, dict[str, ConsignmentId | None]] = {identity: {} for identity in identities}
        statement = select(T.incident_id, T.code, T.consignment_id).where(
            T.incident_id.in_(sorted(identities))
        )
        for incident, code, item in self._statements.rows(statement.order_by(T.incident_id, T.code)):
            found[int(incident)][str(code)] = None if item is None else ConsignmentId(int(item))
        return found

    def list_units(self, identity: int) -> frozenset[UnitId]:
        """Return the units that an incident involves."""
        statement = select(INCIDENT_UNITS.c.unit_id).where(INCIDENT_UNITS.c.incident_id == identity)
        return frozenset(UnitId(int(row[0])) for row in self._statements.rows(statement))

    def list_notes(self, identity: int) -> tuple[IncidentNote, ...]:
        """Return every step of an incident, oldest first."""
        statement = select(INCIDENT_NOTES).where(N.incident_id == identity).order_by(N.number)
        return tuple(_note(row) for row in self._statements.rows(statement))

    def list_entries(self, identity: int) -> tuple[int, ...]:
        """Return the indexes of the entries that tell of an incident, in order."""
        statement = select(E.entry_idx).where(E.incident_id == identity).order_by(E.entry_idx)
        return tuple(int(row[0]) for row in self._statements.rows(statement))

    def list_sealed(self, after: int, *, limit: int = 200) -> tuple[tuple[IncidentNote, str], ...]:
        """Walk the notes with a text in order of id, each with its incident's number in full."""
        statement = (
            select(*INCIDENT_NOTES.c, UNITS.c.code.label("unit"), I.year, I.number.label("serial"))
            .join(INCIDENTS, I.id == N.incident_id)
            .join(UNITS, UNITS.c.id == I.unit_id)
            .where(N.id > after, N.text_sealed.is_not(None))
            .order_by(N.id)
            .limit(limit)
        )
        return tuple(
            (_note(row), f"{row.unit}/{row.year}/{row.serial}") for row in self._statements.rows(statement)
        )


def incident_columns() -> tuple[ColumnElement[Any], ...]:
    """Return what :func:`to_incident` reads: the incident and the code of its unit."""
    return (*INCIDENTS.c, UNITS.c.code.label("unit_code"))


def to_incident(row: Row[*tuple[Any, ...]]) -> Incident:
    """Read one row of :func:`incident_columns`."""
    return Incident(
        id=int(row.id),
        number=IncidentNumber(unit_code=row.unit_code, year=row.year, number=row.number),
        unit=UnitId(int(row.unit_id)),
        kind=IncidentKind(row.kind),
        severity=Severity(row.severity),
        standard=row.standard,
        status=IncidentStatus(row.status),
        opened_by=_user(row.opened_by_id),
        opened_at=row.opened_at,
        scan=row.scan_id,
        owner=_user(row.owner_id),
        report_due_at=row.report_due_at,
        resolve_due_at=row.resolve_due_at,
        reported_at=row.reported_at,
        resolved_by=_user(row.resolved_by_id),
        resolved_at=row.resolved_at,
        closed_by=_user(row.closed_by_id),
        closed_at=row.closed_at,
        steps=row.steps,
    )


def _user(identity: int | None) -> UserId | None:
    return None if identity is None else UserId(int(identity))


def _note(row: Row[*tuple[Any, ...]]) -> IncidentNote:
    values: Mapping[Any, Any] = row._mapping  # noqa: SLF001  # SQLAlchemy's public way to read a row by column
    return IncidentNote(
        id=int(values[N.id]),
        incident_id=int(values[N.incident_id]),
        number=values[N.number],
        step=IncidentStep(values[N.step]),
        word=values[N.word],
        by=_user(values[N.by_id]),
        noted_at=values[N.noted_at],
        text_sealed=values[N.text_sealed],
        commitment=values[N.commitment],
    )


def _within(scope: IncidentScope) -> ColumnElement[bool]:
    if scope.everything:
        return true()
    ways: list[ColumnElement[bool]] = [false()]
    if scope.involved_unit is not None:
        here = select(W.unit_id).where(W.incident_id == I.id, W.unit_id == scope.involved_unit)
        ways.append(exists(here))
    if scope.party_unit is not None:
        coming = and_(C.recipient_unit_id == scope.party_unit, C.accepted_at.is_not(None))
        theirs = or_(C.sender_unit_id == scope.party_unit, coming)
        item = (
            select(T.code).join(CONSIGNMENTS, C.id == T.consignment_id).where(T.incident_id == I.id, theirs)
        )
        ways.append(exists(item))
    return or_(*ways)


def _conditions(search: IncidentSearch) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if search.statuses:
        conditions.append(I.status.in_([str(status) for status in search.statuses]))
    if search.kind is not None:
        conditions.append(I.kind == str(search.kind))
    if search.owner is not None:
        conditions.append(I.owner_id == search.owner)
    if search.overdue_at is not None:
        unreported = and_(I.status == "open", I.report_due_at < search.overdue_at)
        unresolved = and_(I.status == "reported", I.resolve_due_at < search.overdue_at)
        conditions.append(or_(unreported, unresolved))
    if search.consignment is not None:
        named = select(T.code).where(T.incident_id == I.id, T.consignment_id == search.consignment)
        conditions.append(exists(named))
    if search.before_id is not None:
        conditions.append(I.id < search.before_id)
    return conditions
