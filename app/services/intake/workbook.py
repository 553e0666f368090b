"""Reads the first sheet of an XLSX file into a Table.

Opens nothing that `container.verify_archive` has not passed. Never computes a formula and never uses a
formula's remembered result: the list would then say something nobody typed.
"""

import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Protocol

import openpyxl

from app.domain.errors import ProblemCode
from app.services.intake.container import UnreadableFile, verify_archive
from app.services.intake.survey import survey_sheet
from app.services.intake.table import EMPTY, Cell, CellKind, Limits, Row, Table, text_cell

# A sheet whose rows are only styled far below the list is normal; one that claims a million is not.
_EMPTY_ROWS_FACTOR = 5
_UNUSABLE = {"f": CellKind.FORMULA, "e": CellKind.FAULT}


class _LibraryCell(Protocol):
    """The two attributes of openpyxl's read-only cells that we use."""

    @property
    def value(self) -> object: ...

    @property
    def data_type(self) -> str: ...


class _LibrarySheet(Protocol):
    """The part of openpyxl's read-only worksheet that we use."""

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, max_col: int) -> Iterator[tuple[_LibraryCell, ...]]: ...


def read_workbook(untrusted_file: bytes, limits: Limits) -> Table:
    """Return the first sheet. Raises UnreadableFile with the code of what stands in the way."""
    verify_archive(untrusted_file, limits)
    try:
        with warnings.catch_warnings():
            # openpyxl warns about styles and validations, which carry nothing we read.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(untrusted_file), read_only=True, keep_links=False)
            try:
                sheet = book.worksheets[0]
                part = str(sheet._worksheet_path)  # noqa: SLF001 - no public name
                return _read_sheet(sheet, survey_sheet(untrusted_file, part, limits), limits)
            finally:
                book.close()
    except UnreadableFile:
        raise
    except Exception as error:
        # A hostile file can make the library fail in any way; none of them may cross this border raw.
        raise UnreadableFile(ProblemCode.DAMAGED_FILE) from error


def _read_sheet(sheet: _LibrarySheet, merged: tuple[str, ...], limits: Limits) -> Table:
    # The sheet's own statement of its size is untrusted and often wrong; it would cut the list silently.
    sheet.reset_dimensions()
    rows: list[Row] = []
    # One place far to the right in a row makes the library invent a cell for every column before it, and what
    # stands there was found by the survey.
    for number, cells in enumerate(sheet.iter_rows(max_col=limits.columns + 1), start=1):
        if number > limits.rows * _EMPTY_ROWS_FACTOR:
            raise UnreadableFile(ProblemCode.TOO_MANY_ROWS)
        row = Row(number=number, cells=_trim([_read_cell(cell, limits) for cell in cells]))
        if row.is_empty:
            continue
        if len(row.cells) > limits.columns:
            raise UnreadableFile(ProblemCode.TOO_MANY_COLUMNS)
        rows.append(row)
        if len(rows) > limits.rows + 1:
            raise UnreadableFile(ProblemCode.TOO_MANY_ROWS)
    if not rows:
        raise UnreadableFile(ProblemCode.EMPTY_FILE)
    return Table(header=rows[0], rows=tuple(rows[1:]), merged=merged)


def _trim(cells: list[Cell]) -> tuple[Cell, ...]:
    while cells and cells[-1].kind is CellKind.EMPTY:
        cells.pop()
    return tuple(cells)


def _read_cell(cell: _LibraryCell, limits: Limits) -> Cell:
    if cell.data_type in _UNUSABLE:
        return Cell(kind=_UNUSABLE[cell.data_type], text=str(cell.value)[:80])
    if isinstance(cell.value, str):
        if len(cell.value) > limits.cell_chars:
            raise UnreadableFile(ProblemCode.TOO_LONG)
        return text_cell(cell.value)
    return _read_value(cell.value)


def _read_value(value: object) -> Cell:
    """Read a cell that is not text; a bare hour counts as a number, which no date column takes."""
    match value:
        case None:
            return EMPTY
        case bool():
            return Cell(kind=CellKind.TRUTH, text="1" if value else "0")
        case float() if value.is_integer():
            return Cell(kind=CellKind.NUMBER, text=str(int(value)))
        case datetime() | date():
            day = (
                value.replace(tzinfo=None) if isinstance(value, datetime) else datetime.combine(value, time())
            )
            return Cell(kind=CellKind.MOMENT, text=f"{day:%d/%m/%Y %H:%M}", moment=day)
        case _:
            return Cell(kind=CellKind.NUMBER, text=str(value)[:80])
