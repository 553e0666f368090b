"""Consignments as the rows of a list: names instead of ids, envelope facts only."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.clock import Clock, Clocks, ClockState
from app.domain.consignment import State
from app.domain.grades import Secrecy
from app.services.people.access import ConsignmentPage


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One row."""

    code: str
    secrecy: Secrecy
    express: bool
    appointed_at: datetime | None
    sender: str
    recipient: str
    state: State
    offered: bool
    custodian: str
    registered_at: datetime
    fits_log: bool
    clock: ClockState
    due_at: datetime | None


def list_rows(page: ConsignmentPage) -> list[ListRow]:
    """Return the rows of one page of a list."""
    return [
        ListRow(
            code=item.code,
            secrecy=item.grade.secrecy,
            express=item.grade.express,
            appointed_at=item.grade.appointed_at,
            sender=page.units[item.sender_unit].short_name,
            recipient=page.units[item.recipient_unit].short_name,
            state=item.state,
            offered=item.offer is not None,
            custodian=page.users[page.custodians[item.id].user].full_name,
            registered_at=item.registered_at,
            fits_log=item.id not in page.mismatched,
            clock=clock.state,
            due_at=clock.due_at,
        )
        for item, clock in (
            (row.consignment, current_clock(page.clocks[row.consignment.id])) for row in page.rows
        )
    ]


def current_clock(clocks: Clocks) -> Clock:
    """Return the clock that matters now: the second one once it has begun."""
    second = clocks.acknowledgement
    return clocks.delivery if second.state is ClockState.WAITING else second
