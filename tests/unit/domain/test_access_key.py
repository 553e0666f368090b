"""Keys and codes of offices: when they are due, who knows them, and who may hand, change or retire one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain import access_key as rules
from app.domain.access import Actor, Role
from app.domain.access_key import AccessKey, AccessKeyKind, AccessKeyState, AccessKeyStep, Second, StepTaken
from app.domain.errors import Conflict, NotFound
from app.domain.ids import UnitId, UserId

NOW = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)
OFFICE, ELSEWHERE = UnitId(1), UnitId(2)
DUNG, HOA, CHIEN = UserId(1), UserId(2), UserId(3)
KEY = AccessKey(
    id=1,
    unit=OFFICE,
    kind=AccessKeyKind.COMBINATION,
    name="Két sắt kho KT1",
    seal="np-0001",
    holder=DUNG,
    round=1,
    registered_by=DUNG,
    registered_at=NOW,
    changed_at=NOW,
    due_at=rules.due_after(NOW),
)


def actor(user: UserId = DUNG, *, unit: UnitId = OFFICE, role: Role = Role.CLERK) -> Actor:
    return Actor(user=user, unit=unit, role=role, active=True, name_key="x")


SECOND = Second(user=HOA, unit=OFFICE, role=Role.COURIER, active=True, present=True)


def step(kind: AccessKeyStep, user: UserId, partner: UserId | None = None, number: int = 1) -> StepTaken:
    return StepTaken(step=kind, round=number, user=user, partner=partner, at=NOW)


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        ("2026-11-29T01:00:00+00:00", "2027-05-29T01:00:00+00:00"),
        # A month without the day ends on its last one; days are Vietnam's.
        ("2026-08-31T03:00:00+00:00", "2027-02-28T03:00:00+00:00"),
        ("2026-08-30T18:00:00+00:00", "2027-02-27T18:00:00+00:00"),
    ],
)
def test_control_14_a_change_is_due_after_six_months(changed: str, due: str) -> None:
    assert rules.due_after(datetime.fromisoformat(changed)) == datetime.fromisoformat(due)


def test_a_key_is_overdue_from_its_moment_on_and_a_departure_weighs_more() -> None:
    before = KEY.due_at - timedelta(seconds=1)
    assert KEY.state(before) is AccessKeyState.IN_ORDER
    assert KEY.state(KEY.due_at) is AccessKeyState.OVERDUE
    left = replace(KEY, staff_left_at=NOW)
    assert left.state(KEY.due_at) is AccessKeyState.STAFF_LEFT
    assert replace(left, retired_at=NOW).state(KEY.due_at) is AccessKeyState.RETIRED


@pytest.mark.parametrize("name", ["Két 1234", "Két 12-34-56", "Kho, 36 trái 12 phải 8", "1 2 3 4"])
def test_control_14_a_name_that_reads_like_a_combination_is_told(name: str) -> None:
    assert rules.names_a_combination(name)


@pytest.mark.parametrize("name", ["Két sắt số 2", "Phòng 101, tầng 1", "Lồng KT1", "Kho bưu cục 12, tủ 3"])
def test_an_ordinary_name_is_none(name: str) -> None:
    assert not rules.names_a_combination(name)


def test_whoever_held_it_since_the_last_change_knows_it_and_of_a_code_who_set_it_too() -> None:
    steps = [
        step(AccessKeyStep.REGISTERED, DUNG),
        step(AccessKeyStep.HANDED, DUNG, CHIEN),
        step(AccessKeyStep.CHANGED, CHIEN, HOA, 2),
    ]
    assert rules.find_knowers(KEY, steps) == {DUNG, CHIEN}
    after = replace(KEY, round=2)
    assert rules.find_knowers(after, steps) == {CHIEN, HOA}
    assert rules.find_knowers(replace(after, kind=AccessKeyKind.KEY), steps) == {CHIEN}


def test_a_change_gives_it_to_whoever_records_it_and_begins_the_period_anew() -> None:
    later = NOW + timedelta(days=200)
    due = replace(KEY, staff_left_at=NOW)
    after = rules.change(due, actor=actor(CHIEN), second=SECOND, now=later, seal="")
    assert (after.holder, after.round, after.seal) == (CHIEN, 2, "")
    assert after.staff_left_at is None
    assert after.due_at == rules.due_after(later)


def test_only_its_holder_hands_it_over() -> None:
    assert rules.hand(KEY, actor=actor(), second=SECOND).holder == HOA
    with pytest.raises(Conflict, match="access_key_not_held"):
        rules.hand(KEY, actor=actor(CHIEN), second=SECOND)


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (replace(SECOND, present=False), "second_not_present"),
        (replace(SECOND, unit=ELSEWHERE), "second_not_allowed"),
        (replace(SECOND, role=Role.AUDITOR), "second_not_allowed"),
        (replace(SECOND, active=False), "second_not_allowed"),
        (replace(SECOND, user=DUNG), "second_not_allowed"),
    ],
)
def test_control_14_the_second_person_is_another_of_the_office_and_there(second: Second, why: str) -> None:
    with pytest.raises(Conflict, match=why):
        rules.hand(KEY, actor=actor(), second=second)
    with pytest.raises(Conflict, match=why):
        rules.change(KEY, actor=actor(), second=second, now=NOW, seal="")
    with pytest.raises(Conflict, match=why):
        rules.retire(KEY, actor=actor(), second=second, now=NOW)


def test_what_is_retired_stays_so_and_what_is_elsewhere_is_not_there() -> None:
    retired = rules.retire(KEY, actor=actor(), second=SECOND, now=NOW)
    with pytest.raises(Conflict, match="access_key_retired"):
        rules.change(retired, actor=actor(), second=SECOND, now=NOW, seal="")
    with pytest.raises(NotFound):
        rules.retire(KEY, actor=actor(unit=ELSEWHERE), second=SECOND, now=NOW)
