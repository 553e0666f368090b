"""Word what every minutes of a list say alike, always in Vietnamese: the lines, their totals, the entries.

It must never look further than what a page gave.
"""

from collections.abc import Container, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from app.http import texts
from reports.list_minutes_model import SignedEntry

F = TypeVar("F", bound=StrEnum)


class Proof(Protocol):
    """An entry of the log as a page shows it."""

    @property
    def index(self) -> int:
        """Number the entry."""

    @property
    def at(self) -> datetime:
        """Tell when it was recorded."""

    @property
    def leaf(self) -> bytes:
        """Give its hash."""


def word(family: str, code: StrEnum) -> str:
    """Return the words of a code on paper."""
    return texts.text(f"{family}.{code}", locale="vi")


def word_lines(lines: Mapping[str, F], family: str) -> tuple[tuple[str, str], ...]:
    """Return every code with the words of what it came to."""
    return tuple((code, word(family, finding)) for code, finding in lines.items())


def word_totals(lines: Mapping[str, F], findings: type[F], family: str, *, always: Container[F]) -> str:
    """Return how many came to what; what nothing came to is left out, unless it is `always` said."""
    figures = {finding: list(lines.values()).count(finding) for finding in findings}
    return ", ".join(
        f"{word(family, finding)}: {number}"
        for finding, number in figures.items()
        if number or finding in always
    )


def word_entry(entry: Proof, *, what: str, who: str) -> SignedEntry:
    """Return one entry that proves a part of the minutes."""
    return SignedEntry(what=what, who=who, index=entry.index, at=entry.at, leaf=entry.leaf.hex())
