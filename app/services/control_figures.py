"""Counts what an auditor looks at per office, and lists what is behind each number.

What is counted stands in rows of its own beside the log (codes keyed in, acts of two persons, scans with
typed codes or sent late) or in the tables of shifts, bags, tracers and incidents. Ordinary scans leave none.
Limits and rules: :mod:`app.domain.figures`. Nothing here judges.

    mark_scan(uow, scan, entry, *, actor, now) -> None              inside the scan
    read_figures(uow, untrusted, *, actor, now) -> Figures          auditors; `from`, `until`
    list_behind(uow, untrusted, *, actor, now) -> Behind            `kind`, `unit` too
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from app.domain import figures as rules
from app.domain.access import Actor, Permission
from app.domain.device_clock import LATE
from app.domain.errors import NotFound, ProblemCode
from app.domain.figures import FigureKind, Pair
from app.domain.ids import UnitId, UserId
from app.domain.register import VIETNAM
from app.services.fields import Fields
from app.services.people.permissions import require
from app.storage.group import PendingEntry
from app.storage.records import Unit, User
from app.storage.repositories.control_figures import IncidentFigures, ScanFigures
from app.storage.repositories.figure_queries import FigureRow, Period
from app.storage.uow import UnitOfWork
from audit.evidence import EntryMode, Evidence

LONGEST: Final = timedelta(days=366)
MOST_SHOWN: Final = 500
_SHOWN: Final = timedelta(days=30)
_COUNTED: Final = (
    FigureKind.UNBALANCED,
    FigureKind.LATE_TRACERS,
    FigureKind.KEY_INS,
    FigureKind.ACCESS_KEYS,
    FigureKind.LATE_BAGS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFigures:
    """One office's figures; zeros where it has none. `pairs` are those that repeat too often, with shares."""

    unit: Unit
    scans: ScanFigures
    incidents: IncidentFigures
    counts: Mapping[FigureKind, int]
    pairs: tuple[tuple[Pair, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a period of whole days in Vietnam, both included; `people` are those of the pairs."""

    first: date
    last: date
    rows: tuple[OfficeFigures, ...]
    people: Mapping[UserId, User]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What one office's number counts, newest first, at most `MOST_SHOWN`; `pairs` where it is about them."""

    kind: FigureKind
    unit: Unit
    first: date
    last: date
    rows: tuple[FigureRow, ...]
    pairs: tuple[tuple[Pair, float], ...]
    people: Mapping[UserId, User]


def mark_scan(uow: UnitOfWork, scan: Evidence, entry: PendingEntry, *, actor: Actor, now: datetime) -> None:
    """Count a scan with typed codes, or one that came late; any other leaves nothing."""
    typed = sum(line.entry is EntryMode.TYPED for line in scan.lines)
    delay = now - scan.at
    if not typed and delay < LATE:
        return
    uow.control_figures.mark(
        entry,
        unit=actor.unit,
        user=actor.user,
        lines=max(1, len(scan.lines)),
        typed=typed,
        delay_s=int(delay.total_seconds()) if delay >= LATE else 0,
        at=now,
    )


def read_figures(uow: UnitOfWork, untrusted: Mapping[str, str], *, actor: Actor, now: datetime) -> Figures:
    """Return the figures of `from` to `until` (days, both included; the last 30 days where none is given)."""
    require(actor, Permission.VIEW_LOG)
    first, last, period = _read_period(untrusted, now)
    found = uow.control_figures
    scans = found.list_scans(period.since, period.until, late_s=period.late_s)
    incidents = found.list_incidents(period.since, period.until, now=now)
    counts = {kind: found.count_by_unit(kind, period) for kind in _COUNTED}
    counts[FigureKind.LATE_MANIFESTS] = _count_late_manifests(uow, period)
    pairs = {unit: rules.find_repeated(known) for unit, known in found.list_pairs(period).items()}
    pairs = {unit: repeated for unit, repeated in pairs.items() if repeated}
    offices = scans.keys() | incidents.keys() | pairs.keys()
    offices = offices.union(*(by_unit.keys() for by_unit in counts.values()))
    units = uow.units.list_by_ids(offices) if offices else {}
    rows = [
        OfficeFigures(
            unit=unit,
            scans=scans.get(identity, _NO_SCANS),
            incidents=incidents.get(identity, _NO_INCIDENTS),
            counts={kind: by_unit.get(identity, 0) for kind, by_unit in counts.items()},
            pairs=pairs.get(identity, ()),
        )
        for identity, unit in units.items()
    ]
    people = {user for repeated in pairs.values() for pair, _ in repeated for user in (pair.one, pair.two)}
    return Figures(
        first=first,
        last=last,
        rows=tuple(sorted(rows, key=_order)),
        people=uow.users.list_by_ids(people) if people else {},
    )


def list_behind(uow: UnitOfWork, untrusted: Mapping[str, str], *, actor: Actor, now: datetime) -> Behind:
    """Return the list behind one number; raises NotFound for an office or a figure that is not there."""
    require(actor, Permission.VIEW_LOG)
    first, last, period = _read_period(untrusted, now)
    unit = uow.units.find_by_code(untrusted.get("unit", "")[:32])
    if unit is None or untrusted.get("kind") not in set(FigureKind):
        raise NotFound
    kind = FigureKind(untrusted["kind"])
    pairs: tuple[tuple[Pair, float], ...] = ()
    if kind is FigureKind.LATE_MANIFESTS:
        rows = _late_manifests(uow, unit.id, period)
    elif kind is FigureKind.PAIRS:
        pairs = rules.find_repeated(uow.control_figures.list_pairs(period, unit.id).get(unit.id, ()))
        rows = _acts_of(uow, unit.id, period, pairs)
    else:
        rows = uow.control_figures.list_rows(kind, unit.id, period, limit=MOST_SHOWN)
    people = {one for row in rows for one in (row.user, row.other) if one is not None}
    return Behind(
        kind=kind,
        unit=unit,
        first=first,
        last=last,
        rows=rows,
        pairs=pairs,
        people=uow.users.list_by_ids(people) if people else {},
    )


def _read_period(untrusted: Mapping[str, str], now: datetime) -> tuple[date, date, Period]:
    fields = Fields(untrusted=untrusted)
    last = fields.day("until") or now.astimezone(VIETNAM).date()
    first = fields.day("from") or last - _SHOWN
    if not timedelta(0) <= last - first <= LONGEST or last == date.max:
        fields.refuse("from", ProblemCode.OUT_OF_RANGE, least=1, most=LONGEST.days)
    fields.raise_problems()
    since, until = _midnight(first), _midnight(last + timedelta(days=1))
    return first, last, Period(since=since, until=until, now=now, late_s=int(LATE.total_seconds()))


def _count_late_manifests(uow: UnitOfWork, period: Period) -> dict[UnitId, int]:
    found: dict[UnitId, int] = {}
    for bag in uow.control_figures.list_opened_bags(period):
        if rules.is_answered_late(bag.opened_at, bag.emptied_at, period.now):
            found[bag.unit] = found.get(bag.unit, 0) + 1
    return found


def _late_manifests(uow: UnitOfWork, unit: UnitId, period: Period) -> tuple[FigureRow, ...]:
    bags = [
        bag
        for bag in uow.control_figures.list_opened_bags(period)
        if bag.unit == unit and rules.is_answered_late(bag.opened_at, bag.emptied_at, period.now)
    ]
    bags.sort(key=lambda bag: bag.opened_at, reverse=True)
    return tuple(
        FigureRow(
            at=bag.opened_at,
            user=bag.user,
            ref=bag.code,
            amount=int(((bag.emptied_at or period.now) - bag.opened_at).total_seconds()),
        )
        for bag in bags[:MOST_SHOWN]
    )


def _acts_of(
    uow: UnitOfWork, unit: UnitId, period: Period, pairs: tuple[tuple[Pair, float], ...]
) -> tuple[FigureRow, ...]:
    """Return the acts of the pairs that repeat."""
    wanted = {frozenset((pair.one, pair.two)) for pair, _ in pairs}
    found = uow.control_figures.list_rows(FigureKind.WITNESSED, unit, period, limit=MOST_SHOWN)
    return tuple(row for row in found if frozenset((row.user, row.other)) in wanted)


def _order(row: OfficeFigures) -> tuple[int, int, str]:
    return (-row.counts[FigureKind.KEY_INS], -row.scans.typed_lines, row.unit.code)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


_NO_SCANS: Final = ScanFigures(typed_lines=0, typed_scans=0, late_scans=0, delay_s=0)
_NO_INCIDENTS: Final = IncidentFigures(opened=0, reported_late=0)
