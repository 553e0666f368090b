"""Show a relief: to its leaver, its successor, the clerks of their office and the auditor.

Whoever sits at a count is told nothing of it, and neither is anybody while the leaver counts anew.

For the surfaces (raise NotPermitted, NotFound):
    show(uow, code, *, actor) -> ReliefPage              the latest relief of a shift
    list_successors(uow, *, actor) -> tuple[User, ...]   whom the actor's own shift may go to
    list_mine(uow, *, actor) -> tuple[Waiting, ...]      reliefs that wait for this person
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain import relief as rules
from app.domain.access import POST, Actor, Permission, Role
from app.domain.bag import contents_digest
from app.domain.errors import NotFound
from app.domain.ids import UserId
from app.domain.relief import Handed, Relief, ReliefResult
from app.domain.shift import Shift, ShiftStep
from app.services.people.permissions import require
from app.services.shifts.blind import is_counting
from app.services.shifts.reliefs import codes_of
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit.entry import parse_entry
from audit.evidence import EntryMode, parse_evidence
from audit.kinds import EntryKind

# A line is offered and answered, and perhaps again: more rows than that are of something else.
_ROWS_A_LINE = 12
_LATER = 2**62
_RECENT = timedelta(days=7)
_HANDOVERS = (EntryKind.HANDOVER_OFFERED, EntryKind.HANDOVER_TAKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedEntry:
    """One entry that proves a part of a relief: what kind, and whose."""

    index: int
    at: datetime
    kind: EntryKind
    user: UserId
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefPage:
    """One relief with its lines and entries; `lines` is None while somebody counts.

    `typed` are the lines that were keyed in at the count: they are offered at the scan station alone.
    """

    shift: Shift
    relief: Relief
    unit: Unit
    people: Mapping[UserId, User]
    digest: str
    lines: Mapping[str, ReliefResult] | None
    typed: frozenset[str]
    entries: tuple[HandedEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A relief made out to somebody, of a shift that is still open; `lines` is None while they count."""

    shift: Shift
    leaver: User
    lines: int | None


def show(uow: UnitOfWork, code: str, *, actor: Actor) -> ReliefPage:
    """Return the latest relief of a shift."""
    require(actor, Permission.VIEW_SHIFT)
    with uow.snapshot():
        shift = uow.shifts.find(code[:64])
        known = () if shift is None else uow.reliefs.list_of(shift.id)
        if shift is None or not known or not _may_see(shift, known[-1], actor):
            raise NotFound
        relief, listed_by = known[-1], uow.reliefs.find_entry(known[-1])
        if listed_by is None:
            raise NotFound
        codes = codes_of(uow, relief)
        answers, entries = _handovers(uow, shift, relief, listed_by, codes)
        users = {shift.user, relief.successor, *(entry.user for entry in entries)}
        if shift.supervisor is not None:
            users.add(shift.supervisor)
        is_hidden = shift.is_counting or is_counting(uow, actor)
        return ReliefPage(
            shift=shift,
            relief=relief,
            unit=uow.units.get(shift.unit),
            people=uow.users.list_by_ids(users),
            digest=contents_digest(codes),
            lines=None if is_hidden else rules.results(codes, answers),
            typed=frozenset() if is_hidden else _typed(uow, relief) & codes,
            entries=entries,
        )


def list_successors(uow: UnitOfWork, *, actor: Actor) -> tuple[User, ...]:
    """Return the people of the post at the actor's own office, but themselves."""
    require(actor, Permission.KEEP_SHIFT)
    return tuple(
        user
        for user in uow.users.list(unit=actor.unit)
        if user.active and Role(user.role) in POST and user.id != actor.user
    )


def list_mine(uow: UnitOfWork, *, actor: Actor, now: datetime) -> tuple[Waiting, ...]:
    """Return the reliefs made out to this person lately whose leavers have not closed yet."""
    require(actor, Permission.VIEW_SHIFT)
    known = {relief.shift: relief for relief in uow.reliefs.list_to(actor.user, since=now - _RECENT)}
    shifts = [shift for shift in uow.shifts.list_open(actor.unit) if shift.id in known]
    people = uow.users.list_by_ids({shift.user for shift in shifts}) if shifts else {}
    # What they took of it already is theirs.
    is_hidden = is_counting(uow, actor)
    return tuple(
        Waiting(
            shift=shift,
            leaver=people[shift.user],
            lines=None if is_hidden else known[shift.id].lines,
        )
        for shift in shifts
    )


def _may_see(shift: Shift, relief: Relief, actor: Actor) -> bool:
    if actor.role is Role.AUDITOR or actor.user in {shift.user, relief.successor}:
        return True
    return actor.role is Role.CLERK and shift.unit == actor.unit


def _handovers(
    uow: UnitOfWork, shift: Shift, relief: Relief, listed_by: int, codes: Collection[str]
) -> tuple[Handed, tuple[HandedEntry, ...]]:
    """Read what the log says of these lines since they were listed, up to the closing of the shift."""
    closed_by = next(
        (one.index for one in uow.shifts.list_entries(shift.id) if one.step is ShiftStep.CLOSED), _LATER
    )
    limit = (len(codes) + 100) * _ROWS_A_LINE
    replay = [row for row in uow.shifts.list_replay(codes, listed_by, limit=limit) if row.index < closed_by]
    is_closed = shift.closed_at is not None
    held = uow.shifts.list_lines(shift.id, "closing") if is_closed else uow.shifts.list_in_hand(shift.user)
    left = held & frozenset(codes)
    handed = Handed(
        taken=uow.shifts.list_held_since(relief.successor, listed_by, closed_by) & frozenset(codes),
        answered=frozenset(row.code for row in replay if row.kind == EntryKind.HANDOVER_TAKEN),
        offered=frozenset() if is_closed else uow.reliefs.list_offered(left, to=relief.successor),
        held=left,
        explained=left if is_closed else uow.reliefs.list_explained(left, since=shift.opened_at),
    )
    proving = {row.index for row in replay if row.kind in _HANDOVERS}
    entries = tuple(_entries(uow, {listed_by, *proving} | ({closed_by} if is_closed else set())))
    return handed, tuple(one for one in entries if one.user in {shift.user, relief.successor})


def _entries(uow: UnitOfWork, indices: Collection[int]) -> list[HandedEntry]:
    found = []
    for row in sorted(uow.audit.list_rows(indices), key=lambda row: row.index):
        entry = parse_entry(row.data)
        actor = entry.facts["actor"]
        if isinstance(actor, int):
            found.append(
                HandedEntry(index=row.index, at=row.at, kind=entry.kind, user=UserId(actor), leaf=row.leaf)
            )
    return found


def _typed(uow: UnitOfWork, relief: Relief) -> frozenset[str]:
    """Return the codes that were keyed in at the count: what was used up there must be read anew."""
    parts = [
        one.index
        for one in uow.shifts.list_entries(relief.shift)
        if one.step is ShiftStep.COUNTED and one.number == relief.number
    ]
    return frozenset(
        line.code.partition("|")[0]
        for row in uow.audit.list_rows(parts)
        for envelope in parse_entry(row.data).envelopes
        for line in parse_evidence(envelope.payload).lines
        if line.entry is EntryMode.TYPED
    )
