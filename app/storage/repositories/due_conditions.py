"""Say in SQL which items are past a due time: the rule of `app/domain/clock.py` in the words of a query.

A test holds the two together. The time that an item has is looked up by its class in the version that was
valid at its acceptance, so the condition names few moments however many items there are, and the two partial
indexes keep everything that is done out of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, literal, literal_column, or_, select

from app.domain.clock import ClockKind
from app.domain.service_standard import Standard
from app.storage.tables.base import Flag
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.people import UNITS

C = CONSIGNMENTS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What is still owed by one clock: everything, or only what is overdue at `overdue_at`.

    `standards` are all versions, newest first, the sample last.
    """

    clock: ClockKind
    overdue_at: datetime | None
    standards: tuple[Standard, ...]


def owed_condition(wanted: Owed) -> ColumnElement[bool]:
    """Return the condition that an item's clock runs, or has run out."""
    # Written out as text, so that the database sees that its partial indexes hold what is asked for.
    if wanted.clock is ClockKind.DELIVERY:
        runs = and_(
            C.state == literal_column("'in_custody'"),
            C.first_attempt_at.is_(None),
            C.accepted_at.is_not(None),
        )
    else:
        runs = and_(
            C.state == literal_column("'delivered'"), C.acknowledged_at.is_(None), C.closed_at.is_not(None)
        )
    return runs if wanted.overdue_at is None else and_(runs, _overdue(wanted, wanted.overdue_at))


def _overdue(wanted: Owed, now: datetime) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = []
    until: datetime | None = None
    for standard in wanted.standards:
        valid = [] if standard.is_sample else [C.accepted_at >= standard.valid_from_at]
        if until is not None:
            valid.append(C.accepted_at < until)
        ways.append(and_(*valid, _overdue_by(wanted.clock, standard, now)))
        until = standard.valid_from_at
    return or_(*ways)


def _overdue_by(clock: ClockKind, standard: Standard, now: datetime) -> ColumnElement[bool]:
    if clock is ClockKind.ACKNOWLEDGEMENT:
        return _past(C.closed_at, standard.acknowledgement_hours, standard, now)
    window = timedelta(minutes=standard.window_after_minutes)
    return or_(
        and_(C.appointed_at.is_not(None), C.appointed_at < now - window),
        and_(C.appointed_at.is_(None), _past(C.accepted_at, standard.delivery_hours, standard, now)),
    )


def _past(
    started_at: ColumnElement[datetime], hours: Mapping[str, int], standard: Standard, now: datetime
) -> ColumnElement[bool]:
    by_hours: dict[int, list[str]] = {}
    for name, count in hours.items():
        by_hours.setdefault(count, []).append(name)
    cell = _cell(standard)
    return or_(
        *(
            and_(started_at < now - timedelta(hours=count), cell.in_(names))
            for count, names in sorted(by_hours.items())
        )
    )


def _cell(standard: Standard) -> ColumnElement[str]:
    """Name an item's class as `ServiceClass.name` does."""
    urgency = case(
        (C.appointed_at.is_not(None), "appointed"),
        (C.express == literal(value=True, type_=Flag()), "express"),
        else_="none",
    )
    commune = and_(UNITS.c.kind == "committee", UNITS.c.commune != "")
    special = UNITS.c.commune.in_(sorted(standard.special_communes))
    area = (
        select(case((special, "special"), (commune, "commune"), else_="centre"))
        .where(UNITS.c.id == C.recipient_unit_id)
        .scalar_subquery()
    )
    return C.secrecy + "." + urgency + "." + C.scope + "." + area
