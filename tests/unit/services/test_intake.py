"""Lists from spreadsheets, good and bad: every fault has its row, column, code and value."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import openpyxl
import pytest

from app.domain.errors import InvalidInput
from app.domain.ids import UnitId
from app.services.intake.columns import COLUMNS, fold_heading
from app.services.intake.preview import Preview, read_list
from app.services.intake.table import Limits, column_letter

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
UNITS = {"07210": UnitId(2), "09169": UnitId(3)}
HEADINGS = [
    "Mã cơ quan nhận",
    "Độ mật",
    "Số, ký hiệu tài liệu",
    "Ngày tháng tài liệu",
    "Số bì",
    "Khối lượng (g)",
]
GOOD: list[object] = ["07210", "C", "05/BC-SKHCN", "05/02/2026", 1, 250]

Edit = Callable[[openpyxl.worksheet.worksheet.Worksheet], None]


def workbook(rows: Sequence[Sequence[object]], edit: Edit | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if edit:
        edit(sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(file: bytes, **limits: int) -> Preview:
    return read_list(file, "list.xlsx", units=UNITS, sender_unit=UnitId(1), now=NOW, limits=Limits(**limits))


def faults(preview: Preview) -> set[tuple[int | None, str | None, str, str]]:
    return {(one.row, one.column, one.field, str(one.code)) for one in preview.problems}


def one_bad(index: int, value: object) -> set[tuple[int | None, str | None, str, str]]:
    bad = [*GOOD]
    bad[index] = value
    preview = read(workbook([HEADINGS, GOOD, bad]))
    assert (preview.creates, preview.skips) == (1, 1)
    return faults(preview)


def code_of(file: bytes, **limits: int) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(file, **limits)
    assert caught.value.problems[0].field == "file"
    return str(caught.value.problems[0].code)


def test_a_good_list_says_how_many_it_would_create() -> None:
    preview = read(
        workbook(
            [
                HEADINGS,
                *[[*GOOD[:2], f"{n}/BC", *GOOD[3:]] for n in range(48)],
                ["x", *GOOD[1:]],
                [None],
                ["07210", "E"],
            ]
        )
    )
    assert (preview.creates, preview.skips) == (48, 2)
    assert preview.rows[0].registration is not None
    assert preview.rows[0].registration.recipient_unit == 2
    assert len(preview.digest) == 64
    assert preview.rows[49].number == 52  # the empty row keeps its number


@pytest.mark.parametrize(
    ("index", "value", "column", "field", "code"),
    [
        (0, 7210, "A", "recipient_unit", "leading_zeros_lost"),
        (0, "7210", "A", "recipient_unit", "leading_zeros_lost"),
        (0, "00000", "A", "recipient_unit", "unknown_unit"),
        (0, "=A2", "A", "recipient_unit", "formula"),
        (1, "=1+1", "B", "secrecy", "formula"),
        (1, "Z", "B", "secrecy", "not_a_choice"),
        (2, 5, "C", "document_numbers", "stored_as_number"),
        (2, datetime(2026, 12, 5), "C", "document_numbers", "stored_as_number"),  # noqa: DTZ001  # Excel has no zones
        (2, unicodedata.normalize("NFD", "05/BÁO"), "C", "document_numbers", "not_nfc"),
        (2, "05\u200b/BC", "C", "document_numbers", "control_character"),
        (3, 46058, "D", "document_date", "not_a_date"),
        (3, "30/02/2026", "D", "document_date", "not_a_date"),
        (4, 1.5, "E", "pieces", "not_a_number"),
        (4, 0, "E", "pieces", "out_of_range"),
        (5, None, "F", "weight_g", "required"),
        (5, "heavy", "F", "weight_g", "not_a_number"),
        (5, "#REF!", "F", "weight_g", "cell_fault"),
    ],
)
def test_each_bad_cell_is_named(index: int, value: object, column: str, field: str, code: str) -> None:
    assert one_bad(index, value) == {(3, column, field, code)}


def test_the_offending_value_is_shown() -> None:
    preview = read(workbook([HEADINGS, ["7210", *GOOD[1:]]]))
    assert preview.problems[0].params == {"expected": "07210", "value": "7210"}


def test_a_seal_with_vietnamese_letters_is_named_in_a_list_too() -> None:
    preview = read(workbook([[*HEADINGS, "Số niêm phong"], [*GOOD, "NP-ĐỎ"]]))
    assert faults(preview) == {(2, "G", "seal", "seal_not_plain")}


def test_a_real_date_cell_is_a_date() -> None:
    row = [*GOOD]
    row[3] = datetime(2026, 2, 5)  # noqa: DTZ001  # Excel has no zones
    registration = read(workbook([HEADINGS, row])).rows[0].registration
    assert registration is not None
    assert str(registration.document_date) == "2026-02-05"


def test_the_top_secret_grade_takes_no_abstract_from_a_list() -> None:
    headings = ["Mã cơ quan nhận", "Độ mật", "Trích yếu", "Bì trong", "Khối lượng (g)"]
    preview = read(
        workbook([headings, ["07210", "A", "Về việc ...", "x", 100], ["07210", "A", None, "x", 100]])
    )
    assert faults(preview) == {(2, "C", "abstract", "abstract_forbidden")}
    assert preview.creates == 1


def test_merged_cells_stop_the_list() -> None:
    preview = read(workbook([HEADINGS, GOOD, GOOD], lambda sheet: sheet.merge_cells("B2:B3")))
    assert faults(preview) == {(2, "B", "sheet", "merged_cells")}
    assert preview.problems[0].params == {"value": "B2:B3"}
    assert preview.rows == ()


def test_wrong_columns_stop_the_list() -> None:
    preview = read(workbook([["Mã cơ quan nhận", "Màu sắc", "Độ mật", "do mat"], GOOD]))
    assert {(one.column, one.code, one.params["value"]) for one in preview.problems} == {
        ("B", "unknown_column", "Màu sắc"),
        ("D", "repeated_column", "do mat"),
    }
    missing = read(workbook([["Độ mật"], ["C"]]))
    assert [one.code for one in missing.problems] == ["missing_column"]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.field)
def test_headings_match_with_and_without_tone_marks(column: object) -> None:
    for name in (column.heading, *column.aliases):  # type: ignore[attr-defined]  # parametrize erases the type
        for spelling in (name, name.upper(), unicodedata.normalize("NFD", name), fold_heading(name)):
            table = [["Mã cơ quan nhận", spelling] if column is not COLUMNS[0] else [spelling], ["07210"]]
            assert read(workbook(table)).file_problems == (), spelling


def test_no_two_columns_share_a_heading() -> None:
    names = [
        fold_heading(name) for column in COLUMNS for name in {column.heading, column.field, *column.aliases}
    ]
    folded = {
        column.field: {fold_heading(name) for name in (column.heading, column.field, *column.aliases)}
        for column in COLUMNS
    }
    assert sum(len(one) for one in folded.values()) == len(set(names))


def test_a_value_outside_the_columns_is_not_lost() -> None:
    assert faults(read(workbook([HEADINGS, [*GOOD, None, "note"]]))) == {(2, "H", "row", "outside_columns")}


def test_the_same_document_to_the_same_recipient_is_a_warning() -> None:
    preview = read(workbook([HEADINGS, GOOD, [*GOOD[:2], "05 / bc-skhcn", *GOOD[3:]], ["09169", *GOOD[1:]]]))
    assert [row.repeats for row in preview.rows] == [None, 2, None]
    assert preview.creates == 3


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t")])
def test_csv_reads_like_a_workbook(encoding: str, delimiter: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([HEADINGS, GOOD, ["7210", *GOOD[1:]]])
    preview = read(text.getvalue().encode(encoding))
    assert preview.creates == 1
    assert faults(preview) == {(3, "A", "recipient_unit", "leading_zeros_lost")}


def test_files_that_cannot_be_read_at_all() -> None:
    assert code_of(b"") == "empty_file"
    assert code_of("Mã cơ quan nhận\n".encode("cp1258", errors="replace") + b"\xff") == "not_utf8"
    assert code_of(b"\xd0\xcf\x11\xe0old excel") == "not_a_workbook"
    assert code_of(b"PK\x03\x04 nonsense") == "damaged_file"
    assert code_of(b'a,b\n"unclosed') == "damaged_file"
    assert code_of(b"a,\x00b\n") == "damaged_file"
    assert code_of(workbook([HEADINGS])[:-40]) == "damaged_file"
    assert code_of(workbook([])) == "empty_file"


def test_limits_of_size_and_rows() -> None:
    good = workbook([HEADINGS, GOOD, GOOD])
    assert code_of(good, file_bytes=100) == "too_large"
    assert code_of(good, rows=1) == "too_many_rows"
    assert code_of(good, members=2) == "too_large"
    assert code_of(good, unpacked_bytes=500) == "too_large"
    assert code_of(good, columns=3) == "too_many_columns"
    assert code_of(workbook([HEADINGS, ["x" * 5000]])) == "too_long"


def rebuilt(file: bytes, **changes: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.pop(name, old.read(name)))
        for name, data in changes.items():
            new.writestr(name, data)
    return stream.getvalue()


def test_hostile_archives_are_refused_before_any_library_opens_them() -> None:
    good = workbook([HEADINGS, GOOD])
    sheet = "xl/worksheets/sheet1.xml"
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'
    assert code_of(rebuilt(good, **{sheet: laughs})) == "damaged_file"
    assert code_of(rebuilt(good, **{sheet: laughs.decode().encode("utf-16")})) == "damaged_file"
    assert code_of(rebuilt(good, **{"xl/media/zeros.bin": bytes(70_000_000)})) == "too_large"
    assert code_of(rebuilt(good, **{"xl/vbaProject.bin": b"x"})) == "active_content"
    assert code_of(rebuilt(good, **{"xl/externalLinks/externalLink1.xml": b"<x/>"})) == "active_content"
    assert code_of(rebuilt(good, **{"../evil.xml": b"<x/>"})) == "damaged_file"
    assert code_of(rebuilt(good, **{sheet: b"<worksheet><sheetData><row"})) == "damaged_file"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("hello.txt", "x")
    assert code_of(other.getvalue()) == "not_a_workbook"


def test_a_row_number_of_a_billion_costs_nothing() -> None:
    first = b'<row r="1"><c r="A1" t="inlineStr"><is><t>Do mat</t></is></c></row>'
    last = b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>'
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    data = b"<worksheet " + space + b"><sheetData>" + first + last + b"</sheetData></worksheet>"
    assert code_of(rebuilt(workbook([HEADINGS]), **{"xl/worksheets/sheet1.xml": data})) == "too_many_rows"


SPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"


def sheet_of(rows: bytes, rest: bytes = b"") -> bytes:
    heading = b'<row r="1"><c r="A1" t="inlineStr"><is><t>Do mat</t></is></c></row>'
    return (
        b"<worksheet " + SPACE + b"><sheetData>" + heading + rows + b"</sheetData>" + rest + b"</worksheet>"
    )


def test_five_megabytes_of_unfinished_merged_cells_are_looked_at_once() -> None:
    good = workbook([HEADINGS])
    unfinished = b"<mergeCell " * (5_000_000 // 11)
    assert code_of(rebuilt(good, **{SHEET: sheet_of(b"", b"<mergeCells>" + unfinished)})) == "damaged_file"
    attributes = b"<mergeCell " + b"".join(b'a%d="" ' % n for n in range(20_000)) + b"/>"
    assert code_of(rebuilt(good, **{SHEET: sheet_of(b"", attributes)})) == "damaged_file"


def test_a_file_of_nothing_but_tags_is_too_large_before_it_is_parsed() -> None:
    tags = sheet_of(b"<row>" + b"<c/>" * 2_000_000 + b"</row>")
    assert code_of(rebuilt(workbook([HEADINGS]), **{SHEET: tags})) == "too_large"


def test_wide_empty_rows_make_no_cells() -> None:
    wide = b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (n, n) for n in range(2, 9_000))
    preview = read(rebuilt(workbook([HEADINGS]), **{SHEET: sheet_of(wide)}))
    assert preview.rows == ()
    assert code_of(rebuilt(workbook([HEADINGS]), **{SHEET: sheet_of(wide)}), rows=100) == "too_many_rows"


def test_a_value_far_to_the_right_is_not_lost() -> None:
    for row in (
        b'<row r="2"><c r="XFD2"><v>1</v></c></row>',
        b"<row>" + b"<c/>" * 64 + b"<c><v>1</v></c></row>",
    ):
        assert code_of(rebuilt(workbook([HEADINGS]), **{SHEET: sheet_of(row)})) == "too_many_columns"


def test_a_declaration_is_found_in_a_part_of_any_name() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'
    for name in ("xl/media/picture.png", "xl/sheet.data", "customXml/item1"):
        assert code_of(rebuilt(workbook([HEADINGS, GOOD]), **{name: laughs})) == "damaged_file"
        assert code_of(rebuilt(workbook([HEADINGS, GOOD]), **{name: laughs.decode().encode("utf-16")})) == (
            "damaged_file"
        )


def test_column_letters() -> None:
    assert [column_letter(index) for index in (0, 25, 26, 51, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "ZZ",
        "AAA",
    ]
