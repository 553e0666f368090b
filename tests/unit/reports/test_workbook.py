"""Workbooks are read back with a library that did not write them: text stays text, whatever was typed."""

import io
import re
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports.errors import InvalidReportData
from reports.model import ErrorWorkbook, ImportTemplate, ListExport, WorkbookColumn, WorkbookProblem
from reports.workbook import render_error_workbook, render_import_template, render_list

COLUMNS = (
    WorkbookColumn(
        key="recipient", header="Nơi nhận", width=30, required=True, note="Tên đầy đủ của cơ quan"
    ),
    WorkbookColumn(key="mark", header="Dấu", choices=("A", "B", "C")),
    WorkbookColumn(key="number", header="Số tài liệu"),
)
TEMPLATE = ImportTemplate(
    sheet="Bưu gửi",
    columns=COLUMNS,
    guide_sheet="Hướng dẫn",
    guide=("Mỗi dòng một bưu gửi.",),
    examples=(("Ủy ban nhân dân phường Võ Cường", "B", "0015"),),
)
TYPED = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+84",
    "-1",
    "@SUM(A1)",
    "0001",
    "1e5",
    "https://x.vn",
    "\t=1",
    "'=1",
    "=",
    "5/3",
]


def opened(data: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def first(data: bytes) -> Worksheet:
    sheet = opened(data).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def exported(values: list[str]) -> bytes:
    return render_list(
        ListExport(sheet="Danh sách", columns=COLUMNS[:1], rows=tuple((value,) for value in values))
    )


def test_the_template_has_headers_notes_choices_and_text_cells() -> None:
    sheet = first(render_import_template(TEMPLATE))
    assert [cell.value for cell in sheet[1]] == ["Nơi nhận", "Dấu", "Số tài liệu"]
    assert sheet["A1"].comment.text == "Tên đầy đủ của cơ quan"
    assert sheet["A1"].fill.fgColor.rgb != sheet["B1"].fill.fgColor.rgb
    assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == ['"A,B,C"']
    assert sheet["C2"].value == "0015"
    assert sheet.column_dimensions["A"].number_format == "@"
    assert opened(render_import_template(TEMPLATE))["Hướng dẫn"]["A1"].value == "Mỗi dòng một bưu gửi."


def test_what_a_person_typed_never_becomes_a_formula_a_link_or_a_number() -> None:
    data = exported(TYPED)
    cells = [row[0] for row in first(data).iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == TYPED
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert [cell.value for cell in cells if cell.quotePrefix] == [t for t in TYPED if t[0] in "=+-@\t"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = b"".join(archive.read(name) for name in archive.namelist() if "sheet1" in name)
    assert b"<f>" not in parts
    assert b"hyperlink" not in parts


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_makes_a_workbook_that_opens(values: list[str]) -> None:
    sheet = first(exported(values))
    assert sheet.max_row == 1 + len(values)


def test_the_error_workbook_shows_each_problem_where_it_is() -> None:
    data = render_error_workbook(
        ErrorWorkbook(
            sheet="Bưu gửi",
            columns=COLUMNS,
            rows=(("Sở Tài chính", "Z", "=HYPERLINK(1)"), ("", "A", "007")),
            problems=(
                WorkbookProblem(row=3, column="recipient", message="Thiếu nơi nhận"),
                WorkbookProblem(row=2, column="mark", message="Dấu phải là A, B hoặc C"),
                WorkbookProblem(row=2, column="mark", message="Dấu không hợp lệ"),
                WorkbookProblem(row=1, column="number", message="Sai tên cột"),
                WorkbookProblem(row=7, column="", message="Dòng trống ở giữa"),
            ),
        )
    )
    sheet = first(data)
    wrong = {cell.coordinate for row in sheet for cell in row if cell.fill.fgColor.rgb == "FFF8D7DA"}
    assert wrong == {"C1", "B2", "A3", "A7"}
    assert sheet["B2"].comment.text == "Dấu phải là A, B hoặc C\nDấu không hợp lệ"
    assert sheet["A3"].comment.text == "Thiếu nơi nhận"
    assert (sheet["C2"].value, sheet["C2"].data_type, sheet["C3"].value) == ("=HYPERLINK(1)", "s", "007")
    assert sheet.max_column == len(COLUMNS), "the corrected sheet must be uploadable as it is"
    listed = [[cell.value for cell in row] for row in opened(data).worksheets[1].iter_rows(min_row=2)]
    assert listed[0] == ["1", "Số tài liệu", "Sai tên cột"]
    assert [row[0] for row in listed] == ["1", "2", "2", "3", "7"]


def test_a_list_keeps_its_heading_above_a_header_that_filters() -> None:
    sheet = first(
        render_list(
            ListExport(sheet="a/b:c", columns=COLUMNS, rows=(("x", "A", "1"),), heading=("Bắc Ninh", "=1"))
        )
    )
    assert (sheet["A1"].value, sheet["A2"].value, sheet["A2"].data_type) == ("Bắc Ninh", "=1", "s")
    assert (sheet["A4"].value, sheet["A5"].value) == ("Nơi nhận", "x")
    assert sheet.auto_filter.ref == "A4:C5"
    assert sheet.freeze_panes == "A5"
    assert not set(sheet.title) & set("[]:*?/\\")


def test_the_same_data_gives_the_same_bytes_and_no_clock_is_read() -> None:
    data = render_import_template(TEMPLATE)
    assert data == render_import_template(TEMPLATE)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        times = re.findall(rb"dcterms:\w+ [^>]*>([^<]*)<", archive.read("docProps/core.xml"))
    assert set(times) == {b"2026-01-01T00:00:00Z"}


def test_two_sheets_of_one_name_are_told_apart() -> None:
    template = ImportTemplate(sheet="A" * 40, columns=COLUMNS, guide_sheet="a" * 40)
    names = opened(render_import_template(template)).sheetnames
    assert len({name.casefold() for name in names}) == 2


def test_what_a_workbook_cannot_hold_is_refused_and_never_left_out() -> None:
    with pytest.raises(InvalidReportData, match="cell"):
        exported(["x" * 32_768])
    with pytest.raises(InvalidReportData, match="row"):
        WorkbookProblem(row=0, column="", message="")
