"""Walks once over one worksheet part: which ranges are merged, and whether anything stands too far right.

The spreadsheet library is told to stop at the last column that we take, so what lies beyond must be found
here: a value must never get lost in silence. Never builds a tree, never searches with a pattern.
"""

import io
import zipfile
from xml.parsers import expat

from app.domain.errors import ProblemCode
from app.services.intake.container import UnreadableFile
from app.services.intake.table import Limits

_CONTENT = frozenset({"v", "is", "f"})
_LONGEST_RANGE = 40
_LETTERS = 26


def survey_sheet(untrusted_file: bytes, part: str, limits: Limits) -> tuple[str, ...]:
    """Return the merged ranges of one part of an archive that passed `container.verify_archive`.

    Raises UnreadableFile: `too_many_columns` for a value right of the last column, `damaged_file`.
    """
    walk = _Walk(limits)
    with zipfile.ZipFile(io.BytesIO(untrusted_file)) as archive, archive.open(part) as stream:
        try:
            walk.parser.ParseFile(stream)
        except expat.ExpatError as error:
            raise UnreadableFile(ProblemCode.DAMAGED_FILE) from error
    return tuple(walk.merged)


class _Walk:
    """What one pass remembers: the column it is in, and the merged ranges so far."""

    def __init__(self, limits: Limits) -> None:
        self.merged: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self._limits = limits
        self._column = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "row":
            self._column = 0
        elif tag == "c":
            self._column = _column_of(attributes.get("r", "")) or self._column + 1
        elif tag in _CONTENT and self._column > self._limits.columns:
            raise UnreadableFile(ProblemCode.TOO_MANY_COLUMNS)
        elif tag == "mergeCell":
            self._add_merged(attributes.get("ref", ""))

    def _add_merged(self, untrusted_range: str) -> None:
        first, colon, last = untrusted_range[:_LONGEST_RANGE].partition(":")
        if not (colon and _is_place(first) and _is_place(last)):
            raise UnreadableFile(ProblemCode.DAMAGED_FILE)
        self.merged.append(f"{first}:{last}")


def _is_place(text: str) -> bool:
    letters = text.rstrip("0123456789")
    return (
        letters.isascii() and letters.isalpha() and letters.isupper() and 1 <= len(text) - len(letters) <= 7
    )


def _column_of(place: str) -> int:
    """Return the column of a cell such as `BC12`, from 1; 0 where the cell does not say."""
    number = 0
    for letter in place.rstrip("0123456789")[:4].upper():
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number
