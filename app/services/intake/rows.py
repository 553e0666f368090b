"""Turns the cells of one row into the untrusted fields of the registration form.

The spreadsheet's own idea of a value is distrusted where it destroys information: a number in a column of
identifiers has lost its leading zeros, a date there was once `5/12`. Never repairs either; says where it is.
"""

from app.domain.errors import Problem, ProblemCode
from app.services.intake.columns import Column, Mapping, Reading
from app.services.intake.table import Cell, CellKind, Row, column_letter

_SHOWN = 80


def read_row(row: Row, mapping: Mapping) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Return the fields of one row as text and what was wrong with its cells; both name the same fields."""
    untrusted: dict[str, str] = {}
    problems: list[Problem] = []
    for index, cell in enumerate(row.cells):
        if cell.kind is CellKind.EMPTY:
            continue
        column = mapping.places[index] if index < len(mapping.places) else None
        code = ProblemCode.OUTSIDE_COLUMNS if column is None else _find_cell_problem(cell, column)
        if code is not None:
            problems.append(
                Problem(
                    field=column.field if column else "row",
                    code=code,
                    row=row.number,
                    column=column_letter(index),
                    params={"value": cell.text[:_SHOWN]},
                )
            )
        if column is not None and cell.kind not in {CellKind.FORMULA, CellKind.FAULT}:
            untrusted[column.field] = _as_text(cell, column)
    return untrusted, tuple(problems)


def place_problem(problem: Problem, row: Row, mapping: Mapping) -> Problem:
    """Add row, column and the offending value to a problem that the form's parser found."""
    fields = [column.field if column else "" for column in mapping.places]
    index = fields.index(problem.field) if problem.field in fields else None
    value = row.cells[index].text[:_SHOWN] if index is not None and index < len(row.cells) else ""
    return Problem(
        field=problem.field,
        code=problem.code,
        row=row.number,
        column=None if index is None else column_letter(index),
        params={**problem.params, "value": value},
    )


# What a cell that is not text says about the column it stands in; pairs that are not listed are fine.
_MISFITS: dict[tuple[Reading, CellKind], ProblemCode] = {
    (Reading.TEXT, CellKind.NUMBER): ProblemCode.STORED_AS_NUMBER,
    (Reading.TEXT, CellKind.MOMENT): ProblemCode.STORED_AS_NUMBER,
    (Reading.TEXT, CellKind.TRUTH): ProblemCode.STORED_AS_NUMBER,
    (Reading.COUNT, CellKind.MOMENT): ProblemCode.NOT_A_NUMBER,
    (Reading.COUNT, CellKind.TRUTH): ProblemCode.NOT_A_NUMBER,
    (Reading.YES_NO, CellKind.MOMENT): ProblemCode.NOT_A_CHOICE,
    (Reading.DAY, CellKind.NUMBER): ProblemCode.NOT_A_DATE,
    (Reading.DAY, CellKind.TRUTH): ProblemCode.NOT_A_DATE,
    (Reading.MOMENT, CellKind.NUMBER): ProblemCode.NOT_A_TIME,
    (Reading.MOMENT, CellKind.TRUTH): ProblemCode.NOT_A_TIME,
}
_UNUSABLE = {CellKind.FORMULA: ProblemCode.FORMULA, CellKind.FAULT: ProblemCode.CELL_FAULT}


def _find_cell_problem(cell: Cell, column: Column) -> ProblemCode | None:
    return _UNUSABLE.get(cell.kind) or _MISFITS.get((column.reading, cell.kind))


def _as_text(cell: Cell, column: Column) -> str:
    if cell.moment is None:
        return cell.text
    return f"{cell.moment:%d/%m/%Y %H:%M}" if column.reading is Reading.MOMENT else f"{cell.moment:%d/%m/%Y}"
