"""The rules of relief: what may be listed, what binds a shift to it, what each line came to."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.access import Role
from app.domain.errors import Conflict, ConflictCode
from app.domain.ids import UnitId, UserId
from app.domain.relief import (
    Handed,
    Loads,
    Relief,
    ReliefResult,
    Successor,
    binds,
    check_listing,
    check_relieved,
    listed,
    results,
)
from app.domain.shift import Balance, Shift, balance

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
SHIFT = Shift(id=1, code="CA-1", unit=UnitId(3), user=UserId(7), opened_at=AT, previous=None, counts=2)
HOA = Successor(user=UserId(8), unit=UnitId(3), role=Role.CLERK, active=True)
RELIEF = Relief(id=1, shift=1, number=2, successor=HOA.user, listed_at=AT, lines=2)


def found(counted: Collection[str], *, expected: Collection[str], explained: Collection[str] = ()) -> Balance:
    return balance(opening=(), held=(), expected=expected, counted=counted, explained=explained)


def refusal(shift: Shift, result: Balance, loads: Loads, successor: Successor | None = HOA) -> str:
    with pytest.raises(Conflict) as caught:
        check_listing(shift, result, loads, successor)
    return str(caught.value.code)


WHOLE = found("ab", expected="ab")
HELD = Loads(held=frozenset("ab"))


def test_a_balanced_count_is_listed_for_a_colleague_of_the_office() -> None:
    check_listing(SHIFT, WHOLE, HELD, HOA)
    check_listing(SHIFT, WHOLE, HELD, replace(HOA, role=Role.COURIER))


def test_what_is_explained_and_not_there_is_not_handed_over() -> None:
    assert listed(found("a", expected="ab", explained="b")) == {"a"}


@pytest.mark.parametrize(
    ("shift", "result", "loads", "code"),
    [
        (replace(SHIFT, closed_at=AT), WHOLE, HELD, ConflictCode.SHIFT_CLOSED),
        (replace(SHIFT, counts=0), WHOLE, HELD, ConflictCode.COUNT_MISSING),
        (replace(SHIFT, counting_at=AT), WHOLE, HELD, ConflictCode.COUNT_MISSING),
        (SHIFT, WHOLE, Loads(held=frozenset("a")), ConflictCode.COUNT_OUTDATED),
        (SHIFT, found("a", expected="ab"), HELD, ConflictCode.SHIFT_UNBALANCED),
        (SHIFT, found("", expected=""), Loads(held=frozenset()), ConflictCode.RELIEF_EMPTY),
        (SHIFT, WHOLE, replace(HELD, open_bags=frozenset("a")), ConflictCode.RELIEF_BAG_OPEN),
        (SHIFT, WHOLE, replace(HELD, offered=frozenset("a")), ConflictCode.RELIEF_OFFERED),
    ],
)
def test_nothing_is_listed_that_is_not_whole(
    shift: Shift, result: Balance, loads: Loads, code: ConflictCode
) -> None:
    assert refusal(shift, result, loads) == code


@pytest.mark.parametrize(
    "successor",
    [
        None,
        replace(HOA, user=SHIFT.user),
        replace(HOA, active=False),
        replace(HOA, unit=UnitId(4)),
        replace(HOA, role=Role.AUDITOR),
    ],
)
def test_a_successor_is_another_who_works_there(successor: Successor | None) -> None:
    assert refusal(SHIFT, WHOLE, HELD, successor) == ConflictCode.SUCCESSOR_NOT_ALLOWED


def test_a_relief_binds_until_the_leaver_counts_anew_and_for_good_once_a_line_has_left() -> None:
    assert binds(RELIEF, SHIFT, "ab", now_held="ab")
    again = replace(SHIFT, counts=3)
    assert not binds(RELIEF, again, "ab", now_held="abc")
    assert binds(RELIEF, again, "ab", now_held="a")


def test_a_relieved_shift_closes_with_nothing_or_with_exactly_what_is_explained() -> None:
    check_relieved(WHOLE, now_held="", explained="")
    check_relieved(WHOLE, now_held="b", explained="b")
    for held, explained, code in (
        ("ab", "b", ConflictCode.RELIEF_UNFINISHED),
        ("c", "c", ConflictCode.COUNT_OUTDATED),
    ):
        with pytest.raises(Conflict) as caught:
            check_relieved(WHOLE, now_held=held, explained=explained)
        assert caught.value.code == code


def test_every_line_is_told_by_what_became_of_it_what_is_to_do_first() -> None:
    handed = Handed(
        taken=frozenset("a"),
        answered=frozenset("abe"),
        offered=frozenset("c"),
        held=frozenset("bcde"),
        explained=frozenset("e"),
    )
    assert list(results("abcdef", handed).items()) == [
        ("b", ReliefResult.REFUSED),
        ("d", ReliefResult.WAITING),
        ("c", ReliefResult.OFFERED),
        ("e", ReliefResult.EXPLAINED),
        ("f", ReliefResult.ELSEWHERE),
        ("a", ReliefResult.TAKEN),
    ]
