"""Grades, scope and register years: which combinations the service knows."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import ProblemCode
from app.domain.grades import Grade, Scope, Secrecy, grade_problems, scope_between
from app.domain.register import register_year

NOW = datetime(2026, 11, 22, 7, 43, 6, tzinfo=UTC)


def problems(grade: Grade, *, abstract: str = "", inner_envelope: bool = True) -> list[tuple[str, str]]:
    found = grade_problems(grade, abstract=abstract, inner_envelope=inner_envelope, now=NOW)
    return [(problem.field, problem.code) for problem in found]


@pytest.mark.parametrize("secrecy", list(Secrecy))
@pytest.mark.parametrize("express", [False, True])
@pytest.mark.parametrize("appointed_at", [None, NOW + timedelta(hours=5)])
def test_secrecy_and_both_urgencies_combine_freely(
    *, secrecy: Secrecy, express: bool, appointed_at: datetime | None
) -> None:
    assert problems(Grade(secrecy=secrecy, express=express, appointed_at=appointed_at)) == []


@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(days=1)])
def test_an_appointed_time_lies_in_the_future(late: timedelta) -> None:
    grade = Grade(secrecy=Secrecy.NONE, express=False, appointed_at=NOW - late)
    assert problems(grade) == [("appointed_at", ProblemCode.NOT_IN_FUTURE)]


def test_tuyet_mat_takes_no_abstract() -> None:
    grade = Grade(secrecy=Secrecy.A, express=False, appointed_at=None)
    assert problems(grade, abstract="Về việc…") == [("abstract", ProblemCode.ABSTRACT_FORBIDDEN)]


@pytest.mark.parametrize("secrecy", [Secrecy.NONE, Secrecy.B, Secrecy.C])
def test_every_other_grade_may_have_an_abstract_and_one_envelope(secrecy: Secrecy) -> None:
    grade = Grade(secrecy=secrecy, express=True, appointed_at=None)
    assert problems(grade, abstract="Về việc…", inner_envelope=False) == []


def test_tuyet_mat_travels_in_two_envelopes() -> None:
    grade = Grade(secrecy=Secrecy.A, express=False, appointed_at=None)
    assert problems(grade, inner_envelope=False) == [("inner_envelope", ProblemCode.INNER_ENVELOPE_REQUIRED)]


def test_all_problems_are_found_at_once() -> None:
    grade = Grade(secrecy=Secrecy.A, express=False, appointed_at=NOW)
    assert len(problems(grade, abstract="x", inner_envelope=False)) == 3


def test_scope_follows_the_two_provinces() -> None:
    assert scope_between("24", "24") is Scope.INTRA
    assert scope_between("24", "01") is Scope.INTER


@pytest.mark.parametrize(
    ("at", "year"),
    [
        (datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), 2026),
        (datetime(2026, 12, 31, 17, 0, 0, tzinfo=UTC), 2027),
        (datetime(2026, 6, 1, tzinfo=UTC), 2026),
    ],
)
def test_the_working_year_turns_at_midnight_in_vietnam(at: datetime, year: int) -> None:
    assert register_year(at) == year
