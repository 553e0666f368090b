"""An import as a page and as workbooks: the template, the preview with coloured cells, the error workbook.

Words only: what is wrong was found by the services. It must never read a file.
"""

from dataclasses import dataclass
from typing import Final

from app.domain.errors import Problem
from app.http.i18n import words
from app.services.intake.columns import COLUMNS, Reading
from app.services.intake.preview import Preview, PreviewRow
from app.web.forms import field_label
from app.web.translate import _
from reports.model import ErrorWorkbook, ImportTemplate, ProblemTexts, WorkbookColumn, WorkbookProblem
from reports.workbook import render_error_workbook, render_import_template

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN_ROWS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCell:
    """One cell of the preview and what is wrong with it, "" for nothing."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProblem:
    """One line of the list of mistakes."""

    row: int | None
    column: str
    text: str


def preview_page(found: Preview, content: str) -> dict[str, object]:
    """Describe a preview for its page; `content` is the file, carried along in base64."""
    return {
        "good": found.creates,
        "bad": found.skips,
        "problems": [_shown(problem) for problem in found.problems],
        "columns": [column.heading for column in COLUMNS],
        "rows": [_row(row) for row in found.rows[:_SHOWN_ROWS]],
        "hidden_rows": max(0, len(found.rows) - _SHOWN_ROWS),
        "content": content,
        "filename": found.file_name,
        "may_confirm": found.creates > 0 and not found.file_problems,
        "is_partial": found.skips > 0,
        "repeats": [(row.number, row.repeats) for row in found.rows if row.repeats is not None],
    }


def import_template() -> bytes:
    """Make the template, with the one example that the columns give."""
    guide = (
        _("Mỗi dòng là một bưu gửi. Không đổi tên cột; được đổi thứ tự cột."),
        _("Mọi ô ở dạng chữ: mã 07210 phải còn đủ số 0 ở đầu."),
        _("Tuyệt mật (A): để trống cột Trích yếu."),
        _("Ngày ghi ngày/tháng/năm; giờ hẹn ghi ngày/tháng/năm giờ:phút."),
        _("Xóa dòng ví dụ trước khi gửi."),
    )
    example = tuple(column.example for column in COLUMNS)
    template = ImportTemplate(
        sheet=_("Bưu gửi"), columns=_columns(), guide_sheet=_("Hướng dẫn"), guide=guide, examples=(example,)
    )
    return render_import_template(template)


def error_workbook(found: Preview) -> bytes:
    """Give the list back with its mistakes; it can be corrected and sent again."""
    known = {column.field for column in COLUMNS}
    lines = {row.number: place for place, row in enumerate(found.rows, start=2)}
    problems = tuple(
        WorkbookProblem(
            row=lines.get(problem.row or 1, 1),
            column=problem.field if problem.field in known else "",
            message=_text(problem),
        )
        for problem in found.problems
    )
    texts = ProblemTexts(sheet=_("Lỗi"), row=_("Dòng"), column=_("Cột"))
    rows = tuple(row.cells for row in found.rows)
    return render_error_workbook(
        ErrorWorkbook(sheet=_("Bưu gửi"), columns=_columns(), rows=rows, problems=problems, texts=texts)
    )


def _columns() -> tuple[WorkbookColumn, ...]:
    return tuple(
        WorkbookColumn(
            key=column.field,
            header=column.heading,
            width=max(16, len(column.heading) + 2),
            required=column.required,
            choices=(_("có"), _("không")) if column.reading is Reading.YES_NO else (),
        )
        for column in COLUMNS
    )


def _row(row: PreviewRow) -> dict[str, object]:
    wrong = {problem.field: _text(problem) for problem in row.problems}
    cells = [
        ShownCell(value=value, text=wrong.get(column.field, ""))
        for column, value in zip(COLUMNS, row.cells, strict=True)
    ]
    return {"number": row.number, "cells": cells}


def _shown(problem: Problem) -> ShownProblem:
    column = field_label(problem.field)
    if problem.column:
        column = f"{problem.column} · {column}"
    return ShownProblem(row=problem.row, column=column, text=_text(problem))


def _text(problem: Problem) -> str:
    return words(f"problem.{problem.code}", **problem.params)
