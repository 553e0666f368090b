"""The import: template, preview with coloured cells, error workbook, confirmation; nothing half stored."""

import html
import io
import re
from collections.abc import Iterator

import openpyxl
import pytest
from werkzeug.test import TestResponse

from app.services.intake.columns import COLUMNS
from tests.support.installation import Browser, Installation, installed

ROW = {"recipient_unit": "24.H02", "secrecy": "C", "pieces": "1", "weight_g": "100", "outer_envelope": "x"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("import")) as installation:
        yield installation


@pytest.fixture
def focal(house: Installation) -> Browser:
    return house.browser("an.nguyen")


def _list(*rows: dict[str, str]) -> bytes:
    lines = [[column.heading for column in COLUMNS]]
    lines += [[row.get(column.field, "") for column in COLUMNS] for row in rows]
    return "\r\n".join(";".join(line) for line in lines).encode("utf-8-sig")


def _upload(focal: Browser, content: bytes, name: str = "danh-sach.csv") -> TestResponse:
    form = {"csrf_token": focal.token("/consignments/import"), "file": (io.BytesIO(content), name)}
    return focal.client.post(
        "/consignments/import",
        base_url=focal.origin,
        data=form,
        headers=focal.own(),
        content_type="multipart/form-data",
    )


def _carried(page: str) -> dict[str, str]:
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("content", "filename")}
    return {name: html.unescape(match[1]) for name, match in found.items() if match}


def _count(focal: Browser) -> int:
    found = re.search(r"(\d+) bưu gửi</h2>", focal.get("/consignments?secrecy=C").text)
    return int(found[1]) if found else 0


def test_the_template_has_every_column_as_text(focal: Browser) -> None:
    book = openpyxl.load_workbook(io.BytesIO(focal.get("/consignments/import/template.xlsx").data))
    headings = [str(cell.value).rstrip(" *") for cell in book.worksheets[0][1]]
    assert headings == [column.heading for column in COLUMNS]
    book.close()


def test_a_bad_row_is_shown_with_row_and_column_and_stores_nothing(focal: Browser) -> None:
    before = _count(focal)
    page = _upload(focal, _list(ROW, {**ROW, "recipient_unit": "KHONGCO", "pieces": "0"})).text
    assert page.count("cell-bad") == 2
    assert "Chỉ đăng ký 1 dòng đúng" in page
    workbook = focal.post("/consignments/import/errors.xlsx", _carried(page), page="/consignments/import")
    book = openpyxl.load_workbook(io.BytesIO(workbook.data))
    assert book.worksheets[0]["A3"].value == "KHONGCO"
    assert len(book.worksheets) == 2
    book.close()
    refused = focal.post("/consignments/import/confirm", _carried(page), page="/consignments/import")
    assert refused.status_code == 422
    assert _count(focal) == before


def test_a_confirmed_list_is_registered_once(focal: Browser) -> None:
    before = _count(focal)
    carried = _carried(_upload(focal, _list(ROW, {**ROW, "document_numbers": "9/TEST"})).text)
    assert focal.post("/consignments/import/confirm", carried, page="/consignments/import").status_code == 303
    assert _count(focal) == before + 2
    again = focal.post("/consignments/import/confirm", carried, page="/consignments/import")
    assert again.status_code == 422
    assert _count(focal) == before + 2


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"mot;hai;ba\r\n1;2;3"])
def test_what_is_no_list_is_refused_in_words(focal: Browser, content: bytes) -> None:
    answer = _upload(focal, content)
    assert answer.status_code in {200, 422}
    assert "Chỗ cần sửa" in answer.text or 'id="error-summary"' in answer.text
    assert "Traceback" not in answer.text


def _workbook(*rows: dict[str, str], merge: str = "", headings: dict[str, str] | None = None) -> bytes:
    """Make a list as a spreadsheet program would save it."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([(headings or {}).get(column.field, column.heading) for column in COLUMNS])
    for row in rows:
        sheet.append([row.get(column.field) for column in COLUMNS])
    if merge:
        sheet.merge_cells(merge)
    return _saved(book)


def _saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    book.close()
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_workbook({**ROW, "pieces": "=1+1"}), ["công thức"]),
        (_workbook(ROW, ROW, merge="B2:B3"), ["Các ô B2:B3 bị gộp", "B · Trang tính"]),
        (
            _workbook(ROW, headings={"recipient_unit": "Nơi đến"}),
            ["A · Dòng tiêu đề", "không có cột “Nơi đến”", "Thiếu cột “Mã cơ quan nhận”"],
        ),
    ],
    ids=["formula", "merged_cells", "wrong_columns"],
)
def test_a_workbook_that_excel_changed_is_refused_in_words(
    focal: Browser, content: bytes, words: list[str]
) -> None:
    before = _count(focal)
    page = html.unescape(_upload(focal, content, "danh-sach.xlsx").text)
    assert [word for word in words if word not in page] == []
    assert "Traceback" not in page
    carried = _carried(page)
    if carried:
        answer = focal.post("/consignments/import/confirm", carried, page="/consignments/import")
        assert answer.status_code == 422
    assert _count(focal) == before


def test_the_error_workbook_is_corrected_and_sent_again(focal: Browser) -> None:
    before = _count(focal)
    bad = {**ROW, "document_numbers": "31/SUA", "recipient_unit": "KHONGCO"}
    good = {**ROW, "document_numbers": "30/SUA", "document_date": "05/02/2026"}
    page = _upload(focal, _workbook(good, bad), "danh-sach.xlsx").text
    returned = focal.post("/consignments/import/errors.xlsx", _carried(page), page="/consignments/import")
    book = openpyxl.load_workbook(io.BytesIO(returned.data))
    assert book.worksheets[0]["A3"].value == "KHONGCO"
    book.worksheets[0]["A3"].value = ROW["recipient_unit"]
    again = _upload(focal, _saved(book), "danh-sach-sua.xlsx").text
    assert again.count("cell-bad") == 0
    confirmed = focal.post("/consignments/import/confirm", _carried(again), page="/consignments/import")
    assert confirmed.status_code == 303
    assert _count(focal) == before + 2
