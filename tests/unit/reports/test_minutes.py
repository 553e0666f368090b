"""Minutes of an incident in the layout of Decree 30/2020: all of it, on as many pages as it takes."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from reports.errors import InvalidReportData
from reports.minutes import render_minutes
from reports.minutes_model import MinutesData, MinutesStep
from tests.unit.reports.paper import fonts_of, is_blank, pages, text_of

AT = datetime(2026, 2, 5, 17, 30, tzinfo=UTC)
SEEN = "Bì ngoài rách một góc, bì trong còn nguyên, đã để riêng trong tủ số hai và gọi đầu mối nơi gửi"


def minutes(count: int = 1, **changes: object) -> MinutesData:
    steps = tuple(
        MinutesStep(
            at=AT + timedelta(hours=hour), what="Mở sự vụ: Bì rách, hỏng", who="Phạm Thị Dung", text=SEEN
        )
        for hour in range(count)
    )
    data = MinutesData(
        issuer="Bưu cục Trung tâm",
        number=3,
        year=2026,
        reference="24.P01/2026/3",
        kind="Bì rách, hỏng",
        severity="Nghiêm trọng",
        place="Bưu cục Trung tâm",
        opened_at=AT,
        report_due_at=AT + timedelta(hours=24),
        resolve_due_at=AT + timedelta(hours=72),
        standard="mau-2026",
        sample=True,
        codes=("KT473124829VN",),
        steps=steps,
        owed=("Ảnh bì ngoài",),
        origin="kt1.bacninh/24",
        entries=(12, 15),
    )
    return replace(data, **changes)  # type: ignore[arg-type]  # the test names real fields


def said(data: MinutesData) -> str:
    return " ".join(text_of(render_minutes(data)).split())


def test_the_heading_is_that_of_the_decree_with_leading_zeros_of_number_day_and_month() -> None:
    text = said(minutes())
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "Độc lập - Tự do - Hạnh phúc" in text
    assert "BƯU CỤC TRUNG TÂM" in text
    assert "Số: 03/BB-KT1" in text
    # Half past five in the afternoon of the fifth in London is the sixth in Vietnam.
    assert "ngày 06 tháng 02 năm 2026" in text


def test_everything_it_is_given_is_printed() -> None:
    text = said(minutes())
    for part in ("24.P01/2026/3", "Bì rách, hỏng", "Nghiêm trọng", "KT473124829VN", SEEN, "Phạm Thị Dung"):
        assert part in text
    for part in ("mau-2026", "giá trị mẫu", "Ảnh bì ngoài", "12, 15", "kt1.bacninh/24"):
        assert part in text


def test_a_table_that_is_a_rule_is_not_called_a_sample() -> None:
    assert "giá trị mẫu" not in said(minutes(sample=False))


def test_without_a_code_it_says_so_and_nothing_owed_is_said_too() -> None:
    text = said(minutes(codes=(), owed=()))
    assert "không rõ mã" in text
    assert "Đã đủ chứng cứ" in text


def test_three_hands_have_room_to_sign_and_nothing_is_signed() -> None:
    text = said(minutes())
    for title in ("NGƯỜI LẬP BIÊN BẢN", "NGƯỜI CHỨNG KIẾN", "PHỤ TRÁCH ĐƠN VỊ"):
        assert title in text
    assert "Nơi nhận" in text


def test_the_page_number_stands_in_the_top_margin_and_not_on_the_first_page() -> None:
    printed = text_of(render_minutes(minutes(30))).split("\f")
    assert len(printed) > 3
    assert re.match(r"\s*[23]\s*\n", printed[0]) is None
    assert [int(page.split()[0]) for page in printed[1:-1]] == list(range(2, len(printed)))


@pytest.mark.parametrize("count", [1, 7, 30])
def test_nothing_is_printed_outside_the_margins(count: int, tmp_path: Path) -> None:
    for page in pages(render_minutes(minutes(count)), tmp_path, 100):
        dots = 100 / 25.4
        for strip in (
            (0, 0, int(29 * dots), page.height),
            (page.width - int(14 * dots), 0, page.width, page.height),
            (0, page.height - int(19 * dots), page.width, page.height),
        ):
            assert is_blank(page.crop(strip)), (count, strip)
        assert isinstance(page, Image.Image)


def test_the_same_data_gives_the_same_bytes() -> None:
    assert render_minutes(minutes(5)) == render_minutes(minutes(5))


def test_every_font_is_in_the_file(tmp_path: Path) -> None:
    assert all(row[-5] == "yes" for row in fonts_of(render_minutes(minutes()), tmp_path))


def test_times_without_a_zone_and_minutes_of_nothing_are_refused() -> None:
    with pytest.raises(InvalidReportData):
        minutes(opened_at=AT.replace(tzinfo=None))
    with pytest.raises(InvalidReportData):
        minutes(steps=())
    with pytest.raises(InvalidReportData):
        MinutesStep(at=AT.replace(tzinfo=None), what="x", who="x")
