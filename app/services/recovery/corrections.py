"""Put declared errors back with the decisions on them; what was written about the error is lost.

The wrong entry lies in the log before the declaration: `recovery.py` sees to it that it is stored already.
"""

from typing import Final

from app.domain.correction import Correction, CorrectionOutcome, CorrectionReason
from app.domain.ids import UserId
from app.services.items.sealed_fields import LOST
from app.services.recovery.facts import Lost, Replay, Said, draft_of
from app.storage.uow import UnitOfWork
from audit.entry import Entry, parse_entry
from audit.kinds import EntryKind

KINDS: Final = frozenset(
    {EntryKind.CORRECTION_PROPOSED, EntryKind.ERROR_DECLARED, EntryKind.CORRECTION_REFUSED}
)
_OUTCOMES: Final = {
    EntryKind.ERROR_DECLARED: CorrectionOutcome.CONFIRMED,
    EntryKind.CORRECTION_REFUSED: CorrectionOutcome.REFUSED,
}


def act_again(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Declare an error again, or decide on one."""
    if entry.kind is EntryKind.CORRECTION_PROPOSED:
        _declare(uow, Said(entry=entry), replay)
    else:
        _decide(uow, Said(entry=entry))


def _declare(uow: UnitOfWork, said: Said, replay: Replay) -> None:
    """Write the declaration; whose entry it is and of which kind, the wrong entry itself says."""
    index = said.number("entry")
    row = uow.audit.find(index)
    if row is None or row.leaf.hex() != said.text("leaf"):
        raise said.differs("is of an entry that the database does not have")
    wrong = Said(entry=parse_entry(row.data))
    listed = said.text("corrective") if "corrective" in said.entry.facts else ""
    ((_, digest),) = said.entry.commitments.items()
    correction = Correction(
        id=0,
        entry=index,
        leaf=said.text("leaf"),
        kind=wrong.entry.kind,
        reason=CorrectionReason(said.text("reason")),
        corrective=tuple(int(one) for one in listed.split(",") if one),
        recorded_by=wrong.actor(),
        declared_by=said.actor(),
        declared_at=said.entry.at,
        commitment=digest,
    )
    uow.corrections.add(correction, sealed=LOST)
    replay.lose(Lost(entry=said.entry.index, of=f"declared error in entry {index}", values=("text",)))
    uow.audit.append(draft_of(said.entry))


def _decide(uow: UnitOfWork, said: Said) -> None:
    standing = uow.corrections.find_standing(said.number("entry"))
    if standing is None or not standing.is_open or standing.declared_by != UserId(said.number("declarer")):
        raise said.differs("decides on an error that nobody declared, or a second time")
    outcome = _OUTCOMES[said.entry.kind]
    uow.corrections.decide(standing.id, outcome, by=said.actor(), now=said.entry.at)
    uow.audit.append(draft_of(said.entry))
