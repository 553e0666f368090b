"""A return of pouches on paper: read by two scanners, complete over pages, the same bytes each time."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.errors import InvalidReportData
from reports.pouch_list import PouchListPaper, render_pouch_list
from tests.unit.reports.paper import pages, read_by_zbar, read_by_zxing, text_of

AT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
PAPER = PouchListPaper(
    code="VT-24.P02-24.P01-2026-7",
    sender="Bưu cục Từ Sơn",
    receiver="Bưu cục Trung tâm",
    sent_by="Ngô Thị Giang",
    sent_at=AT,
    received_by="",
    received_at=None,
    lines=(("TUI-001", ""), ("TUI-002", "")),
    digest="ab" * 32,
    entry_note="kt1.example/24, bản ghi: gửi 17",
)


def test_the_symbols_are_read_by_two_scanners(tmp_path: Path) -> None:
    (page,) = pages(render_pouch_list(PAPER), tmp_path, 203)
    for read in (read_by_zbar, read_by_zxing):
        assert {text for _, text in read(page)} == {PAPER.code, PAPER.qr}


def test_a_code_too_long_for_bars_stands_in_words_and_in_the_square(tmp_path: Path) -> None:
    long = replace(PAPER, code="VT-24.BUUCUCTUSONG-24.BUUCUCTRUNG-2026-7")
    drawn = render_pouch_list(long)
    assert long.code in text_of(drawn)
    (page,) = pages(drawn, tmp_path, 203)
    assert [text for _, text in read_by_zxing(page)] == [long.qr]


def test_every_pouch_is_listed_over_as_many_pages_as_it_needs(tmp_path: Path) -> None:
    many = replace(PAPER, lines=tuple((f"TUI-{number:03d}", "Đã nhận") for number in range(200)))
    drawn = render_pouch_list(many)
    text = text_of(drawn)
    assert all(asset in text for asset, _ in many.lines)
    count = len(pages(drawn, tmp_path, 72))
    assert all(f"Trang {page}/{count}" in text for page in range(1, count + 1))
    assert render_pouch_list(many) == drawn


@pytest.mark.parametrize(
    "changed",
    [
        {"lines": ()},
        {"digest": "x"},
        {"code": ""},
        {"sent_by": "x" * 1000},
        {"sent_at": AT.replace(tzinfo=None)},
        {"received_at": AT.replace(tzinfo=None)},
    ],
)
def test_data_that_cannot_be_a_return_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(InvalidReportData):
        replace(PAPER, **changed)  # type: ignore[arg-type]  # wrong on purpose
