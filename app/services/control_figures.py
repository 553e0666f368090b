"""Counts what an auditor looks at per office: codes typed by hand, scans sent late, first reports late.

Who typed a code is in the evidence their device signed; here it is only counted. An ordinary scan leaves no
row. Nothing here judges: a scanner may be broken, a valley without network.

    mark_scan(uow, scan, entry, *, actor, now) -> None              inside the scan
    read_figures(uow, untrusted, *, actor, now) -> Figures         auditors; `from`, `until`
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from app.domain.access import Actor, Permission
from app.domain.device_clock import LATE
from app.domain.errors import ProblemCode
from app.domain.register import VIETNAM
from app.services.fields import Fields
from app.services.permissions import require
from app.storage.group import PendingEntry
from app.storage.records import Unit
from app.storage.repositories.control_figures import IncidentFigures, ScanFigures
from app.storage.uow import UnitOfWork
from audit.evidence import EntryMode, Evidence

LONGEST: Final = timedelta(days=366)
_SHOWN: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFigures:
    """One office's figures; zeros where it has none."""

    unit: Unit
    scans: ScanFigures
    incidents: IncidentFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of a period of whole days in Vietnam, both included, the most typed lines first."""

    first: date
    last: date
    rows: tuple[OfficeFigures, ...]


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
    fields = Fields(untrusted=untrusted)
    today = now.astimezone(VIETNAM).date()
    last = fields.day("until") or today
    first = fields.day("from") or last - _SHOWN
    if not timedelta(0) <= last - first <= LONGEST or last == date.max:
        fields.refuse("from", ProblemCode.OUT_OF_RANGE, least=1, most=LONGEST.days)
    fields.raise_problems()
    since, until = _midnight(first), _midnight(last + timedelta(days=1))
    scans = uow.control_figures.list_scans(since, until, late_s=int(LATE.total_seconds()))
    incidents = uow.control_figures.list_incidents(since, until, now=now)
    units = uow.units.list_by_ids(scans.keys() | incidents.keys()) if scans or incidents else {}
    rows = [
        OfficeFigures(
            unit=unit, scans=scans.get(identity, _NO_SCANS), incidents=incidents.get(identity, _NO_INCIDENTS)
        )
        for identity, unit in units.items()
    ]
    return Figures(first=first, last=last, rows=tuple(sorted(rows, key=_order)))


def _order(row: OfficeFigures) -> tuple[int, str]:
    return (-row.scans.typed_lines, row.unit.code)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


_NO_SCANS: Final = ScanFigures(typed_lines=0, typed_scans=0, late_scans=0, delay_s=0)
_NO_INCIDENTS: Final = IncidentFigures(opened=0, reported_late=0)
