"""A leg's sheet and the answer to a manifest on paper: read by two scanners, complete over pages."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.bag_model import Dispatched
from reports.bag_response import AnsweredLine, BagResponse, render_bag_response
from reports.errors import InvalidReportData
from reports.leg_sheet import LegSheet, render_leg_sheet
from tests.unit.reports.paper import RECIPIENT, SENDER, pages, read_by_zbar, read_by_zxing, text_of

AT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)


def lines(count: int) -> tuple[tuple[str, str, str], ...]:
    return tuple((f"ZT{number:09d}VN", "Túi", "Đã giao") for number in range(1, count + 1))


SHEET = LegSheet(
    code="HT-24.P01-2026-17",
    state="Đang đi",
    origin=SENDER.name,
    destination=RECIPIENT.name,
    vehicle="99A-123.45",
    vehicle_kind="xe chuyên dụng",
    courier="Phan Văn Đức",
    escort="Lê Đức Chiến",
    departs_at=AT,
    arrives_at=AT,
    departed_at=AT,
    arrived_at=None,
    planned_at=AT,
    planned_by="Phạm Thị Dung",
    lines=lines(3),
    digest="ab" * 32,
    entry_note="kt1.example/24, bản ghi: Đã lập 17",
)
ANSWER = BagResponse(
    code="ZT000000005VN",
    origin=SENDER,
    destination=RECIPIENT,
    dispatch=Dispatched(number=12, year=2026, serial=3, last=True),
    answered_by="Ngô Thị Giang",
    answered_at=AT,
    differing=1,
    lines=tuple(
        AnsweredLine(code=code, answer="Đã nhận", entry=41, hash="cd" * 32) for code, _, _ in lines(3)
    ),
    manifest="ef" * 32,
    digest="ab" * 32,
    log="kt1.example/24",
)


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_symbols_of_both_papers_are_read_by_two_scanners(dpi: int, tmp_path: Path) -> None:
    for number, (drawn, code, qr) in enumerate(
        (
            (render_leg_sheet(SHEET), SHEET.code, f"{SHEET.code}|sha256|{'ab' * 32}"),
            (
                render_bag_response(ANSWER),
                "TLZT000000005VN",
                f"TLZT000000005VN|sha256|{'ab' * 32}|{'ef' * 32}",
            ),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        (page,) = pages(drawn, folder, dpi)
        assert read_by_zxing(page) == [("code128", code), ("qr", qr)]
        assert read_by_zbar(page) == [("code128", code), ("qr", qr)]


def test_a_leg_sheet_names_vehicle_courier_escort_and_both_times() -> None:
    drawn = render_leg_sheet(SHEET)
    assert drawn == render_leg_sheet(SHEET)
    text = text_of(drawn)
    for words in ("PHIẾU HÀNH TRÌNH KT1", "99A-123.45", "Phan Văn Đức", "Lê Đức Chiến", "Trang 1/1"):
        assert words in text
    assert "không có" in text_of(render_leg_sheet(replace(SHEET, escort="")))


def test_an_answer_shows_each_line_with_its_entry_and_both_digests() -> None:
    text = text_of(render_bag_response(ANSWER))
    for words in ("BẢN TRẢ LỜI BẢN KÊ", "Đã nhận", "41", "cdcdcdcdcdcdcdcd", "ef" * 32, "ab" * 32):
        assert words in text


@pytest.mark.parametrize("count", [1, 9, 14, 45, 200])
def test_every_line_is_printed_once_over_numbered_pages(count: int) -> None:
    words = text_of(render_leg_sheet(replace(SHEET, lines=lines(count))))
    assert words.count("Đã giao") == count
    sheets = words.count("Trang ")
    assert all(f"Trang {page}/{sheets}" in words for page in range(1, sheets + 1))
    assert words.count("BƯU TÁ\n") <= 1


def test_what_is_incomplete_is_not_printed() -> None:
    for wrong in ({"lines": ()}, {"digest": "ab"}, {"courier": "x" * 500}):
        with pytest.raises(InvalidReportData):
            replace(SHEET, **wrong)
    for wrong in ({"lines": ()}, {"digest": "ab"}, {"code": "x"}):
        with pytest.raises(InvalidReportData):
            replace(ANSWER, **wrong)
