"""Minutes of a list: every code on them, page x of y, the digest as QR, the same bytes for the same data."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zxingcpp

from reports.errors import InvalidReportData
from reports.list_minutes import render_list_minutes
from reports.list_minutes_model import ListMinutes, SignedEntry, Signer
from tests.unit.reports.paper import pages, text_of

AT = datetime(2026, 11, 22, 7, 43, tzinfo=UTC)
ENTRY = SignedEntry(what="Mở kiểm kê", who="Hoàng Minh Đức", index=28, at=AT, leaf="ab" * 32)
DATA = ListMinutes(
    title="BIÊN BẢN KIỂM KÊ ĐỘT XUẤT",
    about="Kiểm kê tại Bưu cục Trung tâm",
    issuer="Bưu cục Trung tâm",
    code="KK-24.P01-2026-1",
    day=AT,
    facts=(("Nơi kiểm kê", "Bưu cục Trung tâm (24.P01)"),),
    lines=(("ZK000000005VN", "Thiếu"), ("ZT000000005VN", "Đủ")),
    totals="Thiếu: 1, Thừa: 0, Đủ: 1",
    entries=(ENTRY,),
    signers=(
        Signer(caption="NGƯỜI KIỂM KÊ", name="Hoàng Minh Đức"),
        Signer(caption="NGƯỜI CỦA NƠI KIỂM KÊ", name="Lê Thị Hoa"),
    ),
    digest="cd" * 32,
    origin="kt1.test/24",
)


@pytest.mark.parametrize("count", [0, 1, 25, 26, 27, 200])
def test_every_code_stands_on_it_and_each_page_says_which_of_how_many(count: int) -> None:
    lines = tuple((f"ZK{number:09d}VN", "Đủ") for number in range(count))
    sheets = text_of(render_list_minutes(replace(DATA, lines=lines))).split("\f")
    sheets = [sheet for sheet in sheets if sheet.strip()]
    for number, sheet in enumerate(sheets, start=1):
        assert f"Trang {number}/{len(sheets)}" in sheet
    words = "".join(sheets)
    assert all(words.count(code) == 1 for code, _ in lines)
    assert "NGƯỜI CỦA NƠI KIỂM KÊ" in sheets[-1]


def test_both_names_and_the_proof_stand_on_it() -> None:
    words = text_of(render_list_minutes(DATA))
    for told in ("Hoàng Minh Đức", "Lê Thị Hoa", "Bản ghi 28", ENTRY.leaf, "Thiếu: 1", DATA.digest):
        assert told in words


def test_its_qr_says_whose_minutes_and_which_digest(tmp_path: Path) -> None:
    (page,) = pages(render_list_minutes(DATA), tmp_path, 300)
    assert [found.text for found in zxingcpp.read_barcodes(page)] == [f"{DATA.code}|{DATA.digest}"]


def test_the_same_data_gives_the_same_bytes() -> None:
    assert render_list_minutes(DATA) == render_list_minutes(DATA)


def test_what_is_no_digest_or_has_no_zone_is_refused() -> None:
    with pytest.raises(InvalidReportData):
        replace(DATA, digest="ab")
    with pytest.raises(InvalidReportData):
        replace(ENTRY, leaf="x")
    with pytest.raises(InvalidReportData):
        replace(DATA, day=datetime(2026, 11, 22))  # noqa: DTZ001  # without a zone on purpose
