"""Open a person's shift and close it: the last good balance at its beginning, a supervisor at its end.

The count between is a signed act (:mod:`app.services.shifts.shift_count`). Whoever has a shift open opens no
other, so a shift that does not balance keeps its person from the next. Rules: :mod:`app.domain.shift`.

For the surfaces (raise NotPermitted, NotFound, Conflict, InvalidInput):
    open_shift(uow, *, actor, now, tools) -> Shift
    begin_count(uow, code, *, actor, now, tools) -> Shift
    close_shift(uow, CloseShift, *, actor, now, tools) -> Shift
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import shift as rules
from app.domain.access import Actor, Permission, Role
from app.domain.bag import contents_digest
from app.domain.errors import Conflict, ConflictCode, NotFound
from app.domain.ids import UserId
from app.domain.register import register_year
from app.domain.relief import check_relieved
from app.domain.shift import Shift, ShiftStep, Supervisor
from app.services.people.permissions import require
from app.services.scans.presence import use_ticket
from app.services.shifts import reliefs
from app.services.shifts.in_hand import freeze_in_hand
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.timestamps import format_at


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseShift:
    """An untrusted form: the shift's code, the nonce of the supervisor's ticket, and who that is."""

    untrusted_shift: str
    untrusted_nonce: str
    supervisor: UserId


def open_shift(uow: UnitOfWork, *, actor: Actor, now: datetime, tools: Tools) -> Shift:
    """Open a shift at the actor's own office with the last closing and what they were relieved into since.

    Whoever never closed one opens with what they answer for.
    """
    del tools
    require(actor, Permission.KEEP_SHIFT)
    year = register_year(now)
    # Drawing locks the office's series, so that one person cannot open two shifts at once.
    number = uow.shifts.next_number(actor.unit, year)
    if uow.shifts.find_open(actor.user) is not None:
        raise Conflict(ConflictCode.SHIFT_OPEN_ALREADY)
    previous = uow.shifts.find_last_closed(actor.user)
    opening = freeze_in_hand(uow, actor.user)
    if previous is not None:
        came = reliefs.taken_over(uow, actor.user, since=previous.opened_at, in_hand=opening)
        opening = uow.shifts.list_lines(previous.id, "closing") | came
    unit = uow.units.get(actor.unit).code
    shift = uow.shifts.add(
        Shift(
            id=0,
            code=f"CA-{unit}-{year}-{number}",
            unit=actor.unit,
            user=actor.user,
            opened_at=now,
            previous=None if previous is None else previous.id,
        ),
        opening=opening,
    )
    entry = uow.audit.append(
        EntryDraft(
            kind=EntryKind.SHIFT_OPENED,
            facts={
                "actor": int(actor.user),
                "shift": shift.code,
                "unit": unit,
                "opening": len(opening),
                "digest": contents_digest(opening),
                "opened_at": format_at(now),
            },
        )
    )
    uow.shifts.bind(shift, ShiftStep.OPENED, entry)
    return shift


def begin_count(uow: UnitOfWork, untrusted_shift: str, *, actor: Actor, now: datetime, tools: Tools) -> Shift:
    """Sit down to a count of the actor's own shift: from now on nothing shows them what they hold.

    No entry: this says nothing about custody, it draws a curtain that the last part of the count opens.
    """
    del tools
    require(actor, Permission.KEEP_SHIFT)
    shift = uow.shifts.lock(untrusted_shift[:64])
    if shift is None or shift.user != actor.user:
        raise NotFound
    rules.check_counting(shift)
    begun = replace(shift, counting_at=shift.counting_at or now)
    uow.shifts.save(begun)
    return begun


def close_shift(uow: UnitOfWork, command: CloseShift, *, actor: Actor, now: datetime, tools: Tools) -> Shift:
    """Close the actor's own shift, balanced and countersigned by a clerk of the office who is there."""
    del tools
    require(actor, Permission.KEEP_SHIFT)
    shift = uow.shifts.lock(command.untrusted_shift[:64])
    if shift is None or shift.user != actor.user:
        raise NotFound
    held = freeze_in_hand(uow, actor.user)
    result = reliefs.last_count(uow, shift)
    relief = reliefs.find_binding(uow, shift, now_held=held)
    rules.check_closing(shift, result, now_held=result.expected if relief else held)
    if relief is not None:
        explained = uow.reliefs.list_explained(held, since=shift.opened_at)
        check_relieved(result, now_held=held, explained=explained)
    supervisor = _find_supervisor(uow, command, shift, now=now)
    rules.check_supervisor(shift, supervisor)
    return settle(uow, shift, supervisor=command.supervisor, now=now)


def settle(uow: UnitOfWork, shift: Shift, *, supervisor: UserId, now: datetime) -> Shift:
    """Close a locked shift whose closing was decided, with what is in its person's hands."""
    counted = uow.shifts.list_lines(shift.id, "counted", number=shift.counts)
    # What the count was held against; in a relief only what the successor turned down.
    closing = freeze_in_hand(uow, shift.user)
    relief = reliefs.find_binding(uow, shift, now_held=closing)
    closed = rules.close(shift, supervisor=supervisor, now=now)
    uow.shifts.save(closed)
    uow.shifts.add_lines(closed, "closing", closing)
    entry = uow.audit.append(
        EntryDraft(
            kind=EntryKind.SHIFT_CLOSED,
            facts={
                "actor": int(shift.user),
                "shift": closed.code,
                "supervisor": int(supervisor),
                "closing": len(closing),
                "digest": contents_digest(closing),
                "closed_at": format_at(now),
                "count": closed.counts,
                "explained": len(closing - counted) if relief is None else len(closing),
                **({} if relief is None else {"successor": int(relief.successor)}),
            },
        )
    )
    uow.shifts.bind(closed, ShiftStep.CLOSED, entry)
    uow.control_figures.mark_witness(entry, unit=shift.unit, actor=shift.user, witness=supervisor, at=now)
    return closed


def _find_supervisor(
    uow: UnitOfWork, command: CloseShift, shift: Shift, *, now: datetime
) -> Supervisor | None:
    """Look the second person up; their ticket is used up only by a closing that stands."""
    user = uow.users.find(command.supervisor)
    if user is None:
        return None
    return Supervisor(
        user=user.id,
        unit=user.unit_id,
        role=Role(user.role),
        active=user.active,
        present=use_ticket(
            uow, command.untrusted_nonce[:32], shift.code, pair=(shift.user, user.id), now=now
        ),
    )
