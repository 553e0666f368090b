"""Reads a CSV file into a Table: UTF-8 (with or without mark) or UTF-16 with mark; comma, semicolon or tab.

Never guesses an old Vietnamese code page (TCVN3, VNI, Windows-1258): a wrong guess changes names silently.
"""

import csv
import io

from app.domain.errors import ProblemCode
from app.services.intake.container import UnreadableFile
from app.services.intake.table import Limits, Row, Table, text_cell

_DELIMITERS = (",", ";", "\t")


def read_delimited(untrusted_file: bytes, limits: Limits) -> Table:
    """Return the whole file. Raises UnreadableFile with the code of what stands in the way."""
    text = _decode(untrusted_file)
    if "\x00" in text:
        raise UnreadableFile(ProblemCode.DAMAGED_FILE)
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_find_delimiter(text), strict=True)
    try:
        # A quoted line break makes one row of several lines; the person counts rows, as the spreadsheet does.
        for number, values in enumerate(reader, start=1):
            if any(len(value) > limits.cell_chars for value in values):
                raise UnreadableFile(ProblemCode.TOO_LONG)
            row = Row(number=number, cells=tuple(text_cell(value) for value in values))
            if row.is_empty:
                continue
            if len(row.cells) > limits.columns:
                raise UnreadableFile(ProblemCode.TOO_MANY_COLUMNS)
            rows.append(row)
            if len(rows) > limits.rows + 1:
                raise UnreadableFile(ProblemCode.TOO_MANY_ROWS)
    except csv.Error as error:
        raise UnreadableFile(ProblemCode.DAMAGED_FILE) from error
    if not rows:
        raise UnreadableFile(ProblemCode.EMPTY_FILE)
    return Table(header=rows[0], rows=tuple(rows[1:]))


def _decode(untrusted_file: bytes) -> str:
    encoding = "utf-16" if untrusted_file[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return untrusted_file.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(ProblemCode.NOT_UTF8) from error


def _find_delimiter(text: str) -> str:
    heading = text.split("\n", 1)[0]
    return max(_DELIMITERS, key=heading.count)
