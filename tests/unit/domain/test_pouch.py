"""Rules on pouches: who may use one, what an answer must say, how a balance adds up."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from app.domain.access import Actor, Role
from app.domain.errors import Conflict, ConflictCode, InvalidInput, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.pouch import (
    MOST_LISTED,
    Balance,
    Pouch,
    PouchState,
    Proposal,
    RetireReason,
    Tally,
    balances,
    check_answers,
    check_retirable,
    check_second,
    find_problem,
    is_moved_by_excess,
    may_retire,
    parse_assets,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
OURS, THEIRS, THIRD = UnitId(1), UnitId(2), UnitId(3)
POUCH = Pouch(asset="TUI-001", owner=OURS, holder=THEIRS, since=NOW, entered_at=NOW, entered_by=UserId(7))
RETIRED = replace(POUCH, state=PouchState.RETIRED, retired_at=NOW, retire_reason=RetireReason.WORN)


def person(user: int, unit: UnitId, role: Role = Role.CLERK) -> Actor:
    return Actor(user=UserId(user), unit=unit, role=role, active=True, name_key="x")


def test_only_the_office_that_has_an_empty_pouch_uses_it() -> None:
    assert find_problem(POUCH, THEIRS, in_use=False) is None
    assert find_problem(POUCH, OURS, in_use=False) is ProblemCode.POUCH_ELSEWHERE


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (PouchState.SENT, ProblemCode.POUCH_ON_WAY),
        (PouchState.MISSING, ProblemCode.POUCH_MISSING),
        (PouchState.RETIRED, ProblemCode.POUCH_RETIRED),
    ],
)
def test_a_pouch_on_its_way_missing_or_written_off_is_used_by_nobody(
    state: PouchState, code: ProblemCode
) -> None:
    assert find_problem(replace(POUCH, state=state), THEIRS, in_use=False) is code


def test_a_pouch_on_a_trip_is_in_use_whatever_else_is_so() -> None:
    for state in PouchState:
        found = find_problem(replace(POUCH, state=state), THEIRS, in_use=True)
        assert found is ProblemCode.POUCH_IN_USE


def test_numbers_are_read_once_each_in_order_and_as_written_on_the_pouch() -> None:
    assert parse_assets(" tui-2, TUI-1;\nTUI-2 ", field="pouches") == ("TUI-1", "TUI-2")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (" ,;\n", ProblemCode.REQUIRED),
        ("TUI-1 tu*i", ProblemCode.MALFORMED),
        (" ".join(f"T{n}" for n in range(MOST_LISTED + 1)), ProblemCode.TOO_MANY),
    ],
)
def test_numbers_that_cannot_be_read_are_refused_at_their_field(typed: str, code: ProblemCode) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_assets(typed, field="pouches")
    assert [(one.field, one.code) for one in caught.value.problems] == [("pouches", code)]


def test_an_answer_says_received_or_missing_of_every_listed_pouch_and_of_no_other() -> None:
    check_answers({"A", "B"}, {"A": "received", "B": "missing"}, ("C",))
    with pytest.raises(InvalidInput) as caught:
        check_answers({"A", "B"}, {"A": "excess", "C": "received"}, ("A",))
    assert [(one.field, one.code) for one in caught.value.problems] == [
        ("mark.C", ProblemCode.UNKNOWN_FIELD),
        ("mark.A", ProblemCode.NOT_A_CHOICE),
        ("mark.B", ProblemCode.REQUIRED),
        ("excess", ProblemCode.REPEATED),
    ]


def test_what_came_besides_is_the_finders_unless_it_travels_or_waits_for_another_answer() -> None:
    assert is_moved_by_excess(POUCH, in_use=False)
    assert is_moved_by_excess(replace(POUCH, state=PouchState.MISSING), in_use=False)
    assert not is_moved_by_excess(POUCH, in_use=True)
    assert not is_moved_by_excess(replace(POUCH, state=PouchState.SENT), in_use=False)
    assert not is_moved_by_excess(RETIRED, in_use=False)
    assert not is_moved_by_excess(None, in_use=False)


def test_clerks_of_owner_and_holder_and_the_auditor_write_off() -> None:
    assert may_retire(POUCH, person(1, OURS))
    assert may_retire(POUCH, person(1, THEIRS))
    assert may_retire(POUCH, person(1, THIRD, Role.AUDITOR))
    assert not may_retire(POUCH, person(1, THIRD))
    assert not may_retire(POUCH, person(1, OURS, Role.COURIER))
    assert not may_retire(POUCH, person(1, OURS, Role.ADMINISTRATOR))


def test_nothing_is_written_off_twice_on_a_trip_or_on_its_way() -> None:
    check_retirable(POUCH, in_use=False)
    check_retirable(replace(POUCH, state=PouchState.MISSING), in_use=False)
    for pouch, in_use, code in (
        (RETIRED, False, ConflictCode.POUCH_RETIRED),
        (POUCH, True, ConflictCode.POUCH_BUSY),
        (replace(POUCH, state=PouchState.SENT), False, ConflictCode.POUCH_BUSY),
    ):
        with pytest.raises(Conflict) as caught:
            check_retirable(pouch, in_use=in_use)
        assert caught.value.code == code


def test_two_persons_write_a_pouch_off() -> None:
    proposal = Proposal(by=UserId(7), reason=RetireReason.LOST, at=NOW)
    proposed = replace(POUCH, proposal=proposal)
    assert check_second(proposed, person(8, OURS)) == proposal
    for pouch, code in (
        (proposed, ConflictCode.POUCH_SAME_PERSON),
        (POUCH, ConflictCode.POUCH_NOT_PROPOSED),
    ):
        with pytest.raises(Conflict) as caught:
            check_second(pouch, person(7, OURS))
        assert caught.value.code == code


def tally(owner: UnitId, place: UnitId, state: PouchState, *, in_use: bool, is_old: bool) -> Tally:
    return Tally(owner=owner, place=place, state=state, in_use=in_use, is_old=is_old, count=2)


def test_a_balance_counts_owned_here_out_and_of_others() -> None:
    found = balances(
        [
            tally(OURS, OURS, PouchState.HELD, in_use=False, is_old=True),
            tally(OURS, THEIRS, PouchState.HELD, in_use=True, is_old=True),
            tally(OURS, THEIRS, PouchState.HELD, in_use=False, is_old=True),
            tally(THEIRS, OURS, PouchState.SENT, in_use=False, is_old=False),
            tally(OURS, THEIRS, PouchState.MISSING, in_use=False, is_old=True),
            tally(OURS, OURS, PouchState.RETIRED, in_use=False, is_old=True),
        ]
    )
    assert found == {
        OURS: Balance(owned=8, empty=2, on_way=2, out=4, of_others=2, missing=2),
        THEIRS: Balance(owned=2, empty=2, in_use=2, out=2, of_others=4, overdue=2),
    }


def test_every_balance_adds_up_both_ways() -> None:
    every = [
        tally(owner, place, state, in_use=in_use, is_old=is_old)
        for owner, place, state, in_use, is_old in product(
            (OURS, THEIRS, THIRD), (OURS, THEIRS, THIRD), PouchState, (False, True), (False, True)
        )
        if not in_use or state is PouchState.HELD
    ]
    found = balances(every)
    for unit, balance in found.items():
        at_home = sum(
            one.count
            for one in every
            if one.owner == one.place == unit and one.state in {PouchState.HELD, PouchState.SENT}
        )
        assert balance.owned == at_home + balance.out + balance.missing
        assert balance.empty + balance.in_use + balance.on_way == at_home + balance.of_others
        assert balance.overdue <= balance.of_others
