"""Incidents: opened with a number of their unit's year, moved on step by step, found by who may know of them.

A number is drawn by locking the row of its series inside the transaction that uses it. Finding and listing
live in :mod:`app.storage.repositories.incident_queries`.
"""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import insert, select, update

from app.domain.ids import ConsignmentId, UnitId
from app.domain.incident import Incident, IncidentNumber
from app.storage.errors import ReadOnly
from app.storage.group import Group, PendingEntry
from app.storage.repositories.incident_queries import (
    IncidentNote,
    IncidentQueries,
    incident_columns,
    to_incident,
)
from app.storage.statements import Statements
from app.storage.tables.incidents import (
    INCIDENT_ENTRIES,
    INCIDENT_ITEMS,
    INCIDENT_NOTES,
    INCIDENT_SERIES,
    INCIDENT_UNITS,
    INCIDENTS,
)
from app.storage.tables.people import UNITS

S, I, N = INCIDENT_SERIES.c, INCIDENTS.c, INCIDENT_NOTES.c  # noqa: E741  # the tables' first letters

_BIND = insert(INCIDENT_ENTRIES)


class Incidents(IncidentQueries):
    """See the module."""

    def __init__(self, statements: Statements, group: Group) -> None:
        super().__init__(statements)
        self._group = group

    def next_number(self, unit: UnitId, year: int) -> int:
        """Draw the next number of a unit's year, from 1; :meth:`add` must use it in the same use case."""
        drawn = (
            update(INCIDENT_SERIES)
            .where(S.unit_id == unit, S.year == year)
            .values(last_number=S.last_number + 1)
            .returning(S.last_number)
        )
        number = self._statements.write(drawn).scalar()
        if number is None:
            self._statements.insert_missing(
                INCIDENT_SERIES, {"unit_id": unit, "year": year, "last_number": 0}
            )
            number = self._statements.write(drawn).scalar_one()
        return int(number)

    def add(
        self, incident: Incident, *, items: Mapping[str, ConsignmentId | None], units: frozenset[UnitId]
    ) -> Incident:
        """Insert an incident with the codes and units it concerns; return it with its id."""
        values = {
            "unit_id": incident.unit,
            "year": incident.number.year,
            "number": incident.number.number,
            "kind": str(incident.kind),
            "severity": str(incident.severity),
            "standard": incident.standard,
            "opened_by_id": incident.opened_by,
            "opened_at": incident.opened_at,
            "scan_id": incident.scan,
            "report_due_at": incident.report_due_at,
            "resolve_due_at": incident.resolve_due_at,
            **_moving(incident),
        }
        stored = replace(
            incident, id=self._statements.insert(insert(INCIDENTS).values(values).returning(I.id))
        )
        if items:
            self._statements.write(
                insert(INCIDENT_ITEMS),
                [
                    {"incident_id": stored.id, "code": code, "consignment_id": identity}
                    for code, identity in items.items()
                ],
            )
        self.involve(stored, units)
        return stored

    def involve(self, incident: Incident, units: frozenset[UnitId]) -> None:
        """Let more units know of an incident; who knows already is left alone."""
        for unit in sorted(units - self.list_units(incident.id)):
            self._statements.write(
                insert(INCIDENT_UNITS).values({"incident_id": incident.id, "unit_id": unit})
            )

    def lock(self, identity: int) -> Incident | None:
        """Return an incident that nobody else moves on until the end of this transaction."""
        # FOR UPDATE on PostgreSQL; SQLite leaves the words out and has one writer.
        statement = (
            select(*incident_columns())
            .join(UNITS, UNITS.c.id == I.unit_id)
            .where(I.id == identity)
            .with_for_update(of=INCIDENTS)
        )
        row = self._statements.first(statement)
        return None if row is None else to_incident(row)

    def lock_numbered(self, unit: UnitId, number: IncidentNumber) -> Incident | None:
        """Return the incident that a unit gave this number, locked like every other."""
        wanted = select(I.id).where(I.unit_id == unit, I.year == number.year, I.number == number.number)
        row = self._statements.first(wanted)
        return None if row is None else self.lock(int(row[0]))

    def save(self, after: Incident) -> None:
        """Write how far a locked incident has come; what it was opened as never changes."""
        self._statements.update_one(update(INCIDENTS).where(I.id == after.id).values(_moving(after)))

    def note(self, note: IncidentNote) -> None:
        """Write down one step."""
        values = {
            "incident_id": note.incident_id,
            "number": note.number,
            "step": str(note.step),
            "word": note.word,
            "by_id": note.by,
            "noted_at": note.noted_at,
            "text_sealed": note.text_sealed,
            "commitment": note.commitment,
        }
        self._statements.write(insert(INCIDENT_NOTES).values(values))

    def bind(self, identity: int, entry: PendingEntry) -> None:
        """Remember, when the entry has its place, that it tells of this incident."""
        if not self._statements.writable:
            raise ReadOnly("this unit of work only reads")
        self._group.bind(entry, _BIND, {"incident_id": identity})

    def reseal(self, identity: int, blob: bytes) -> None:
        """Replace the sealed text of a note after a change of the vault's key."""
        self._statements.update_one(update(INCIDENT_NOTES).where(N.id == identity).values(text_sealed=blob))


def _moving(incident: Incident) -> dict[str, object]:
    return {
        "status": str(incident.status),
        "owner_id": incident.owner,
        "reported_at": incident.reported_at,
        "resolved_by_id": incident.resolved_by,
        "resolved_at": incident.resolved_at,
        "closed_by_id": incident.closed_by,
        "closed_at": incident.closed_at,
        "steps": incident.steps,
    }
