"""Open and close shifts again as the log's entries say; the count between is a scan like every other.

That a supervisor stood there is what the entry says. Nothing here may settle what the entry leaves open.
"""

from typing import Final

from app.domain.bag import contents_digest
from app.domain.ids import UserId
from app.services import shifts
from app.services.recovery_facts import Said, get_person
from app.services.sessions import actor_of
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

KINDS: Final = frozenset({EntryKind.SHIFT_OPENED, EntryKind.SHIFT_CLOSED})


def act_again(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    """Open or close a shift as the entry says."""
    if entry.kind is EntryKind.SHIFT_OPENED:
        _open_again(uow, entry, tools=tools)
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
