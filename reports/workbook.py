"""XLSX workbooks: the import template, an upload with its mistakes coloured in, and the export of a list.

Every cell is written as text: codes keep their leading zeros, and nothing a person typed can become a
formula, a link or a number. The same data gives the same bytes. It must never read a workbook and never
write a cell through a function that guesses its type.
"""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.errors import InvalidReportData
from reports.model import ErrorWorkbook, ImportTemplate, ListExport, WorkbookColumn, WorkbookProblem

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_CELL = 32_767
TEMPLATE_ROWS = 1_000

# A workbook carries its making time; a fixed one keeps the bytes equal for equal data.
_MADE_AT = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_DANGEROUS_STARTS = tuple("=+-@\t\r\n")
_SHEET_NAME_LIMIT = 31
_NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Formats:
    header: Format
    required: Format
    text: Format
    quoted: Format
    wrong: Format
    wrong_quoted: Format
    plain: Format
    heading: Format


def render_import_template(template: ImportTemplate) -> bytes:
    """Return an empty workbook: headers with notes, drop-down choices, text cells, the rules in words."""
    book = _Book()
    sheet = book.sheet(template.sheet)
    _header(sheet, template.columns, book.formats, row=0)
    for number, column in enumerate(template.columns):
        if column.choices:
            rule = {"validate": "list", "source": list(column.choices), "ignore_blank": not column.required}
            _check(sheet.data_validation(1, number, TEMPLATE_ROWS, number, rule))
    for row, example in enumerate(template.examples, start=1):
        _row(sheet, row, example, book.formats)
    guide = book.sheet(template.guide_sheet)
    guide.set_column(0, 0, 110, book.formats.plain)
    for row, line in enumerate(template.guide):
        _text(guide, (row, 0), line, book.formats.plain)
    return book.finish()


def render_error_workbook(data: ErrorWorkbook) -> bytes:
    """Return the upload again: wrong cells red with a comment, and a second sheet that lists every problem.

    The first sheet keeps the template's columns only, so it can be corrected and sent back as it is.
    """
    book = _Book()
    sheet = book.sheet(data.sheet)
    _header(sheet, data.columns, book.formats, row=0)
    wrong = _by_cell(data)
    wrong_in: dict[int, set[int]] = {}
    for row, column in wrong:
        wrong_in.setdefault(row, set()).add(column)
    for column in wrong_in.pop(0, ()):
        header = data.columns[column].header if data.columns else ""
        _text(sheet, (0, column), header, book.formats.wrong)
    for number, values in enumerate(data.rows, start=1):
        _row(sheet, number, values, book.formats, wrong=wrong_in.pop(number, None))
    for number, columns in wrong_in.items():
        _row(sheet, number, (), book.formats, wrong=columns)
    for (row, column), messages in wrong.items():
        options = {"author": "KT1", "width": 260, "height": 24 + 18 * min(len(messages) * 2, 10)}
        _check(sheet.write_comment(row, column, _cell_text("\n".join(messages)), options))
    _problem_list(book, data)
    return book.finish()


def render_list(export: ListExport) -> bytes:
    """Return a list as a workbook: heading lines, a header row that stays in sight and filters, the rows."""
    book = _Book()
    sheet = book.sheet(export.sheet)
    for row, line in enumerate(export.heading):
        _text(sheet, (row, 0), line, book.formats.heading)
    top = len(export.heading) + 1 if export.heading else 0
    _header(sheet, export.columns, book.formats, row=top)
    for number, values in enumerate(export.rows, start=top + 1):
        _row(sheet, number, values, book.formats)
    if export.columns:
        sheet.autofilter(top, 0, top + len(export.rows), len(export.columns) - 1)
    return book.finish()


class _Book:
    """One workbook in memory, closed against every kind of guessing."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._names: set[str] = set()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        self._workbook = xlsxwriter.Workbook(self._buffer, options)
        self._workbook.set_properties({"author": "KT1", "created": _MADE_AT})
        self.formats = self._make_formats()

    def sheet(self, name: str) -> Worksheet:
        cleaned = _cell_text(name).translate(_NOT_IN_SHEET_NAMES).strip()[:_SHEET_NAME_LIMIT]
        name = cleaned or "KT1"
        if name.casefold() in self._names:
            name = f"{name[: _SHEET_NAME_LIMIT - 3]} {len(self._names) + 1}"
        self._names.add(name.casefold())
        return self._workbook.add_worksheet(name)

    def finish(self) -> bytes:
        self._workbook.close()
        return self._buffer.getvalue()

    def _make_formats(self) -> _Formats:
        # "@" is the text format: what a person types into such a cell later stays text as well.
        text = {"num_format": "@", "valign": "top"}
        wrong = {**text, "bg_color": "#F8D7DA", "border": 1, "border_color": "#B02A37"}
        head = {**text, "bold": True, "text_wrap": True, "bottom": 1}
        make = self._workbook.add_format
        return _Formats(
            header=make({**head, "bg_color": "#E9ECEF"}),
            required=make({**head, "bg_color": "#FFE69C"}),
            text=make(text),
            quoted=make({**text, "quote_prefix": True}),
            wrong=make(wrong),
            wrong_quoted=make({**wrong, "quote_prefix": True}),
            plain=make({**text, "text_wrap": True}),
            heading=make({**text, "bold": True}),
        )


def _header(sheet: Worksheet, columns: tuple[WorkbookColumn, ...], formats: _Formats, *, row: int) -> None:
    _within("columns", len(columns), MAX_COLUMNS)
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width, formats.text)
        style = formats.required if column.required else formats.header
        _text(sheet, (row, number), column.header, style)
        if column.note:
            options = {"author": "KT1", "width": 280, "height": 90}
            _check(sheet.write_comment(row, number, _cell_text(column.note), options))
    sheet.freeze_panes(row + 1, 0)


def _row(
    sheet: Worksheet, row: int, values: Sequence[str], formats: _Formats, *, wrong: set[int] | None = None
) -> None:
    _within("rows", row + 1, MAX_ROWS)
    width = max(len(values), max(wrong, default=-1) + 1 if wrong else 0)
    for column in range(width):
        value = values[column] if column < len(values) else ""
        # The quote prefix is what a person types as ': it survives editing and saving as CSV in Excel.
        dangerous = value.startswith(_DANGEROUS_STARTS)
        if wrong and column in wrong:
            style = formats.wrong_quoted if dangerous else formats.wrong
        else:
            style = formats.quoted if dangerous else formats.text
        _text(sheet, (row, column), value, style)


def _text(sheet: Worksheet, place: tuple[int, int], value: str, style: Format) -> None:
    _check(sheet.write_string(*place, _cell_text(value), style))


def _cell_text(value: str) -> str:
    """Return text XML and Excel can hold: NFC, no lone surrogates, no control characters but line breaks."""
    composed = unicodedata.normalize("NFC", value.encode("utf-8", "replace").decode("utf-8"))
    kept = "".join(char if char >= " " or char in "\n\t" else " " for char in composed)
    _within("cell", len(kept.encode("utf-16-le")) // 2, MAX_CELL)
    return kept.replace("\ufffe", "?").replace("\uffff", "?")


def _by_cell(data: ErrorWorkbook) -> dict[tuple[int, int], list[str]]:
    """Group problems by sheet cell, counted from 0; a problem of a whole row points at its first cell."""
    places = {column.key: number for number, column in enumerate(data.columns)}
    grouped: dict[tuple[int, int], list[str]] = {}
    for problem in data.problems:
        grouped.setdefault((problem.row - 1, places.get(problem.column, 0)), []).append(problem.message)
    return grouped


def _problem_list(book: _Book, data: ErrorWorkbook) -> None:
    sheet = book.sheet(data.texts.sheet)
    columns = (
        WorkbookColumn(key="row", header=data.texts.row, width=8),
        WorkbookColumn(key="column", header=data.texts.column, width=28),
        WorkbookColumn(key="message", header=data.texts.message, width=80),
    )
    _header(sheet, columns, book.formats, row=0)
    headers = {column.key: column.header for column in data.columns}
    for number, problem in enumerate(sorted(data.problems, key=_reading_order), start=1):
        values = (str(problem.row), headers.get(problem.column, problem.column), problem.message)
        _row(sheet, number, values, book.formats)


def _reading_order(problem: WorkbookProblem) -> int:
    return problem.row


def _within(field: str, number: int, limit: int) -> None:
    if number > limit:
        raise InvalidReportData(field, f"a workbook holds at most {limit}")


def _check(result: int) -> None:
    """Turn a silent refusal of the library into an error: a cell must never be missing unnoticed."""
    if result != 0:
        raise InvalidReportData("cell", "the workbook refused a cell")
