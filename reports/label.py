"""Labels: one to a page of A6, eight to a sheet of A4, the inner envelope's, and the printer test page.

The same data gives the same bytes. These functions never decide what may be printed: the classes of
`model` cannot hold a class word or a person's name, and whoever fills them checks who may print.
"""

from collections.abc import Sequence

from reports.errors import InvalidReportData
from reports.label_face import A6, SHEET_CELL, draw_face
from reports.label_inner import draw_inner
from reports.label_test_page import draw_test_page
from reports.model import InnerLabelData, LabelData, PrinterOffset
from reports.pen import Pen

A6_WIDTH, A6_HEIGHT = 105.0, 148.0
A4_WIDTH, A4_HEIGHT = 210.0, 297.0
SHEET_COLUMNS, SHEET_ROWS = 2, 4
CELL_WIDTH, CELL_HEIGHT = A4_WIDTH / SHEET_COLUMNS, A4_HEIGHT / SHEET_ROWS
LABELS_ON_SHEET = SHEET_COLUMNS * SHEET_ROWS

_NO_OFFSET = PrinterOffset()


def render_label(labels: Sequence[LabelData], *, offset: PrinterOffset = _NO_OFFSET) -> bytes:
    """Return a PDF with one A6 page for each label."""
    _at_least_one(labels)
    pen = Pen(width=A6_WIDTH, height=A6_HEIGHT, title=_title(labels))
    for data in labels:
        pen.move_to(offset.x_mm, offset.y_mm)
        draw_face(pen, A6, data)
        pen.next_page()
    return pen.finish()


def render_sheet(
    labels: Sequence[LabelData], *, start_at: int = 1, offset: PrinterOffset = _NO_OFFSET
) -> bytes:
    """Return A4 pages of eight labels, the first in place `start_at` (1 to 8, row by row) of a used sheet."""
    _at_least_one(labels)
    if not 1 <= start_at <= LABELS_ON_SHEET:
        raise InvalidReportData("start_at", f"must be between 1 and {LABELS_ON_SHEET}")
    pen = Pen(width=A4_WIDTH, height=A4_HEIGHT, title=_title(labels))
    for number, data in enumerate(labels, start=start_at - 1):
        place = number % LABELS_ON_SHEET
        if place == 0 and number >= LABELS_ON_SHEET:
            pen.next_page()
        left, top = cell_corner(place)
        pen.move_to(left + offset.x_mm, top + offset.y_mm)
        draw_face(pen, SHEET_CELL, data)
    pen.next_page()
    return pen.finish()


def render_inner_label(labels: Sequence[InnerLabelData], *, offset: PrinterOffset = _NO_OFFSET) -> bytes:
    """Return a PDF with one A6 page for the inner envelope of each item."""
    _at_least_one(labels)
    pen = Pen(width=A6_WIDTH, height=A6_HEIGHT, title=_title(labels))
    for data in labels:
        pen.move_to(offset.x_mm, offset.y_mm)
        draw_inner(pen, data)
        pen.next_page()
    return pen.finish()


def render_test_page(*, offset: PrinterOffset = _NO_OFFSET) -> bytes:
    """Return the A4 page that shows where a printer puts a millimetre and how small a symbol it prints."""
    pen = Pen(width=A4_WIDTH, height=A4_HEIGHT, title="KT1: trang thử máy in nhãn")
    draw_test_page(pen, offset, tuple(cell_corner(place) for place in range(LABELS_ON_SHEET)))
    pen.next_page()
    return pen.finish()


def cell_corner(place: int) -> tuple[float, float]:
    """Return the top left corner of a place of the sheet (0 to 7), in millimetres."""
    row, column = divmod(place, SHEET_COLUMNS)
    return column * CELL_WIDTH, row * CELL_HEIGHT


def _at_least_one(labels: Sequence[LabelData | InnerLabelData]) -> None:
    if not labels:
        raise InvalidReportData("labels", "must hold at least one label")


def _title(labels: Sequence[LabelData | InnerLabelData]) -> str:
    return f"Nhãn KT1 {labels[0].code}" if len(labels) == 1 else f"Nhãn KT1 ({len(labels)})"
