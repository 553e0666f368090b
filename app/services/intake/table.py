"""A rectangle of cells as it stood in the file, before anybody believes it.

Knows no file format and no registration rule. Never turns a number into text by itself: whether a number
may stand in a column is the column's business, because `7210` may have been `07210` before.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CellKind(StrEnum):
    """How the file stored a cell. `formula` and `fault` have no value we may use."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    TRUTH = "truth"
    FORMULA = "formula"
    FAULT = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One untrusted cell; `text` is what a person would read, `moment` a naive local time for date cells."""

    kind: CellKind
    text: str = ""
    moment: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the file with the row number the person sees in the spreadsheet (from 1)."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nobody typed anything here."""
        return all(cell.kind is CellKind.EMPTY for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The header line and the data rows of the first sheet; `merged` lists merged ranges such as `A2:B3`."""

    header: Row
    rows: tuple[Row, ...]
    merged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may hold. Sizes in bytes; the defaults hold a year's list of a busy agency many times."""

    file_bytes: int = 5_000_000
    unpacked_bytes: int = 60_000_000
    tags: int = 2_000_000
    members: int = 200
    rows: int = 2_000
    columns: int = 64
    cell_chars: int = 4_000


EMPTY = Cell(kind=CellKind.EMPTY)


def text_cell(text: str) -> Cell:
    """Make a text cell, or the empty one where only blanks were typed."""
    stripped = text.strip(" \t\r\n\u00a0")
    return Cell(kind=CellKind.TEXT, text=stripped) if stripped else EMPTY


def column_letter(index: int) -> str:
    """Return the spreadsheet's name of the column at `index` (from 0): 0 is A, 26 is AA."""
    name = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
