"""Open, close and withdraw musters again as the log says; the counts between are scans like every other.

That a person of the place stood there is what the entry says. A draw did nothing but say what was drawn: the
musters it led to have entries of their own.
"""

from typing import Final

from app.domain.bag import contents_digest
from app.domain.ids import UserId
from app.domain.muster import Withdrawal, WithdrawalReason, result_digest
from app.services.people.sessions import actor_of
from app.services.recovery.facts import Said, draft_of, get_person
from app.services.shifts import muster_withdrawal, musters
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import Entry
from audit.kinds import EntryKind

KINDS: Final = frozenset(
    {
        EntryKind.MUSTER_DRAWN,
        EntryKind.MUSTER_OPENED,
        EntryKind.MUSTER_CLOSED,
        EntryKind.MUSTER_WITHDRAWN,
    }
)


def act_again(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    """Do a step of a muster as the entry says."""
    match entry.kind:
        case EntryKind.MUSTER_OPENED:
            _open_again(uow, entry)
        case EntryKind.MUSTER_CLOSED:
            _close_again(uow, entry, tools=tools)
        case EntryKind.MUSTER_WITHDRAWN:
            _withdraw_again(uow, entry)
        case _:
            uow.audit.append(draft_of(entry))


def _open_again(uow: UnitOfWork, entry: Entry) -> None:
    """Open a muster with the same code and the same list; raises NotInTheLog where it would be another."""
    said = Said(entry=entry)
    unit = uow.units.find_by_code(said.text("unit"))
    if unit is None:
        raise said.differs("musters a place that the database does not know")
    person = UserId(said.number("user")) if "user" in entry.facts else None
    by = get_person(uow, said, said.actor()).id
    now, drawn = said.moment("opened_at") or entry.at, "drawn" in entry.facts
    muster = musters.freeze(uow, unit.id, person, by=by, now=now, is_drawn=drawn)
    frozen = uow.musters.list_lines(muster.id, "expected")
    if (muster.code, contents_digest(frozen)) != (said.text("muster"), said.text("digest")):
        raise said.differs("opened another muster than the database would")


def _close_again(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    """Close a muster with the same result; raises NotInTheLog where it would be another."""
    said = Said(entry=entry)
    muster = uow.musters.lock(said.text("muster"))
    if muster is None:
        raise said.differs("closes a muster that the database does not know")
    actor = actor_of(get_person(uow, said, said.actor()))
    partner, now = UserId(said.number("partner")), said.moment("closed_at") or entry.at
    musters.settle(uow, muster, None, actor=actor, partner=partner, now=now, tools=tools)
    if result_digest(uow.musters.list_result(muster.id)) != said.text("digest"):
        raise said.differs("closed with another result than the database would")


def _withdraw_again(uow: UnitOfWork, entry: Entry) -> None:
    """Withdraw a muster; how long it had been open then is nobody's business any more."""
    said = Said(entry=entry)
    muster = uow.musters.lock(said.text("muster"))
    if muster is None or not muster.is_open:
        raise said.differs("withdraws a muster that is not open in the database")
    by, at = get_person(uow, said, said.actor()).id, said.moment("withdrawn_at") or entry.at
    reason = WithdrawalReason(said.text("reason"))
    muster_withdrawal.record(uow, muster, Withdrawal(by=by, at=at, reason=reason))
