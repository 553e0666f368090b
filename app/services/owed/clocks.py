"""Reads the two clocks of items: for one page, for the lines of a list, and for the questions behind queues.

Every reading asks the versions of the standard once, however many items there are. A clock is never stored:
it follows from the item's own times, the standard of its acceptance, and now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.clock import ClockKind, Clocks, read_clocks
from app.domain.consignment import Consignment
from app.domain.ids import UnitId
from app.domain.service_standard import Standard, area_of, standard_at
from app.domain.tracing import Step
from app.services.owed.standards import load_standards
from app.storage.records import Unit
from app.storage.repositories.due_conditions import Owed
from app.storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReader:
    """Reads clocks at one moment; `units` must hold the recipient of every item asked about."""

    standards: tuple[Standard, ...]
    units: Mapping[UnitId, Unit]
    now: datetime

    def read(self, item: Consignment, acknowledged_at: datetime | None) -> Clocks:
        """Read both clocks of an item; one not accepted yet is measured by the standard of now."""
        standard = standard_at(self.standards, item.accepted_at or self.now)
        unit = self.units[item.recipient_unit]
        area = area_of(unit.kind, unit.commune, standard)
        return read_clocks(item, standard, area=area, acknowledged_at=acknowledged_at, now=self.now)


def clock_reader(uow: UnitOfWork, items: Iterable[Consignment], *, now: datetime) -> ClockReader:
    """Prepare to read the clocks of these items."""
    recipients = {item.recipient_unit for item in items}
    return ClockReader(
        standards=load_standards(uow),
        units=uow.units.list_by_ids(recipients) if recipients else {},
        now=now,
    )


def still_owed(
    uow: UnitOfWork, clock: ClockKind, *, overdue_at: datetime | None = None, step: Step | None = None
) -> Owed:
    """Return what a search must look for to find what a clock still owes, or what it owes too long."""
    return Owed(clock=clock, overdue_at=overdue_at, standards=load_standards(uow), step=step)
