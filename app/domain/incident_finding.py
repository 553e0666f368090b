"""Find what a scan itself says is wrong: a line turned down with a reason, an attempt that ended badly.

Pure. Only what was accepted as a fact counts: a line that the rules refused changed nothing and says so
already. Nothing here may open an incident; `app/services/incidents/incidents.py` does, inside the same scan.
"""

from collections.abc import Mapping
from typing import Final

from app.domain.decision import Refusal
from app.domain.incident import IncidentKind
from audit.evidence import (
    Act,
    ActLine,
    Attempt,
    AttemptReason,
    Evidence,
    EvidenceKind,
    Line,
    Mark,
    SealState,
    TakeLine,
    TakeReason,
)

# What an item found in a bag is refused for when no record says that it should be on its way at all.
_NO_RECORD: Final = frozenset(
    {Refusal.UNKNOWN_CODE, Refusal.FORGED_LABEL, Refusal.CANCELLED, Refusal.WRONG_STATE}
)

_TURNED_DOWN: Final[Mapping[TakeReason, IncidentKind]] = {
    TakeReason.DAMAGED: IncidentKind.DAMAGED,
    TakeReason.SEAL_DIFFERS: IncidentKind.SEAL_BROKEN,
    TakeReason.NOT_PRESENT: IncidentKind.COUNT_DIFFERS,
    TakeReason.WRONG_ADDRESSEE: IncidentKind.MISSENT,
    TakeReason.NOT_OURS: IncidentKind.MISSENT,
    TakeReason.PIECES_DIFFER: IncidentKind.COUNT_DIFFERS,
    TakeReason.MARK_UNREADABLE: IncidentKind.DAMAGED,
}
# Whoever is absent is asked again tomorrow; the others need somebody to find out.
_ATTEMPTED: Final[Mapping[AttemptReason, IncidentKind]] = {
    AttemptReason.CLOSED_OFFICE: IncidentKind.CLOSED_OFFICE,
    AttemptReason.REFUSED: IncidentKind.REFUSED,
    AttemptReason.WRONG_ADDRESS: IncidentKind.MISSENT,
}


_ANSWERED: Final[Mapping[Mark, IncidentKind]] = {
    Mark.MISSING: IncidentKind.LOSS,
    Mark.EXCESS: IncidentKind.COUNT_DIFFERS,
    Mark.DAMAGED: IncidentKind.DAMAGED,
    Mark.SEAL_DIFFERS: IncidentKind.SEAL_BROKEN,
    Mark.MISSENT: IncidentKind.MISSENT,
}


def find_act_incident(act: Act) -> IncidentKind | None:
    """Return what an accepted act says is wrong with its subject as a whole."""
    if act.facts.get("found") == SealState.BROKEN:
        return IncidentKind.SEAL_BROKEN
    # An inner cover that is not whole: what was in it may have been read.
    return IncidentKind.LEAK if act.facts.get("inner_intact") == "no" else None


def find_line_incident(act: Act, line: ActLine, refusal: str) -> IncidentKind | None:
    """Return what a line of an accepted act says is wrong.

    A line that was refused changed nothing; but a thing that lies in the bag and is in no record must not
    vanish in a refusal.
    """
    if act.kind is not EvidenceKind.ANSWER:
        return None
    if not refusal:
        return _ANSWERED.get(Mark(line.mark))
    found = line.mark == Mark.EXCESS and refusal in _NO_RECORD
    return IncidentKind.UNRECORDED if found else None


def find_incident(scan: Evidence, line: Line) -> IncidentKind | None:
    """Return what an accepted line says is wrong with its item, None where nothing is."""
    if isinstance(scan, Attempt):
        return _ATTEMPTED.get(scan.reason)
    if isinstance(line, TakeLine) and line.reason is not None:
        return _TURNED_DOWN[line.reason]
    return None
