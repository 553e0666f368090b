"""Vietnamese text: equal names, tone-insensitive search, and what a line of input may hold."""

import unicodedata

import pytest

from app.domain.errors import InvalidInput, ProblemCode
from app.domain.text import name_key, parse_line, search_key


@pytest.mark.parametrize(
    "spelling",
    [
        "Nguyễn Thị Hoà",
        "NGUYỄN THỊ HOÀ",
        "  Nguyễn   Thị  Hoà ",
        "Nguyễn\u00a0Thị Hoà",
        unicodedata.normalize("NFD", "Nguyễn Thị Hoà"),
    ],
)
def test_spellings_of_one_name_have_one_key(spelling: str) -> None:
    assert name_key(spelling) == "nguyễn thị hoà"


@pytest.mark.parametrize("other", ["Nguyễn Thị Hoa", "Nguyen Thi Hoa", "Nguyễn Thị Hòa Bình", ""])
def test_a_name_that_differs_in_a_tone_is_another_person(other: str) -> None:
    assert name_key(other) != name_key("Nguyễn Thị Hoà")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Đại Đồng", "dai dong"),
        ("Sở Khoa học và Công nghệ", "so khoa hoc va cong nghe"),
        ("PHƯỜNG  KINH BẮC", "phuong kinh bac"),
        (unicodedata.normalize("NFD", "Tuấn Đạo"), "tuan dao"),
        ("Phúc Hoà", "phuc hoa"),
    ],
)
def test_search_ignores_tones_case_and_the_bar_of_d(text: str, key: str) -> None:
    assert search_key(text) == key


def test_a_line_is_trimmed_and_kept_as_it_came() -> None:
    assert parse_line("  Công văn 12/UBND ", field="n", longest=40) == "Công văn 12/UBND"


@pytest.mark.parametrize(
    ("untrusted", "problem"),
    [
        ("", ProblemCode.REQUIRED),
        ("   ", ProblemCode.REQUIRED),
        ("x" * 41, ProblemCode.TOO_LONG),
        ("two\nlines", ProblemCode.CONTROL_CHARACTER),
        ("tab\there", ProblemCode.CONTROL_CHARACTER),
        ("right\u202eleft", ProblemCode.CONTROL_CHARACTER),
        ("zero\u200bwidth", ProblemCode.CONTROL_CHARACTER),
        ("\ud800", ProblemCode.CONTROL_CHARACTER),
        (unicodedata.normalize("NFD", "Hoà"), ProblemCode.NOT_NFC),
    ],
)
def test_an_unclean_line_is_refused_with_its_problem(untrusted: str, problem: ProblemCode) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_line(untrusted, field="n", longest=40, required=True)
    assert caught.value.problems[0].code is problem
