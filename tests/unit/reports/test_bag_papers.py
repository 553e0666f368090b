"""A bag's tag and manifest on paper: read by two scanners, complete over pages, silent about the seal."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reports.bag_manifest import render_bag_manifest
from reports.bag_model import BagManifest, BagTag, Dispatched
from reports.bag_tag import render_bag_tag
from reports.errors import InvalidReportData
from reports.model import Party
from tests.unit.reports.paper import RECIPIENT, SENDER, pages, read_by_zbar, read_by_zxing, text_of

AT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
CODE = "ZT000000005VN"
QR = f"{CODE}|9f2c1ab0|MFRGGZDFMZTWQ2LK"
DISPATCH = Dispatched(number=12, year=2026, serial=3, last=True)
LONG = Party(
    name="Bưu cục Trung tâm khai thác vận chuyển và phân phối bưu gửi KT1 khu vực miền núi phía Bắc",
    address="Số 128 đường Nguyễn Thị Minh Khai kéo dài, phường Kinh Bắc, tỉnh Bắc Ninh",
)


def codes(count: int) -> tuple[str, ...]:
    return tuple(f"ZK{number:09d}VN" for number in range(1, count + 1))


def tag(**changes: object) -> BagTag:
    data = BagTag(
        code=CODE,
        qr=QR,
        tail="7KQ2X",
        asset="TUI-0042",
        origin=SENDER,
        destination=RECIPIENT,
        dispatch=DISPATCH,
        weight_g=4250,
        printed_at=AT,
    )
    return replace(data, **changes)  # type: ignore[arg-type]


def manifest(**changes: object) -> BagManifest:
    data = BagManifest(
        code=CODE,
        asset="TUI-0042",
        origin=SENDER,
        destination=RECIPIENT,
        dispatch=DISPATCH,
        seal="",
        weight_g=4250,
        closed_by="Phạm Thị Dung",
        position="Giao dịch viên",
        closed_at=AT,
        lines=codes(3),
        digest="ab" * 32,
        entry_note="kt1.example/24 bản ghi 17",
    )
    return replace(data, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_tag_is_read_by_two_scanners(dpi: int, tmp_path: Path) -> None:
    (page,) = pages(render_bag_tag(tag()), tmp_path, dpi)
    expected = [("code128", CODE), ("qr", QR)]
    assert read_by_zxing(page) == expected
    assert read_by_zbar(page) == expected


@pytest.mark.parametrize("dispatch", [None, DISPATCH, replace(DISPATCH, last=False)])
def test_a_tag_says_where_the_bag_stands_in_its_dispatch(dispatch: Dispatched | None) -> None:
    words = text_of(render_bag_tag(tag(dispatch=dispatch, origin=LONG, destination=LONG)))
    assert ("CHƯA ĐÓNG" in words) == (dispatch is None)
    assert ("12/2026" in words) == (dispatch is not None)
    assert ("TÚI CUỐI" in words) == (dispatch is DISPATCH)
    assert "TUI-0042" in words


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_digest_of_a_manifest_is_read_off_the_paper(dpi: int, tmp_path: Path) -> None:
    data = manifest()
    (page,) = pages(render_bag_manifest(data), tmp_path, dpi)
    expected = [("code128", f"BK{CODE}"), ("qr", f"BK{CODE}|sha256|{data.digest}")]
    assert read_by_zxing(page) == expected
    assert read_by_zbar(page) == expected


@pytest.mark.parametrize("count", [1, 9, 10, 11, 12, 13, 14, 15, 16, 17, 40, 45, 50, 200, 1000])
def test_every_line_is_printed_once_however_many_there_are(count: int) -> None:
    drawn = render_bag_manifest(manifest(lines=codes(count)))
    words = text_of(drawn)
    found = [line.split()[1] for line in words.splitlines() if "Bưu gửi" in line and "ZK" in line]
    assert found == list(codes(count))
    sheets = words.count("Trang ")
    assert [f"Trang {page}/{sheets}" in words for page in range(1, sheets + 1)] == [True] * sheets
    assert words.count("NGƯỜI MỞ TÚI") == 1
    assert f"Tổng số: {count}" in words


def test_the_signatures_never_stand_on_a_page_without_a_line() -> None:
    for count in range(1, 80):
        sheets = text_of(render_bag_manifest(manifest(lines=codes(count)))).split("\f")
        (signed,) = [sheet for sheet in sheets if "NGƯỜI MỞ TÚI" in sheet]
        assert codes(count)[-1] in signed, count


def test_a_bag_in_the_bag_is_told_from_an_item() -> None:
    words = text_of(render_bag_manifest(manifest(lines=("ZK000000001VN", "ZT000000019VN"))))
    assert [line.split()[2] for line in words.splitlines() if " ZT000000019VN" in line] == ["Túi"]


def test_a_seal_that_is_still_to_be_read_is_a_blank_on_the_paper() -> None:
    assert "đọc trên túi" in text_of(render_bag_manifest(manifest()))
    opened = text_of(render_bag_manifest(manifest(seal="NP-1001")))
    assert "NP-1001" in opened
    assert "đọc trên túi" not in opened


def test_the_same_data_gives_the_same_bytes() -> None:
    assert render_bag_tag(tag()) == render_bag_tag(tag())
    assert render_bag_manifest(manifest()) == render_bag_manifest(manifest())


@pytest.mark.parametrize("change", [{"code": "X"}, {"qr": "ZT000000005VN"}, {"asset": "x" * 500}])
def test_a_tag_of_wrong_data_is_not_printed(change: dict[str, str]) -> None:
    with pytest.raises(InvalidReportData):
        tag(**change)


@pytest.mark.parametrize("change", [{"lines": ()}, {"digest": "ab"}, {"lines": ("<b>",)}])
def test_a_manifest_of_wrong_data_is_not_printed(change: dict[str, object]) -> None:
    with pytest.raises(InvalidReportData):
        manifest(**change)
