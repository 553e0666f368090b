"""The rules of closed sections: when one may close, what it holds up, and when somebody should be back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.access import Actor, Role
from app.domain.errors import Conflict, NotFound
from app.domain.ids import UnitId, UserId
from app.domain.section import (
    HELD_UP,
    LONGEST_ABSENCE,
    OVERDUE_TERMS,
    Closing,
    Left,
    SafeSeal,
    SectionReason,
    SectionState,
    astray,
    check_closing,
    check_keeper,
    compare_seal,
    holds_up,
    is_raised,
    is_return,
    reopen,
)
from audit.evidence import EvidenceKind

NOW = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLOSING = Closing(
    id=1,
    code="DQ-24.P01-2026-1",
    unit=UnitId(3),
    reason=SectionReason.BREAK,
    note="",
    instead=None,
    closed_by=UserId(7),
    closed_at=NOW,
    expected_at=NOW + HOUR,
)
SEALED = replace(CLOSING, safe=1, seal="np-0031", things=2)
CLERK = Actor(user=UserId(8), unit=UnitId(3), role=Role.CLERK, active=True, name_key="hoa")
NOTHING = Left(held=frozenset())
SOMETHING = Left(held=frozenset({"ZK000000005VN"}))


def refusal(reason: SectionReason, left: Left, *, standing: Closing | None = None, secured: bool) -> str:
    try:
        check_closing(reason, left, standing=standing, secured=secured)
    except Conflict as error:
        return str(error.code)
    return ""


@pytest.mark.parametrize(
    ("left", "secured", "expected"),
    [
        (NOTHING, False, ""),
        (SOMETHING, True, ""),
        (SOMETHING, False, "section_not_secured"),
        (NOTHING, True, "section_safe_empty"),
        (replace(SOMETHING, offered=SOMETHING.held), True, "section_offered"),
        (replace(NOTHING, counting=True), False, "section_counting"),
    ],
)
def test_a_section_closes_only_over_what_lies_under_seal(left: Left, secured: bool, expected: str) -> None:  # noqa: FBT001  # a case of the table
    assert refusal(SectionReason.BREAK, left, secured=secured) == expected


def test_a_section_that_stands_closed_is_not_closed_again() -> None:
    found = refusal(SectionReason.BREAK, NOTHING, standing=CLOSING, secured=False)
    assert found == "section_closed_already"


@pytest.mark.parametrize("reason", SectionReason)
def test_an_open_shift_is_no_end_of_the_day_and_no_hindrance_to_a_break(reason: SectionReason) -> None:
    found = refusal(reason, replace(NOTHING, shift_open=True), secured=False)
    assert (found == "section_shift_open") is (reason is SectionReason.END_OF_DAY)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(), False),
        (timedelta(minutes=1), True),
        (LONGEST_ABSENCE, True),
        (LONGEST_ABSENCE * 2, False),
    ],
)
def test_a_return_lies_ahead_and_within_a_month(after: timedelta, expected: bool) -> None:  # noqa: FBT001  # a case of the table
    assert is_return(NOW + after, now=NOW) is expected


def test_a_section_is_reopened_once_by_a_clerk_of_its_office() -> None:
    check_keeper(CLOSING, CLERK)
    for stranger in (replace(CLERK, unit=UnitId(4)), replace(CLERK, role=Role.COURIER)):
        with pytest.raises(NotFound):
            check_keeper(CLOSING, stranger)
    after = reopen(CLOSING, by=UserId(8), now=NOW + HOUR, seal_state=SafeSeal.NONE, found=None)
    assert (after.state(NOW + 9 * HOUR), after.reopened_by) == (SectionState.REOPENED, UserId(8))
    with pytest.raises(Conflict, match="section_open"):
        check_keeper(after, CLERK)


def test_a_section_is_overdue_from_the_promised_hour_and_raised_once_after_the_grace() -> None:
    grace = OVERDUE_TERMS[0].grace
    due = CLOSING.expected_at
    assert CLOSING.state(due - HOUR / 60) is SectionState.CLOSED
    assert CLOSING.state(due) is SectionState.OVERDUE
    assert not is_raised(CLOSING, now=due + grace - HOUR / 60)
    assert is_raised(CLOSING, now=due + grace)
    assert not is_raised(replace(CLOSING, raised_at=due + grace, incident=1), now=due + 9 * grace)
    back = reopen(CLOSING, by=UserId(8), now=due, seal_state=SafeSeal.NONE, found=None)
    assert not is_raised(back, now=due + 9 * grace)


@pytest.mark.parametrize(
    ("read", "expected"),
    [("NP-0031", SafeSeal.INTACT), ("np-0032", SafeSeal.DIFFERS), ("", SafeSeal.DIFFERS)],
)
def test_the_seal_of_the_safe_is_compared_as_it_reads(read: str, expected: SafeSeal) -> None:
    assert compare_seal(SEALED, read) is expected
    assert compare_seal(CLOSING, read) is SafeSeal.NONE


@pytest.mark.parametrize("kind", EvidenceKind)
def test_a_closed_section_holds_up_what_changes_hands_and_nothing_that_only_looks(
    kind: EvidenceKind,
) -> None:
    assert holds_up(kind, signed_at=NOW, closed_at=NOW) is (kind in HELD_UP)
    assert not holds_up(kind, signed_at=NOW, closed_at=None)


def test_what_was_signed_before_the_closing_has_happened() -> None:
    before = NOW - timedelta(milliseconds=1)
    assert not holds_up(EvidenceKind.TAKE, signed_at=before, closed_at=NOW)
    assert holds_up(EvidenceKind.TAKE, signed_at=NOW, closed_at=NOW)


def test_what_came_in_since_is_astray_and_what_left_is_not() -> None:
    assert astray({"a", "b"}, {"b", "c"}) == {"a"}
