"""Errors carry codes and places, never sentences for the screen."""

import pytest

from app.domain.errors import (
    Conflict,
    ConflictCode,
    DomainError,
    InvalidInput,
    LogHalted,
    NotFound,
    NotPermitted,
    Problem,
    ProblemCode,
)


def test_one_problem_names_field_row_and_column() -> None:
    error = InvalidInput("pieces", ProblemCode.NOT_A_NUMBER, row=7, column="F", params={"value": "ba"})
    expected = Problem(
        field="pieces", code=ProblemCode.NOT_A_NUMBER, row=7, column="F", params={"value": "ba"}
    )
    assert error.problems == (expected,)
    assert error.code == "invalid_input"


def test_several_problems_travel_in_one_error() -> None:
    problems = [
        Problem(field="pieces", code=ProblemCode.REQUIRED),
        Problem(field="abstract", code=ProblemCode.ABSTRACT_FORBIDDEN),
    ]
    assert InvalidInput.all_of(problems).problems == tuple(problems)


def test_no_problem_is_no_error() -> None:
    with pytest.raises(ValueError, match="no problem"):
        InvalidInput.all_of([])


def test_a_conflict_says_which() -> None:
    assert Conflict(ConflictCode.SCAN_CONFLICT).code == "scan_conflict"


@pytest.mark.parametrize("kind", [NotFound, NotPermitted, InvalidInput, Conflict, LogHalted])
def test_every_error_of_the_domain_is_caught_at_one_root(kind: type[DomainError]) -> None:
    assert issubclass(kind, DomainError)
    assert kind.code != "" or kind is Conflict
