"""Put holds back as they were placed and lifted; what was written about them is lost.

A hold decides which scans of the gap are refused, so what it leaves in force must be what the entry says.
"""

from dataclasses import replace
from typing import Final

from app.domain.held_back import Hold
from app.domain.hold import HoldReason, PlacedHold, effective
from app.services.items.sealed_fields import LOST
from app.services.recovery.facts import Lost, Replay, Said, draft_of, get_person
from app.services.recovery.incidents import lock_numbered
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

KINDS: Final = frozenset({EntryKind.HOLD_PLACED, EntryKind.HOLD_LIFTED})


def act_again(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Hold a code back again, or let it go."""
    if entry.kind is EntryKind.HOLD_PLACED:
        _place(uow, Said(entry=entry), replay)
    else:
        _lift(uow, Said(entry=entry), replay)


def _place(uow: UnitOfWork, said: Said, replay: Replay) -> None:
    code = said.text("code")
    item = uow.consignments.lock(code)
    hold = PlacedHold(
        id=0,
        hold=Hold(said.text("hold")),
        code=code,
        consignment=None if item is None else item.id,
        incident=lock_numbered(uow, said).id if "incident" in said.entry.facts else None,
        reason=HoldReason(said.text("reason")),
        unit=get_person(uow, said, said.actor()).unit_id,
        placed_by=said.actor(),
        placed_at=said.entry.at,
        lifted_by=None,
        lifted_at=None,
    )
    if uow.holds.find_active(code, hold.hold) is not None:
        raise said.differs("holds back what is held back already")
    uow.holds.add(hold, sealed=LOST)
    _finish(uow, said, hold, replay)


def _lift(uow: UnitOfWork, said: Said, replay: Replay) -> None:
    hold = uow.holds.find_active(said.text("code"), Hold(said.text("hold")))
    if hold is None:
        raise said.differs("lets go what nothing holds back")
    uow.holds.lift(hold.id, by=said.actor(), now=said.entry.at, sealed=LOST)
    _finish(uow, said, hold, replay)


def _finish(uow: UnitOfWork, said: Said, hold: PlacedHold, replay: Replay) -> None:
    """Write what counts now to the item's row, tell of the text, append the entry."""
    now = effective(one.hold for one in uow.holds.list_active_of(hold.code))
    if ("" if now is None else now.value) != said.text("in_force"):
        raise said.differs("leaves another hold in force than the database would")
    item = uow.consignments.lock(hold.code)
    if item is not None:
        uow.consignments.save(replace(item, hold=now))
    for label in said.entry.commitments:
        replay.lose(Lost(entry=said.entry.index, of=f"hold on {hold.code}", values=(f"text ({label})",)))
    entry = uow.audit.append(draft_of(said.entry))
    if hold.incident is not None:
        uow.incidents.bind(hold.incident, entry)
