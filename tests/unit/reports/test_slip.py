"""Handover slips: complete, paginated so that nothing is lost, and silent about what the items contain."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.errors import InvalidReportData
from reports.model import OuterMark, Paper, SlipData, SlipLine, SlipOutcome, SlipParty, SlipPurpose
from reports.slip import render_slip
from tests.unit.reports.paper import fonts_of, pages, read_by_zbar, read_by_zxing, text_of

HASH = hashlib.sha256(b"entry").hexdigest()
REFUSAL = "Số niêm phong khác với số đã ghi"


def line(number: int, *, refused: bool = False) -> SlipLine:
    return SlipLine(
        code=f"KT{number:08d}0VN",
        mark=list(OuterMark)[number % 4],
        express=number % 2 == 0,
        appointed_at=datetime(2026, 11, 23, 1, 30, tzinfo=UTC) if number % 3 == 0 else None,
        register_number=f"{number:04d}/2026",
        pieces=1,
        outcome=SlipOutcome.REFUSED if refused else SlipOutcome.ACCEPTED,
        reason=REFUSAL if refused else "",
        seal=f"BN{number:06d}",
    )


def slip(*lines: SlipLine, paper: Paper = Paper.A4, purpose: SlipPurpose = SlipPurpose.TRANSFER) -> SlipData:
    giver = SlipParty(
        unit="Sở Khoa học và Công nghệ tỉnh Bắc Ninh",
        address="Số 5 đường Nguyễn Văn Cừ, phường Kinh Bắc",
        person="Nguyễn Thị Thuỷ Tiên",
        position="Văn thư",
    )
    return SlipData(
        paper=paper,
        purpose=purpose,
        issuer_parent="Ủy ban nhân dân tỉnh Bắc Ninh",
        issuer="Sở Khoa học và Công nghệ",
        locality="Bắc Ninh",
        place="Bưu cục KT1 Bắc Ninh",
        giver=giver,
        taker=replace(giver, unit="Bưu điện tỉnh Bắc Ninh", person="Trần Văn Đường", position="Bưu tá"),
        offered_at=datetime(2026, 11, 22, 7, 40, tzinfo=UTC),
        taken_at=datetime(2026, 11, 22, 17, 43, tzinfo=UTC),
        lines=lines or (line(1),),
        origin="kt1.bacninh.gov.vn/nhat-ky",
        entry_index=1284,
        entry_hash=HASH,
    )


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("read", [read_by_zxing, read_by_zbar])
def test_the_entry_hash_is_read_back_from_the_last_page(paper: Paper, read: type, tmp_path: Path) -> None:
    printed = pages(render_slip(slip(*map(line, range(30)), paper=paper)), tmp_path, 203)
    assert read(printed[-1]) == [("qr", HASH)]
    assert all(read(page) == [] for page in printed[:-1])


def test_the_slip_names_parties_times_outcomes_and_the_entry() -> None:
    found = " ".join(text_of(render_slip(slip(line(1), line(2, refused=True)))).split())
    for words in (
        "BIÊN BẢN GIAO NHẬN BƯU GỬI KT1",
        "Nguyễn Thị Thuỷ Tiên",
        "Trần Văn Đường",
        "Trang 1/1",
        "Mục 1284",
    ):
        assert words in found
    # 17:43 UTC is already the next day in Vietnam.
    for words in (
        "00:43 ngày 23/11/2026",
        "ngày 23 tháng 11 năm 2026",
        "14:40 ngày 22/11/2026",
        HASH[:32],
        HASH[32:],
    ):
        assert words in found
    assert "Tổng số 2 bưu gửi; đã nhận 1; từ chối 1 (bên giao tiếp tục giữ)." in found


@pytest.mark.parametrize("purpose", list(SlipPurpose))
@pytest.mark.parametrize("paper", list(Paper))
def test_no_class_word_and_no_claim_of_a_digital_signature(purpose: SlipPurpose, paper: Paper) -> None:
    found = text_of(render_slip(slip(*map(line, range(8)), purpose=purpose, paper=paper))).lower()
    assert "mật" not in found
    assert "chữ ký số" not in found
    assert "mã xác thực" in found


@settings(max_examples=20)
@given(st.integers(1, 200), st.sampled_from(Paper), st.lists(st.booleans(), min_size=200, max_size=200))
def test_every_line_is_printed_once_on_some_page(count: int, paper: Paper, refused: list[bool]) -> None:
    lines = [line(number, refused=refused[number]) for number in range(count)]
    text = text_of(render_slip(slip(*lines, paper=paper)))
    sheets = text.rstrip("\f").split("\f")
    for each in lines:
        assert text.count(each.code) == 1
    assert all(f"Trang {number}/{len(sheets)}" in sheet for number, sheet in enumerate(sheets, start=1))
    assert lines[-1].code in sheets[-1], "signatures stand beside at least one line"
    assert "ĐẠI DIỆN BÊN NHẬN" in sheets[-1]


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_the_longest_texts_stay_on_the_paper(paper: Paper, count: int, tmp_path: Path) -> None:
    party = SlipParty(unit="M" * 200, address="M" * 300, person="M" * 200, position="M" * 120)
    longest = replace(
        line(3, refused=True),
        code="M" * 64,
        reason="M" * 200,
        seal="M" * 40,
        register_number="M" * 20,
        pieces=10**6,
    )
    data = replace(
        slip(*[longest] * count, paper=paper), giver=party, taker=party, issuer="M" * 200, place="M" * 200
    )
    for page in pages(render_slip(data), tmp_path, 100):
        width, height = page.size
        ink = page.point(lambda shade: 255 - shade).getbbox()
        assert ink is not None
        assert ink[0] > width * 0.05
        assert ink[2] < width * 0.96
        assert ink[3] < height * 0.98


def test_the_same_slip_gives_the_same_bytes_with_embedded_fonts(tmp_path: Path) -> None:
    pdf = render_slip(slip())
    assert pdf == render_slip(slip())
    assert all("BeVietnamPro" in font[0] and font[3] == "yes" for font in fonts_of(pdf, tmp_path))


def test_bad_slip_data_is_refused_by_name() -> None:
    for field, wrong in {
        "lines": {"lines": ()},
        "entry_hash": {"entry_hash": HASH.upper()},
        "taken_at": {"taken_at": datetime(2026, 11, 22, 7, 40)},  # noqa: DTZ001  # the mistake tested
        "place": {"place": "x" * 201},
    }.items():
        with pytest.raises(InvalidReportData) as caught:
            replace(slip(), **wrong)  # type: ignore[arg-type]  # one wrong value at a time
        assert caught.value.field == field
