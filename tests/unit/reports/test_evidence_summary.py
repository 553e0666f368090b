"""The summary says everything it is given, on as many pages as it takes, and nothing that is withheld."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reports.errors import InvalidReportData
from reports.evidence_model import EvidenceEvent, EvidenceField, EvidenceSummary, FieldWord
from reports.evidence_summary import render_summary
from tests.unit.reports.paper import fonts_of, text_of

AT = datetime(2026, 11, 22, 7, 43, 6, tzinfo=UTC)


def event(index: int, *, what: str = "Bên nhận đã quét nhận") -> EvidenceEvent:
    return EvidenceEvent(
        index=index,
        what=what,
        items="KT473124829VN, và 3 bưu gửi khác trong bản kê",
        device_at=AT,
        recorded_at=AT + timedelta(seconds=95),
        who="Lê Đức Chiến, Giao thông viên, Bưu cục Trung tâm, người dùng số 3",
        device_keys=("9f2c1ab04d5e6f70",),
    )


def summary(count: int = 3, *, value: str = "Về việc kiểm tra kho") -> EvidenceSummary:
    return EvidenceSummary(
        origin="kt1.bacninh/24",
        subject="Bưu gửi KT473124829VN",
        made_at=AT,
        size=120,
        root="ab" * 32,
        key_id="6bf31a9b1875210c",
        verifier_digest="cd" * 32,
        events=tuple(event(index) for index in range(count)),
        fields=(
            EvidenceField(index=0, label="Trích yếu", state=FieldWord.DISCLOSED, value=value),
            EvidenceField(index=0, label="Người ký nhận", state=FieldWord.WITHHELD),
            EvidenceField(index=1, label="Số, ký hiệu tài liệu", state=FieldWord.ERASED),
        ),
    )


def test_both_clocks_both_signers_and_every_state_of_a_field_are_told() -> None:
    paper = " ".join(text_of(render_summary(summary())).split())
    for told in (
        "22/11/2026", "14:43:06", "14:44:41", "9f2c1ab04d5e6f70", "Có trong gói", "Không đưa vào gói",
        "Đã xóa theo quyết định", "Về việc kiểm tra kho", "ab" * 16, "cd" * 32, "verify-evidence",
    ):  # fmt: skip
        assert told in paper


def test_every_page_is_numbered_says_it_is_no_evidence_and_repeats_the_header() -> None:
    paper = text_of(render_summary(summary(90)))
    pages = paper.split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"Trang {number}/{len(pages)}" in page
        assert "Bản này chỉ để đọc" in page
    assert all("Giờ máy chủ" in page for page in pages[:-1])
    numbers = re.findall(r"^ *(\d+) +Bên nhận", paper, re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(90))


def test_the_longest_value_is_printed_whole() -> None:
    value = "Dự thảo quyết định kiểm tra " * 70
    paper = " ".join(text_of(render_summary(summary(value=value))).split())
    assert paper.count("Dự thảo") == 70


def test_the_same_data_is_the_same_bytes_in_our_own_letters(tmp_path: Path) -> None:
    made = render_summary(summary())
    assert made == render_summary(summary())
    assert all("BeVietnamPro" in columns[0] for columns in fonts_of(made, tmp_path))


def test_a_withheld_value_cannot_be_handed_in() -> None:
    with pytest.raises(InvalidReportData, match="disclosed"):
        EvidenceField(index=1, label="Trích yếu", state=FieldWord.WITHHELD, value="x")
