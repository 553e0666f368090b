"""Reads a whole list and says what it would do: how many it creates, how many it skips, what is wrong where.

Pure: bytes in, plan out; used before the transaction, outside any lock, because unpacking a spreadsheet takes
long. Never registers anything.

For the screens: `read_list(file, name, ...) -> Preview`; then `importing.import_list` with the same file.
"""

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.consignment import Registration
from app.domain.errors import InvalidInput, Problem, ProblemCode
from app.domain.ids import UnitId
from app.domain.text import parse_line
from app.services.intake.columns import COLUMNS, Mapping, match_header
from app.services.intake.container import UnreadableFile
from app.services.intake.delimited import read_delimited
from app.services.intake.rows import place_problem, read_row
from app.services.intake.table import Limits, Row, Table
from app.services.intake.workbook import read_workbook
from app.services.items.registration_form import document_key, read_registration, split_numbers
from crypto.digest import sha256_hex

LONGEST_FILE_NAME = 160


class Mode(StrEnum):
    """What happens to the good rows of a list that has bad ones."""

    ALL_OR_NOTHING = "all_or_nothing"
    GOOD_ROWS = "good_rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One row: `cells` as text in the order of COLUMNS; `registration` is None when it has problems.

    `repeats` is the number of an earlier row with the same recipient and document number: a warning only.
    """

    number: int
    cells: tuple[str, ...]
    registration: Registration | None
    problems: tuple[Problem, ...]
    repeats: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the list would do. With `file_problems` (headings, merged cells) nothing can be registered."""

    file_name: str
    digest: str
    rows: tuple[PreviewRow, ...]
    file_problems: tuple[Problem, ...]

    @property
    def creates(self) -> int:
        """How many consignments the good rows would make."""
        return sum(row.registration is not None for row in self.rows)

    @property
    def skips(self) -> int:
        """How many rows have problems."""
        return len(self.rows) - self.creates

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong, file first, then row by row."""
        return (*self.file_problems, *(problem for row in self.rows for problem in row.problems))


def read_list(
    untrusted_file: bytes,
    untrusted_name: str,
    *,
    units: Map[str, UnitId],
    sender_unit: UnitId,
    now: datetime,
    limits: Limits | None = None,
) -> Preview:
    """Read an XLSX or CSV list. Raises InvalidInput when the file as a whole cannot be read."""
    bounds = limits or Limits()
    name = parse_line(untrusted_name, field="file", longest=LONGEST_FILE_NAME, required=True)
    table = _read_table(untrusted_file, bounds)
    mapping, file_problems = match_header(table.header)
    file_problems += tuple(_merged_problem(merged) for merged in table.merged)
    earlier: dict[tuple[UnitId, str], int] = {}
    rows = () if file_problems else table.rows
    return Preview(
        file_name=name,
        digest=sha256_hex(untrusted_file),
        rows=tuple(
            _read_line(row, mapping, earlier, units=units, sender_unit=sender_unit, now=now) for row in rows
        ),
        file_problems=file_problems,
    )


def _read_table(untrusted_file: bytes, limits: Limits) -> Table:
    if len(untrusted_file) > limits.file_bytes:
        raise InvalidInput("file", ProblemCode.TOO_LARGE, params={"most": limits.file_bytes})
    if untrusted_file.startswith(b"\xd0\xcf\x11\xe0"):
        # The old binary format and password-protected new ones share this container.
        raise InvalidInput("file", ProblemCode.NOT_A_WORKBOOK)
    reader = read_workbook if untrusted_file.startswith(b"PK") else read_delimited
    try:
        return reader(untrusted_file, limits)
    except UnreadableFile as error:
        raise InvalidInput("file", error.code) from error


def _read_line(
    row: Row,
    mapping: Mapping,
    earlier: dict[tuple[UnitId, str], int],
    *,
    units: Map[str, UnitId],
    sender_unit: UnitId,
    now: datetime,
) -> PreviewRow:
    untrusted, cell_problems = read_row(row, mapping)
    registration, found = read_registration(untrusted, find_unit=units.get, sender_unit=sender_unit, now=now)
    # What the parser says about a unit code is more helpful than that a number stood there.
    lost = {problem.field for problem in found if problem.code is ProblemCode.LEADING_ZEROS_LOST}
    kept = [problem for problem in cell_problems if problem.field not in lost]
    blamed = {problem.field for problem in kept}
    problems = (*kept, *(place_problem(one, row, mapping) for one in found if one.field not in blamed))
    repeats = None
    for number in split_numbers(registration.document_numbers):
        first = earlier.setdefault((registration.recipient_unit, document_key(number)), row.number)
        repeats = repeats or (first if first != row.number else None)
    shown = {
        column.field: cell.text
        for column, cell in zip(mapping.places, row.cells, strict=False)
        if column is not None
    }
    return PreviewRow(
        number=row.number,
        cells=tuple(shown.get(column.field, "") for column in COLUMNS),
        registration=None if problems else registration,
        problems=problems,
        repeats=repeats,
    )


def _merged_problem(merged: str) -> Problem:
    first = merged.split(":", 1)[0]
    letters = first.rstrip("0123456789")
    return Problem(
        field="sheet",
        code=ProblemCode.MERGED_CELLS,
        row=int(first[len(letters) :]),
        column=letters,
        params={"value": merged},
    )
