"""The receipt for what was handed in: codes as barcodes that scanners read, what went back with why."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.errors import InvalidReportData
from reports.hand_in_receipt import HandInLine, HandInReceipt, render_hand_in
from tests.unit.reports.paper import pages, read_by_zbar, read_by_zxing, text_of

AT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
TAKEN = HandInLine(code="ZK473124829VN", mark="B", urgency="Hỏa tốc", register_number="7/2026", pieces=2)
BACK = HandInLine(code="ZK473124832VN", reason="Bì hư hỏng")
PAPER = HandInReceipt(
    code="BN-24.P01-812",
    office="Bưu cục Trung tâm",
    agency="Sở Nội vụ",
    giver="Trần Thị Bình",
    giver_position="Văn thư",
    letter="15/GGT",
    clerk="Phạm Thị Dung",
    taken_at=AT,
    lines=(BACK, TAKEN),
    entry_hash="ab" * 32,
    origin="kt1.example/24",
)


def test_the_codes_that_were_taken_in_are_barcodes_and_no_others(tmp_path: Path) -> None:
    (page,) = pages(render_hand_in(PAPER), tmp_path, 203)
    for read in (read_by_zbar, read_by_zxing):
        assert {text for _, text in read(page)} == {PAPER.code, PAPER.qr, TAKEN.code}


def test_it_says_who_gave_by_which_letter_and_what_went_back_with_the_reason() -> None:
    text = text_of(render_hand_in(PAPER))
    for said in (PAPER.agency, PAPER.giver, "Văn thư", "15/GGT", PAPER.clerk, "09:15 ngày 23/11/2026"):
        assert said in text
    assert "nhận 1, trả lại 1" in text
    assert BACK.code in text
    assert "Bì hư hỏng" in text
    assert "7/2026" in text


def test_a_list_without_a_letter_or_anything_given_back_says_so() -> None:
    text = text_of(render_hand_in(replace(PAPER, letter="", lines=(TAKEN,))))
    assert "không yêu cầu" in text
    assert "trả lại" not in text


def test_two_hundred_lines_are_all_there_over_as_many_pages_as_they_need(tmp_path: Path) -> None:
    many = replace(
        PAPER,
        lines=tuple(
            replace(TAKEN if number % 3 else BACK, code=f"ZK{number:09d}VN") for number in range(200)
        ),
    )
    drawn = render_hand_in(many)
    text = text_of(drawn)
    assert all(line.code in text for line in many.lines)
    count = len(pages(drawn, tmp_path, 72))
    assert all(f"Trang {page}/{count}" in text for page in range(1, count + 1))
    assert render_hand_in(many) == drawn


@pytest.mark.parametrize(
    "changed",
    [
        {"lines": ()},
        {"lines": (BACK,)},
        {"entry_hash": "x"},
        {"code": ""},
        {"giver": "x" * 1000},
        {"taken_at": AT.replace(tzinfo=None)},
    ],
)
def test_data_that_is_none_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(InvalidReportData):
        replace(PAPER, **changed)  # type: ignore[arg-type]  # as the test says
