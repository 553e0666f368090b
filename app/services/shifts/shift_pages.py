"""Show shifts: to their person, to the clerks of their office, to the auditor; nobody else learns of one.

Nothing of what is expected is told before a whole count stands: not the opening, not the replay. Whoever
counts at this moment, in a shift or a muster, is told of no earlier count either.

For the surfaces (raise NotPermitted, NotFound):
    show(uow, code, *, actor) -> ShiftPage
    list_shifts(uow, *, actor, page) -> ShiftList
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.access import Actor, Permission, Role
from app.domain.errors import NotFound
from app.domain.ids import UnitId, UserId
from app.domain.relief import Relief
from app.domain.shift import Balance, Shift, ShiftStep, balance
from app.services.people.permissions import require
from app.services.shifts.blind import is_counting
from app.storage.records import Unit, User
from app.storage.repositories.shift_queries import ReplayRow, ShiftEntry
from app.storage.uow import UnitOfWork

MOST_REPLAYED = 1_000
PER_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPage:
    """One shift with its people and entries; `balance` and `replay` are None until a whole count stands.

    `since` is the entry of the last good balance: the count of the shift before, or this shift's opening.
    `is_cut`: more was replayed than is shown. `relief` is the latest list made out to a successor.
    `is_hidden`: the reader counts, so that nothing is told of any count before.
    """

    shift: Shift
    people: Mapping[UserId, User]
    unit_code: str
    entries: tuple[ShiftEntry, ...]
    balance: Balance | None
    since: int
    replay: tuple[ReplayRow, ...]
    is_cut: bool
    relief: Relief | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftList:
    """A page of shifts, those that do not balance first, with their people and offices.

    `is_hidden`: the reader counts, so that nobody may tell them the figures of a count.
    """

    shifts: tuple[Shift, ...]
    people: Mapping[UserId, User]
    units: Mapping[UnitId, Unit]
    page: int
    has_more: bool
    is_hidden: bool = False


def show(uow: UnitOfWork, code: str, *, actor: Actor) -> ShiftPage:
    """Return a shift with its balance and every entry about its things since the last good balance."""
    require(actor, Permission.VIEW_SHIFT)
    with uow.snapshot():
        shift = uow.shifts.find(code[:64])
        if shift is None or not _may_see(shift, actor):
            raise NotFound
        entries = uow.shifts.list_entries(shift.id)
        result, since, replay = None, 0, tuple[ReplayRow, ...]()
        is_hidden = is_counting(uow, actor)
        if shift.is_counted and not is_hidden:
            since, until = _span(uow, shift, entries)
            result = _balance(uow, shift, since, until)
            codes = result.opening | result.came | result.counted
            replay = uow.shifts.list_replay(codes, since, limit=MOST_REPLAYED + 1)
        return ShiftPage(
            shift=shift,
            people=uow.users.list_by_ids(_people_of((shift,))),
            unit_code=uow.units.get(shift.unit).code,
            entries=entries,
            balance=result,
            since=since,
            replay=replay[:MOST_REPLAYED],
            is_cut=len(replay) > MOST_REPLAYED,
            relief=next(reversed(uow.reliefs.list_of(shift.id)), None),
            is_hidden=is_hidden,
        )


def list_shifts(uow: UnitOfWork, *, actor: Actor, page: int = 1) -> ShiftList:
    """Return the shifts a person may see: their own, their office's, or all."""
    require(actor, Permission.VIEW_SHIFT)
    found = uow.shifts.list_page(
        unit=actor.unit if actor.role is Role.CLERK else None,
        user=actor.user if actor.role is Role.COURIER else None,
        after=(page - 1) * PER_PAGE,
        limit=PER_PAGE + 1,
    )
    shifts = found[:PER_PAGE]
    return ShiftList(
        shifts=shifts,
        people=uow.users.list_by_ids(_people_of(shifts)),
        units=uow.units.list_by_ids({shift.unit for shift in shifts}) if shifts else {},
        page=page,
        has_more=len(found) > PER_PAGE,
        is_hidden=is_counting(uow, actor),
    )


def _may_see(shift: Shift, actor: Actor) -> bool:
    if actor.role is Role.AUDITOR or shift.user == actor.user:
        return True
    return actor.role is Role.CLERK and shift.unit == actor.unit


def _span(uow: UnitOfWork, shift: Shift, entries: tuple[ShiftEntry, ...]) -> tuple[int, int]:
    """Return the entry of the last good balance and the entry of the count that stands."""
    first = entries if shift.previous is None else uow.shifts.list_entries(shift.previous)
    wanted = ShiftStep.OPENED if shift.previous is None else ShiftStep.COUNTED
    since = [entry.index for entry in first if entry.step is wanted]
    counted = [entry.index for entry in entries if entry.step is ShiftStep.COUNTED]
    return since[-1], counted[-1]


def _balance(uow: UnitOfWork, shift: Shift, since: int, until: int) -> Balance:
    expected = uow.shifts.list_lines(shift.id, "expected", number=shift.counts)
    counted = uow.shifts.list_lines(shift.id, "counted", number=shift.counts)
    return balance(
        opening=uow.shifts.list_lines(shift.id, "opening"),
        held=uow.shifts.list_held_since(shift.user, since, until),
        expected=expected,
        counted=counted,
        explained=uow.shifts.list_explained(expected - counted, since=shift.opened_at),
    )


def _people_of(shifts: tuple[Shift, ...]) -> set[UserId]:
    people = {shift.user for shift in shifts}
    return people | {shift.supervisor for shift in shifts if shift.supervisor is not None}
