"""Says what the evidence bundle of an incident is about: its items and bags, as far as this person may know.

Nothing is exported here; `evidence_export.py` does, and decides which entries this person may have.

    scope_of_incident(uow, identity, *, actor, tools) -> IncidentScope      read; raises NotFound, Conflict
"""

from app.domain.access import Actor, Permission, may
from app.domain.errors import Conflict, ConflictCode
from app.domain.ids import ConsignmentCode
from app.services.evidence.evidence_scope import IncidentScope
from app.services.incidents.incident_pages import get_incident
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.uow import UnitOfWork


def scope_of_incident(uow: UnitOfWork, identity: int, *, actor: Actor, tools: Tools) -> IncidentScope:
    """Return the scope under the incident's own number; without items, its own entries are what there is."""
    require(actor, Permission.EXPORT_EVIDENCE)
    found = get_incident(uow, identity, actor=actor, tools=tools)
    reads_all = may(actor.role, Permission.EXPORT_LOG)
    codes = sorted({*found.codes, *(found.bags if reads_all else ())})
    reference = str(found.incident.number)
    if codes:
        return IncidentScope(reference=reference, codes=tuple(map(ConsignmentCode, codes)))
    if not reads_all:
        raise Conflict(ConflictCode.ENTRIES_OF_OTHERS)
    return IncidentScope(reference=reference, entries=tuple(sorted(found.entries)))
