"""Say in SQL which items are past a due time: the rule of `app/domain/clock.py` in the words of a query.

A test holds the two together. The time that an item has is looked up by its class in the version that was
valid at its acceptance, so the condition names few moments however many items there are, and the two partial
indexes keep everything that is done out of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, literal, literal_column, not_, or_, select

from app.domain.clock import ClockKind
from app.domain.grades import Secrecy
from app.domain.service_standard import Standard, Urgency
from app.domain.tracing import Step, days_of
from app.storage.repositories.tracers import was_raised
from app.storage.tables.base import Flag
from app.storage.tables.consignments import CONSIGNMENTS
from app.storage.tables.people import UNITS

C = CONSIGNMENTS.c
_OPEN = CONSIGNMENTS.alias("open_ones").c
_IN_CUSTODY: ColumnElement[str] = literal_column("'in_custody'")
_DELIVERED: ColumnElement[str] = literal_column("'delivered'")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What is still owed by one clock: everything, or only what is overdue at `overdue_at`.

    With a `step`, only what has waited its days beyond that; a letter or investigation once, not when it was
    raised before. `standards` are all versions, newest first, the sample last.
    """

    clock: ClockKind
    overdue_at: datetime | None
    standards: tuple[Standard, ...]
    step: Step | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """What nobody claimed by a moment; `standards` are all versions, newest first, the sample last."""

    at: datetime
    standards: tuple[Standard, ...]


def owed_condition(wanted: Owed) -> ColumnElement[bool]:
    """Return the condition that an item's clock runs, or has run out."""
    until = wanted.overdue_at
    if wanted.clock is ClockKind.DELIVERY:
        started = _OPEN.accepted_at > _EPOCH if until is None else _OPEN.accepted_at < until
        runs = _among(started, _OPEN.state == _IN_CUSTODY, _OPEN.first_attempt_at.is_(None))
    else:
        started = _OPEN.closed_at > _EPOCH if until is None else _OPEN.closed_at < until
        runs = _among(started, _OPEN.state == _DELIVERED, _OPEN.acknowledged_at.is_(None))
    if until is not None:
        runs = and_(runs, _overdue(wanted, until))
    if wanted.step in {None, Step.REMINDER}:
        return runs
    return and_(runs, not_(was_raised(wanted.clock, wanted.step)))


def unclaimed_condition(standards: tuple[Standard, ...], now: datetime) -> ColumnElement[bool]:
    """Return the condition that an item was tried, not delivered, and held longer than its standard says."""
    ways: list[ColumnElement[bool]] = []
    until: datetime | None = None
    for standard in standards:
        valid = [] if standard.is_sample else [C.accepted_at >= standard.valid_from_at]
        if until is not None:
            valid.append(C.accepted_at < until)
        ways.append(and_(*valid, C.first_attempt_at < now - timedelta(days=standard.hold_days)))
        until = standard.valid_from_at
    held = _among(
        _OPEN.first_attempt_at < now, _OPEN.state == _IN_CUSTODY, _OPEN.attempts > literal_column("0")
    )
    return and_(held, or_(*ways))


def _among(*open_ones: ColumnElement[bool]) -> ColumnElement[bool]:
    """Take the candidates from a partial index first, however the rest of the question would be answered.

    Its condition is written out as text and its column is bounded, so that both databases see that the index
    holds all that is asked for; SQLite would otherwise read the table from its end, or a sender's whole past.
    """
    return C.id.in_(select(_OPEN.id).where(*open_ones))


def _overdue(wanted: Owed, now: datetime) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = []
    until: datetime | None = None
    for standard in wanted.standards:
        valid = [] if standard.is_sample else [C.accepted_at >= standard.valid_from_at]
        if until is not None:
            valid.append(C.accepted_at < until)
        ways.append(and_(*valid, _overdue_by(wanted, standard, now)))
        until = standard.valid_from_at
    return or_(*ways)


def _overdue_by(wanted: Owed, standard: Standard, now: datetime) -> ColumnElement[bool]:
    if wanted.clock is ClockKind.ACKNOWLEDGEMENT:
        return _past(C.closed_at, _with_days(standard.acknowledgement_hours, standard, wanted), standard, now)
    window = timedelta(minutes=standard.window_after_minutes)
    appointed = (
        and_(C.secrecy == str(secrecy), C.appointed_at < now - window - _days(standard, wanted, name))
        for secrecy, name in ((one, f"{one}.{Urgency.APPOINTED}") for one in Secrecy)
    )
    hours = _with_days(standard.delivery_hours, standard, wanted)
    return or_(
        and_(C.appointed_at.is_not(None), or_(*appointed)),
        and_(C.appointed_at.is_(None), _past(C.accepted_at, hours, standard, now)),
    )


def _with_days(hours: Mapping[str, int], standard: Standard, wanted: Owed) -> dict[str, int]:
    """Add the days of the step to the hours of each cell; a cell's first two words name its days."""
    return {
        name: count + _days(standard, wanted, ".".join(name.split(".")[:2])).days * 24
        for name, count in hours.items()
    }


def _days(standard: Standard, wanted: Owed, name: str) -> timedelta:
    return timedelta(days=0 if wanted.step is None else days_of(standard.follow_ups[name], wanted.step))


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
