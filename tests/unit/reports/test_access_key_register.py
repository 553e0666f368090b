"""The printed register of keys and codes: every line, page x of y, comparable by a digest."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.access_key_register import AccessKeyLine, AccessKeyRegister, render_access_key_register
from reports.errors import InvalidReportData
from tests.unit.reports.paper import pages, text_of

LINE = AccessKeyLine(
    name="Két sắt kho KT1",
    kind="Mã khóa",
    holder="Phạm Thị Dung",
    seal="NP-0021",
    due="29/05/2027",
)
REGISTER = AccessKeyRegister(
    code="CK-24.P01",
    office="Bưu cục Trung tâm",
    at=datetime(2026, 11, 29, 1, 0, tzinfo=UTC),
    by="Phạm Thị Dung",
    due=1,
    months=6,
    source="mẫu, chưa được cơ quan có thẩm quyền xác nhận",
    lines=(
        LINE,
        replace(LINE, name="Lồng KT1", kind="Chìa khóa", seal="", due="QUÁ 29/05/2027"),
        replace(LINE, name="Chìa khẩn cấp phòng khai thác", kind="Khẩn cấp", due="ĐỔI NGAY"),
    ),
)


def test_the_register_names_every_key_its_holder_and_its_day() -> None:
    document = render_access_key_register(REGISTER)
    assert document == render_access_key_register(REGISTER)
    said = text_of(document)
    for word in ("Két sắt kho KT1", "Phạm Thị Dung", "NP-0021", "29/05/2027", "6 tháng", "Trang 1/1"):
        assert word in said


def test_a_long_register_goes_on_and_ends_with_a_line(tmp_path: Path) -> None:
    long = replace(REGISTER, lines=tuple(replace(LINE, name=f"Tủ {number}") for number in range(70)))
    document = render_access_key_register(long)
    assert len(pages(document, tmp_path, 40)) > 1
    assert "Tủ 69" in text_of(document)


def test_an_empty_register_prints_too() -> None:
    assert "Tổng số: 0" in text_of(render_access_key_register(replace(REGISTER, lines=())))


def test_the_digest_is_of_what_is_printed() -> None:
    other = replace(REGISTER, lines=(replace(LINE, holder="Lê Đức Chiến"),))
    assert len(REGISTER.digest) == 64
    assert other.digest != replace(REGISTER, lines=(LINE,)).digest


@pytest.mark.parametrize(("field", "value"), [("code", ""), ("at", datetime(2026, 11, 29))])  # noqa: DTZ001  # naive on purpose
def test_a_register_without_code_or_zone_is_none(field: str, value: object) -> None:
    with pytest.raises(InvalidReportData):
        replace(REGISTER, **{field: value})  # type: ignore[arg-type]  # one wrong value each
