"""Rules on a courier's leg: when it may leave, when it may be closed, what became of everything aboard."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.access import Actor, Role
from app.domain.bag import Bag, BagState
from app.domain.consignment import Custodian
from app.domain.decision import Refusal
from app.domain.errors import Conflict, ConflictCode, InvalidInput, ProblemCode
from app.domain.ids import BagCode, BagId, UnitId, UserId
from app.domain.leg import (
    Leg,
    LegCancelReason,
    LegFate,
    LegState,
    Loaded,
    Vehicle,
    arrive,
    cancel,
    depart,
    fates,
    find_arrival_refusal,
    find_departure_refusal,
    find_line_refusal,
    find_load_refusal,
    is_loose_at,
    may_see_leg,
    parse_plate,
)
from audit.evidence import LegMark

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
FROM, TO, ELSEWHERE = UnitId(1), UnitId(2), UnitId(3)
COURIER, ESCORT, OTHER = UserId(5), UserId(6), UserId(7)
PLATE, CODE = "99A-123.45", "ZT000000005VN"
LEG = Leg(
    id=1,
    code="HT-24.P01-2026-1",
    origin=FROM,
    destination=TO,
    courier=COURIER,
    escort=ESCORT,
    vehicle=PLATE,
    departs_at=NOW,
    arrives_at=NOW + timedelta(hours=2),
    planned_by=OTHER,
    planned_at=NOW - timedelta(hours=1),
)
AWAY = depart(LEG, NOW)
BAG = Bag(
    id=BagId(1),
    code=BagCode(CODE),
    asset="TUI-001",
    origin=FROM,
    destination=TO,
    state=BagState.CLOSED,
    custodian=Custodian(user=COURIER, unit=FROM),
    started_at=NOW,
)
READY = Loaded(
    place=FROM,
    vehicle=Vehicle(plate=PLATE, unit=FROM, dedicated=True, added_at=NOW),
    said_vehicle=PLATE,
    vehicle_busy=False,
    courier_busy=False,
    aboard=frozenset({CODE}),
    things={CODE: BAG},
)


def person(user: UserId, unit: UnitId = FROM, role: Role = Role.COURIER, *, active: bool = True) -> Actor:
    return Actor(user=user, unit=unit, role=role, active=active, name_key="x")


DRIVER = person(COURIER)
LOST = replace(BAG, custodian=Custodian(user=OTHER, unit=FROM))


def test_a_leg_leaves_with_its_courier_its_vehicle_and_everything_on_its_list() -> None:
    assert find_departure_refusal(LEG, DRIVER, READY) is None


@pytest.mark.parametrize(
    ("leg", "actor", "loaded", "refusal"),
    [
        (None, DRIVER, READY, Refusal.NOT_A_LEG),
        (LEG, person(COURIER, active=False), READY, Refusal.ROLE_NOT_ALLOWED),
        (LEG, person(COURIER, role=Role.CLERK), READY, Refusal.ROLE_NOT_ALLOWED),
        (LEG, person(OTHER), READY, Refusal.LEG_OF_ANOTHER),
        (AWAY, DRIVER, READY, Refusal.LEG_NOT_PLANNED),
        (LEG, DRIVER, replace(READY, place=TO), Refusal.WRONG_PLACE),
        (LEG, DRIVER, replace(READY, place=None), Refusal.WRONG_PLACE),
        (LEG, DRIVER, replace(READY, said_vehicle="99B-1"), Refusal.VEHICLE_DIFFERS),
        (LEG, DRIVER, replace(READY, vehicle=None), Refusal.VEHICLE_RETIRED),
        (LEG, DRIVER, replace(READY, vehicle_busy=True), Refusal.VEHICLE_UNDER_WAY),
        (LEG, DRIVER, replace(READY, courier_busy=True), Refusal.COURIER_UNDER_WAY),
        (LEG, DRIVER, replace(READY, things={}), Refusal.LOAD_DIFFERS),
        (LEG, DRIVER, replace(READY, things={CODE: LOST}), Refusal.LOAD_NOT_IN_HAND),
        (LEG, DRIVER, replace(READY, things={CODE: None}), Refusal.LOAD_NOT_IN_HAND),
    ],
)
def test_a_leg_does_not_leave_otherwise(
    leg: Leg | None, actor: Actor, loaded: Loaded, refusal: Refusal
) -> None:
    assert find_departure_refusal(leg, actor, loaded) is refusal


def test_a_retired_vehicle_does_not_leave() -> None:
    assert READY.vehicle is not None
    retired = replace(READY, vehicle=replace(READY.vehicle, retired_at=NOW))
    assert find_departure_refusal(LEG, DRIVER, retired) is Refusal.VEHICLE_RETIRED


def test_of_a_refused_departure_each_line_says_what_is_wrong_with_it_or_with_the_whole() -> None:
    more = replace(READY, things={CODE: BAG, "X": BAG})
    assert find_load_refusal("X", LEG, more, Refusal.LOAD_DIFFERS) is Refusal.NOT_ABOARD
    assert find_load_refusal(CODE, LEG, more, Refusal.LOAD_DIFFERS) is Refusal.LOAD_DIFFERS
    loaded = replace(READY, things={CODE: LOST})
    assert find_load_refusal(CODE, LEG, loaded, Refusal.LOAD_NOT_IN_HAND) is Refusal.WRONG_CUSTODIAN
    assert find_load_refusal(CODE, LEG, READY, Refusal.WRONG_PLACE) is Refusal.WRONG_PLACE


@pytest.mark.parametrize(
    ("bag", "loose"),
    [
        (BAG, True),
        (None, False),
        (replace(BAG, state=BagState.OPEN), False),
        (replace(BAG, outer=BagId(9)), False),
        (replace(BAG, custodian=Custodian(user=COURIER, unit=ELSEWHERE)), False),
    ],
)
def test_only_a_closed_bag_that_lies_loose_at_the_office_can_be_planned(
    bag: Bag | None, *, loose: bool
) -> None:
    assert is_loose_at(bag, FROM) is loose


def test_a_leg_is_closed_by_its_courier_at_its_destination() -> None:
    assert find_arrival_refusal(AWAY, DRIVER, TO) is None
    assert find_arrival_refusal(None, DRIVER, TO) is Refusal.NOT_A_LEG
    assert find_arrival_refusal(AWAY, person(COURIER, role=Role.AUDITOR), TO) is Refusal.ROLE_NOT_ALLOWED
    assert find_arrival_refusal(AWAY, person(OTHER), TO) is Refusal.LEG_OF_ANOTHER
    assert find_arrival_refusal(LEG, DRIVER, TO) is Refusal.LEG_NOT_DEPARTED
    assert find_arrival_refusal(arrive(AWAY, NOW), DRIVER, TO) is Refusal.LEG_NOT_DEPARTED
    assert find_arrival_refusal(AWAY, DRIVER, FROM) is Refusal.WRONG_PLACE


def test_only_what_is_aboard_and_still_with_the_courier_is_called_kept_or_missing() -> None:
    assert find_line_refusal("A", aboard={"A", "B"}, with_courier={"A"}) is None
    assert find_line_refusal("B", aboard={"A", "B"}, with_courier={"A"}) is Refusal.TAKEN_OVER
    assert find_line_refusal("C", aboard={"A", "B"}, with_courier={"A"}) is Refusal.NOT_ABOARD


def test_everything_aboard_has_a_fate_and_what_nobody_named_was_handed_over() -> None:
    assert fates({"A", "B", "C"}, {"B": LegMark.KEPT, "C": LegMark.MISSING}) == {
        "A": LegFate.HANDED,
        "B": LegFate.KEPT,
        "C": LegFate.MISSING,
    }


def test_only_a_planned_leg_is_cancelled() -> None:
    gone = cancel(LEG, LegCancelReason.NO_VEHICLE, NOW)
    assert (gone.state, gone.cancelled_at, gone.cancel_reason) == (
        LegState.CANCELLED,
        NOW,
        LegCancelReason.NO_VEHICLE,
    )
    for leg in (AWAY, arrive(AWAY, NOW), gone):
        with pytest.raises(Conflict) as caught:
            cancel(leg, LegCancelReason.MISTAKE, NOW)
        assert caught.value.code == ConflictCode.LEG_NOT_PLANNED


def test_a_leg_is_overdue_after_its_cut_off_until_it_is_closed() -> None:
    late = LEG.arrives_at + timedelta(seconds=1)
    assert not AWAY.is_overdue(LEG.arrives_at)
    assert AWAY.is_overdue(late)
    assert LEG.is_overdue(late)
    assert not arrive(AWAY, late).is_overdue(late)
    assert not cancel(LEG, LegCancelReason.MISTAKE, NOW).is_overdue(late)


def test_who_travels_the_clerks_of_both_ends_and_the_auditor_see_a_leg() -> None:
    assert may_see_leg(LEG, DRIVER)
    assert may_see_leg(LEG, person(ESCORT))
    assert may_see_leg(LEG, person(OTHER, TO, Role.CLERK))
    assert may_see_leg(LEG, person(OTHER, ELSEWHERE, Role.AUDITOR))
    assert not may_see_leg(LEG, person(OTHER, FROM))
    assert not may_see_leg(LEG, person(OTHER, ELSEWHERE, Role.CLERK))
    assert not may_see_leg(LEG, person(OTHER, FROM, Role.FOCAL_POINT))


def test_a_plate_is_read_without_spaces_in_capitals() -> None:
    assert parse_plate(" 99a - 123.45 ") == PLATE


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", ProblemCode.REQUIRED), ("99", ProblemCode.MALFORMED), ("99Ắ-1234", ProblemCode.MALFORMED)],
)
def test_a_plate_that_cannot_be_read_is_refused_at_its_field(typed: str, code: ProblemCode) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_plate(typed, field="plate")
    assert [(one.field, one.code) for one in caught.value.problems] == [("plate", code)]
