"""The two clocks of a consignment, and the standard that sets them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.clock import Clocks, ClockState, follow_up_of, read_clocks
from app.domain.consignment import Consignment, State
from app.domain.grades import Grade, Scope, Secrecy
from app.domain.service_standard import (
    Area,
    ServiceClass,
    Standard,
    Urgency,
    acknowledgement_cells,
    area_of,
    delivery_cells,
    follow_up_names,
    sample_standard,
    standard_at,
    urgency_of,
    with_sample,
)
from app.domain.standard_table import from_table, to_table
from crypto.canonical import JsonValue
from tests.unit.domain.builders import NOW, in_custody, registered

SAMPLE = sample_standard()
AGREED = NOW + timedelta(hours=3)


def clocks(
    item: Consignment,
    *,
    standard: Standard = SAMPLE,
    area: Area = Area.CENTRE,
    acknowledged_at: datetime | None = None,
    now: datetime = NOW,
) -> Clocks:
    return read_clocks(item, standard, area=area, acknowledged_at=acknowledged_at, now=now)


def accepted(at: datetime = NOW, **changes: object) -> Consignment:
    return replace(in_custody(), accepted_at=at, **changes)  # type: ignore[arg-type]


def delivered(at: datetime = NOW) -> Consignment:
    return accepted(NOW - timedelta(hours=1), state=State.DELIVERED, closed_at=at, first_attempt_at=at)


def promised(item: Consignment, area: Area = Area.CENTRE) -> timedelta:
    cell = ServiceClass(
        secrecy=item.grade.secrecy, urgency=urgency_of(item.grade), scope=item.scope, area=area
    )
    return timedelta(hours=SAMPLE.delivery_hours[cell.name])


def test_nothing_runs_before_the_post_has_accepted_the_item() -> None:
    read = clocks(registered())
    assert (read.delivery.state, read.acknowledgement.state) == (ClockState.WAITING, ClockState.WAITING)
    assert read.delivery.due_at is None


def test_the_first_clock_runs_from_acceptance_and_is_overdue_only_after_its_due_time() -> None:
    item = accepted()
    due = NOW + promised(item)
    at_due = clocks(item, now=due).delivery
    assert (at_due.state, at_due.started_at, at_due.due_at) == (ClockState.RUNNING, NOW, due)
    assert clocks(item, now=due + timedelta(seconds=1)).delivery.state is ClockState.OVERDUE


def test_the_first_attempt_stops_the_first_clock_even_when_nobody_took_the_item() -> None:
    item = accepted(attempts=1, first_attempt_at=NOW + timedelta(hours=1))
    read = clocks(item, now=NOW + timedelta(days=30)).delivery
    assert (read.state, read.stopped_at) == (ClockState.MET, NOW + timedelta(hours=1))


def test_an_attempt_after_the_due_time_is_late_for_ever() -> None:
    late = NOW + promised(accepted()) + timedelta(minutes=1)
    assert clocks(accepted(first_attempt_at=late), now=late).delivery.state is ClockState.MISSED


@pytest.mark.parametrize(
    "holiday",
    [
        # Tết of 2027 (year of the Goat), National Day, a Saturday night.
        datetime(2027, 2, 5, 17, 0, tzinfo=UTC),
        datetime(2027, 9, 1, 17, 0, tzinfo=UTC),
        datetime(2026, 11, 28, 16, 0, tzinfo=UTC),
    ],
)
def test_holidays_and_tet_do_not_stop_the_clock(holiday: datetime) -> None:
    item = accepted(holiday)
    assert clocks(item, now=holiday).delivery.due_at == holiday + promised(item)


def test_an_appointed_item_is_due_in_the_window_around_the_agreed_time() -> None:
    item = accepted(grade=Grade(secrecy=Secrecy.A, express=True, appointed_at=AGREED))
    standard = replace(SAMPLE, window_before_minutes=10, window_after_minutes=20)
    open_clock = clocks(item, standard=standard).delivery
    assert open_clock.not_before_at == AGREED - timedelta(minutes=10)
    assert open_clock.due_at == AGREED + timedelta(minutes=20)

    def tried(minutes: int) -> ClockState:
        attempt = replace(item, first_attempt_at=AGREED + timedelta(minutes=minutes))
        return clocks(attempt, standard=standard, now=AGREED + timedelta(hours=9)).delivery.state

    assert [tried(minutes) for minutes in (-11, -10, 20, 21)] == [
        ClockState.EARLY,
        ClockState.MET,
        ClockState.MET,
        ClockState.MISSED,
    ]


def test_the_second_clock_runs_from_delivery_until_the_slip_is_filed() -> None:
    item = delivered()
    hours = SAMPLE.acknowledgement_hours["B.none.intra.centre"]
    due = NOW + timedelta(hours=hours)
    assert clocks(item).acknowledgement.state is ClockState.RUNNING
    late = clocks(item, now=due + timedelta(seconds=1)).acknowledgement
    assert (late.state, late.due_at, late.is_open) == (ClockState.OVERDUE, due, True)
    met = clocks(item, acknowledged_at=due, now=due + timedelta(days=9)).acknowledgement
    assert (met.state, met.is_open) == (ClockState.MET, False)
    missed = clocks(item, acknowledged_at=due + timedelta(seconds=1), now=due + timedelta(days=9))
    assert missed.acknowledgement.state is ClockState.MISSED


def test_a_returned_item_waits_for_no_slip_of_a_delivery() -> None:
    item = accepted(state=State.RETURNED, closed_at=NOW, first_attempt_at=NOW)
    assert clocks(item, now=NOW + timedelta(days=99)).acknowledgement.state is ClockState.WAITING


@pytest.mark.parametrize(
    ("kind", "commune", "area"),
    [
        ("agency", "", Area.CENTRE),
        ("agency", "09187", Area.CENTRE),
        ("committee", "", Area.CENTRE),
        ("committee", "09187", Area.COMMUNE),
        ("committee", "07492", Area.SPECIAL),
        ("agency", "07492", Area.SPECIAL),
    ],
)
def test_the_area_is_the_terrain_first_and_then_the_commune(kind: str, commune: str, area: Area) -> None:
    assert area_of(kind, commune, replace(SAMPLE, special_communes=frozenset({"07492"}))) is area


def test_an_item_keeps_the_standard_that_was_valid_when_it_was_accepted() -> None:
    first = replace(SAMPLE, version=1, valid_from_at=NOW, source="1")
    second = replace(SAMPLE, version=2, valid_from_at=NOW + timedelta(days=1), source="2")
    standards = with_sample([first, second])
    assert [one.version for one in standards] == [2, 1, 0]
    for at, version in (
        (NOW - timedelta(seconds=1), 0),
        (NOW, 1),
        (NOW + timedelta(days=1, seconds=-1), 1),
        (NOW + timedelta(days=1), 2),
    ):
        assert standard_at(standards, at).version == version


def test_the_sample_says_that_it_is_one_and_has_every_cell() -> None:
    assert SAMPLE.is_sample
    assert not replace(SAMPLE, version=1).is_sample
    assert set(SAMPLE.delivery_hours) == {cell.name for cell in delivery_cells()}
    assert set(SAMPLE.acknowledgement_hours) == {cell.name for cell in acknowledgement_cells()}
    assert set(SAMPLE.follow_ups) == set(follow_up_names())
    assert len(SAMPLE.delivery_hours) == len(Secrecy) * 2 * len(Scope) * len(Area)


def test_the_agreed_hour_goes_before_express() -> None:
    both = Grade(secrecy=Secrecy.C, express=True, appointed_at=AGREED)
    assert urgency_of(both) is Urgency.APPOINTED
    assert urgency_of(replace(both, appointed_at=None)) is Urgency.EXPRESS
    item = accepted(grade=both)
    assert follow_up_of(item, SAMPLE) == SAMPLE.follow_ups["C.appointed"]


def test_a_table_is_read_back_as_it_was_written() -> None:
    standard = replace(SAMPLE, version=3, source="x", special_communes=frozenset({"07492", "07210"}))
    table = to_table(standard)
    again = from_table(table, version=3, valid_from_at=standard.valid_from_at, source="x")
    assert again == standard
    for name in table:
        with pytest.raises(ValueError, match="service standard"):
            from_table(
                {key: value for key, value in table.items() if key != name},
                version=3,
                valid_from_at=NOW,
                source="x",
            )
    missing: dict[str, JsonValue] = {**table, "delivery": {"A.none.intra.centre": 5}}
    with pytest.raises(ValueError, match="cells"):
        from_table(missing, version=3, valid_from_at=NOW, source="x")
