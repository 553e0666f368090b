"""The notice at a closed counter: one page, the hour of return first, and nothing of what lies inside."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.errors import InvalidReportData
from reports.section_notice import SectionNoticePaper, render_section_notice
from tests.unit.reports.paper import pages, text_of

NOTICE = SectionNoticePaper(
    code="DQ-24.P01-2026-7",
    office="Bưu cục Trung tâm Bắc Ninh",
    address="Số 1 Nguyễn Đăng Đạo, Bắc Ninh",
    reason="Đi giao, nhận ngoài quầy",
    note="Giao tại trụ sở Ủy ban nhân dân tỉnh",
    closed_at=datetime(2026, 11, 30, 4, 30, tzinfo=UTC),
    expected_at=datetime(2026, 11, 30, 6, 30, tzinfo=UTC),
    instead="Bưu cục Từ Sơn",
    instead_address="Số 2 Trần Phú, Từ Sơn",
    by="Phạm Thị Dung",
)


def test_the_notice_says_who_why_since_when_until_when_and_where_to_go() -> None:
    document = render_section_notice(NOTICE)
    assert document == render_section_notice(NOTICE)
    said = text_of(document)
    for word in (
        "GIẤY BÁO ĐÓNG QUẦY KT1",
        "13:30",
        "thứ Hai, ngày 30/11/2026",
        "11:30 ngày 30/11/2026",
        "Đi giao, nhận ngoài quầy",
        "Bưu cục Từ Sơn",
        "Phạm Thị Dung",
        "DQ-24.P01-2026-7",
    ):
        assert word in said


def test_the_longest_words_still_fit_one_page(tmp_path: Path) -> None:
    long = replace(
        NOTICE,
        office="Bưu điện " + "Quang " * 25,
        address="Đường " + "Trường Chinh " * 15,
        note="chữ " * 50,
        instead="Bưu cục " + "Quế Võ " * 20,
        instead_address="Số 1 " + "Đường " * 30,
        by="Nguyễn " * 10,
    )
    assert len(pages(render_section_notice(long), tmp_path, 40)) == 1


def test_a_notice_without_note_or_another_office_prints_too() -> None:
    said = text_of(render_section_notice(replace(NOTICE, note="", instead="", address="")))
    assert "Giao nhận thay tại" not in said
    assert "Ghi chú" not in said


def test_the_digest_is_of_what_is_printed() -> None:
    assert len(NOTICE.digest) == 64
    assert replace(NOTICE, by="Lê Thị Hoa").digest != NOTICE.digest


@pytest.mark.parametrize(
    ("field", "value"),
    [("code", ""), ("closed_at", datetime(2026, 11, 30)), ("expected_at", datetime(2026, 11, 30))],  # noqa: DTZ001  # naive on purpose
)
def test_a_notice_without_code_or_zone_is_none(field: str, value: object) -> None:
    with pytest.raises(InvalidReportData):
        replace(NOTICE, **{field: value})  # type: ignore[arg-type]  # one wrong value each
