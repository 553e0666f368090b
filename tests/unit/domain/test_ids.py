"""The S10 code: its check digit, its domestic-only indicator, and how a typed one is read."""

import pytest

from app.domain.errors import InvalidInput, ProblemCode
from app.domain.ids import make_code, parse_code, parse_indicator, s10_check_digit


# Vectors of the research note, devices-and-controls.md 1.1.
@pytest.mark.parametrize(
    ("serial", "digit"),
    [(47312482, 9), (71761, 8), (47110815, 1), (71758, 1), (96633102, 0), (76129403, 8)],
)
def test_the_check_digit_agrees_with_the_published_vectors(serial: int, digit: int) -> None:
    assert s10_check_digit(serial) == digit


@pytest.mark.parametrize("serial", [-1, 10**8])
def test_a_serial_has_eight_digits(serial: int) -> None:
    with pytest.raises(ValueError, match="eight digits"):
        s10_check_digit(serial)


def test_a_code_is_composed_of_indicator_serial_check_digit_and_country() -> None:
    assert make_code("ZK", 71761, "VN") == "ZK000717618VN"


def test_a_code_reads_back_as_it_was_made() -> None:
    code = make_code("ZK", 47312482)
    assert parse_code(code) == code


def test_a_typed_code_may_have_spaces_and_small_letters() -> None:
    assert parse_code(" zk 47312482 9 vn") == "ZK473124829VN"


@pytest.mark.parametrize("indicator", ["BA", "DZ", "GA", "GD", "NA", "PM", "ZZ"])
def test_a_domestic_only_indicator_is_accepted(indicator: str) -> None:
    assert parse_indicator(indicator) == indicator


@pytest.mark.parametrize("indicator", ["RA", "EE", "GB", "CP", "zk", "Z", "ZKK", "Z1", ""])
def test_an_indicator_of_public_mail_is_refused(indicator: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_indicator(indicator)
    assert caught.value.problems[0].code is ProblemCode.NOT_DOMESTIC


@pytest.mark.parametrize(
    ("untrusted", "problem"),
    [
        ("", ProblemCode.NOT_A_CODE),
        ("ZK47312482VN", ProblemCode.NOT_A_CODE),
        ("ZK473124829VN|1|AAAA", ProblemCode.NOT_A_CODE),
        ("ZK47312482９VN", ProblemCode.NOT_A_CODE),  # a full-width digit
        ("ZK473124829VN\n", ProblemCode.NOT_A_CODE),
        ("ZK473124828VN", ProblemCode.CHECK_DIGIT),
        ("ZK473124829CN", ProblemCode.FOREIGN_CODE),
        ("RR473124829VN", ProblemCode.FOREIGN_CODE),
    ],
)
def test_what_is_not_our_code_is_refused_with_its_problem(untrusted: str, problem: ProblemCode) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_code(untrusted, field="line")
    assert [(found.field, found.code) for found in caught.value.problems] == [("line", problem)]
