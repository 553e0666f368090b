"""Find what a scan itself says is wrong: a line turned down with a reason, an attempt that ended badly.

Pure. Only what was accepted as a fact counts: a line that the rules refused changed nothing and says so
already. Nothing here may open an incident; `app/services/incidents.py` does, inside the same scan.
"""

from collections.abc import Mapping
from typing import Final

from app.domain.incident import IncidentKind
from audit.evidence import Attempt, AttemptReason, Evidence, Line, TakeLine, TakeReason

_TURNED_DOWN: Final[Mapping[TakeReason, IncidentKind]] = {
    TakeReason.DAMAGED: IncidentKind.DAMAGED,
    TakeReason.SEAL_DIFFERS: IncidentKind.SEAL_BROKEN,
    TakeReason.NOT_PRESENT: IncidentKind.COUNT_DIFFERS,
    TakeReason.WRONG_ADDRESSEE: IncidentKind.MISSENT,
    TakeReason.NOT_OURS: IncidentKind.MISSENT,
}
# Whoever is absent is asked again tomorrow; the others need somebody to find out.
_ATTEMPTED: Final[Mapping[AttemptReason, IncidentKind]] = {
    AttemptReason.CLOSED_OFFICE: IncidentKind.CLOSED_OFFICE,
    AttemptReason.REFUSED: IncidentKind.REFUSED,
    AttemptReason.WRONG_ADDRESS: IncidentKind.MISSENT,
}


def find_incident(scan: Evidence, line: Line) -> IncidentKind | None:
    """Return what an accepted line says is wrong with its item, None where nothing is."""
    if isinstance(scan, Attempt):
        return _ATTEMPTED.get(scan.reason)
    if isinstance(line, TakeLine) and line.reason is not None:
        return _TURNED_DOWN[line.reason]
    return None
