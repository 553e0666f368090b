"""What happened to a consignment, from the log's own bytes, with a mark for what was checked just now.

Nothing is told from the tables that change: a timeline is parsed from entries. A list handover names other
people's items too; only the one asked about is shown. An entry that no longer parses is shown as bad, not
hidden.

For the surfaces:
    get_timeline(uow, code, *, before, limit, actor, now, tools) -> Timeline            newest first
    get_entry(uow, index, *, actor, now, tools) -> EntryView
The whole log (list, export, verify): `log.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.access import Actor, Permission, may
from app.domain.consignment import Consignment
from app.domain.errors import NotFound
from app.services.bags.bag_access import find_visible_bag
from app.services.evidence.evidence_access import may_have_bytes
from app.services.log.events import Event, read_chain, read_one
from app.services.people.access import get_consignment
from app.services.people.permissions import require
from app.services.scans.carried import CarriedEvent, list_carried
from app.services.scans.custody_marks import find_mismatches
from app.services.shifts.blind import unseen_codes
from app.services.tools import Tools
from app.storage.uow import UnitOfWork

TIMELINE_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Events of one item, newest first; `next_before` continues with older ones, None at the beginning.

    `carried` is what happened meanwhile to the bags it lay in: inferred for the item, nobody scanned it.

    `fits_log` is False when the item's custodian or state are not what was recorded when they changed.
    """

    consignment: Consignment
    fits_log: bool
    events: tuple[Event, ...]
    carried: tuple[CarriedEvent, ...]
    next_before: int | None

    @property
    def is_verified(self) -> bool:
        """Whether there are events here, every one held, and the item is as they left it."""
        seen = (*self.events, *(one.event for one in self.carried))
        return self.fits_log and bool(self.events) and all(event.is_verified for event in seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One entry for a page of its own; `data` is given only to those who may have its bytes.

    `bags` are those of the codes that are bags.
    """

    event: Event
    codes: tuple[str, ...]
    bags: frozenset[str]
    data: bytes | None


def get_timeline(
    uow: UnitOfWork,
    code: str,
    *,
    actor: Actor,
    now: datetime,
    tools: Tools,
    before: int | None = None,
    limit: int = TIMELINE_PAGE,
) -> Timeline:
    """Return one page of the events of an item this person may know about; raises NotFound otherwise.

    Pages, because refused scans are entries too: whoever scans a code all day must not make its page slow.
    """
    consignment = get_consignment(uow, code, actor=actor, now=now, tools=tools)
    events, next_before = read_chain(
        uow, consignment.code, head=consignment.item_head, before=before, limit=limit, tools=tools
    )
    carried = list_carried(
        uow,
        consignment.code,
        after=events[-1].index if next_before is not None else -1,
        before=uow.audit.head().size if before is None else before,
        actor=actor,
        tools=tools,
    )
    return Timeline(
        consignment=consignment,
        fits_log=not find_mismatches(uow, (consignment,)),
        events=events,
        carried=carried,
        next_before=next_before,
    )


def get_entry(uow: UnitOfWork, index: int, *, actor: Actor, now: datetime, tools: Tools) -> EntryView:
    """Return one entry, if it names an item this person may know about or the person reads the whole log."""
    require(actor, Permission.VIEW_ENTRY)
    row = uow.audit.find(index)
    if row is None:
        raise NotFound
    reads_all = may(actor.role, Permission.VIEW_LOG)
    named = uow.audit.list_codes(index)
    codes = named if reads_all else _visible_codes(uow, named, actor, now)
    if not codes and not reads_all:
        raise NotFound
    event = read_one(uow, row, codes, tools=tools)
    entry = event.entry
    given = reads_all or (entry is not None and may_have_bytes(uow, entry, actor=actor))
    bags = frozenset(code for code in codes if uow.bags.find(code) is not None)
    return EntryView(event=event, codes=codes, bags=bags, data=row.data if given else None)


def _visible_codes(uow: UnitOfWork, codes: Iterable[str], actor: Actor, now: datetime) -> tuple[str, ...]:
    found = []
    hidden = unseen_codes(uow, actor)
    for code in codes:
        if code in hidden:
            continue
        try:
            get_consignment(uow, code, actor=actor, now=now)
        except NotFound:
            if find_visible_bag(uow, code, actor=actor) is None:
                continue
        found.append(code)
    return tuple(found)
