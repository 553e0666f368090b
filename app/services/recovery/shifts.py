"""Open, hand over and close shifts again as the log says; the count between is a scan like every other.

That a supervisor stood there is what the entry says. Nothing here may settle what the entry leaves open.
"""

from typing import Final

from app.domain.bag import contents_digest
from app.domain.ids import UserId
from app.services.people.sessions import actor_of
from app.services.recovery.facts import Said, get_person
from app.services.shifts import reliefs, shifts
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

KINDS: Final = frozenset({EntryKind.SHIFT_OPENED, EntryKind.RELIEF_LISTED, EntryKind.SHIFT_CLOSED})


def act_again(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    """Open, hand over or close a shift as the entry says."""
    if entry.kind is EntryKind.SHIFT_OPENED:
        _open_again(uow, entry, tools=tools)
    elif entry.kind is EntryKind.RELIEF_LISTED:
        _list_again(uow, entry)
    else:
        _close_again(uow, entry)


def _open_again(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    """Open a shift with the same code and the same list; raises NotInTheLog where it would be another."""
    said = Said(entry=entry)
    person = get_person(uow, said, said.actor())
    now = said.moment("opened_at") or entry.at
    shift = shifts.open_shift(uow, actor=actor_of(person), now=now, tools=tools)
    opening = uow.shifts.list_lines(shift.id, "opening")
    if (shift.code, contents_digest(opening)) != (said.text("shift"), said.text("digest")):
        raise said.differs("opened another shift than the database would")


def _list_again(uow: UnitOfWork, entry: Entry) -> None:
    """Make the same list out to the same person; raises NotInTheLog where it would be another."""
    said = Said(entry=entry)
    shift = uow.shifts.lock(said.text("shift"))
    if shift is None:
        raise said.differs("hands over a shift that the database does not know")
    successor, now = UserId(said.number("successor")), said.moment("listed_at") or entry.at
    relief = reliefs.freeze(uow, shift, successor, now=now)
    if contents_digest(reliefs.codes_of(uow, relief)) != said.text("digest"):
        raise said.differs("hands over another list than the database would")


def _close_again(uow: UnitOfWork, entry: Entry) -> None:
    """Close a shift with the same list; raises NotInTheLog where it would be another."""
    said = Said(entry=entry)
    shift = uow.shifts.lock(said.text("shift"))
    if shift is None:
        raise said.differs("closes a shift that the database does not know")
    supervisor, now = UserId(said.number("supervisor")), said.moment("closed_at") or entry.at
    closed = shifts.settle(uow, shift, supervisor=supervisor, now=now)
    if contents_digest(uow.shifts.list_lines(closed.id, "closing")) != said.text("digest"):
        raise said.differs("closed with another list than the database would")
