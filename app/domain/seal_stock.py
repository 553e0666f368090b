"""Rule on seals as stock: issued by number range to an office, and good there alone.

A number is letters, then digits; a range keeps letters and width and runs over the digits. Compared as read,
not as typed. Nothing here may look anything up.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.decision import Refusal
from app.domain.errors import InvalidInput, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.seal import parse_seal, seal_key

LARGEST_RANGE = 100_000
_NUMBER = re.compile(r"(.*?)([0-9]{1,12})")


class VoidReason(StrEnum):
    """Why a seal will never be used: spoiled at the bench, lost, or found to be defective."""

    SPOILED = "spoiled"
    LOST = "lost"
    DEFECTIVE = "defective"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealNumber:
    """A seal number taken apart; `prefix` as compared, without spaces and in one case."""

    prefix: str
    width: int
    number: int

    @property
    def key(self) -> str:
        """The number as it is compared."""
        return f"{self.prefix}{self.number:0{self.width}d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRange:
    """Consecutive numbers of one prefix and width, from `first` to `last`, both included."""

    prefix: str
    width: int
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many seals it has."""
        return self.last - self.first + 1

    def holds(self, seal: SealNumber) -> bool:
        """Tell whether a number is one of these."""
        return (seal.prefix, seal.width) == (
            self.prefix,
            self.width,
        ) and self.first <= seal.number <= self.last

    def overlaps(self, other: "SealRange") -> bool:
        """Tell whether two ranges share a number."""
        alike = (self.prefix, self.width) == (other.prefix, other.width)
        return alike and self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A range in the hands of an office, with what became of it so far."""

    id: int
    unit: UnitId
    range: SealRange
    issued_by: UserId
    issued_at: datetime
    used: int = 0
    voided: int = 0

    @property
    def left(self) -> int:
        """How many seals must still be in the drawer."""
        return self.range.count - self.used - self.voided


def read_number(seal: str) -> SealNumber | None:
    """Take a seal number apart, None where it has no digits at its end."""
    match = _NUMBER.fullmatch(seal_key(seal))
    if match is None:
        return None
    return SealNumber(prefix=match[1], width=len(match[2]), number=int(match[2]))


def parse_range(untrusted_first: str, untrusted_last: str) -> SealRange:
    """Read a range as two numbers of the same form; raises InvalidInput that names the field."""
    first = read_number(_given(untrusted_first, "first"))
    last = read_number(_given(untrusted_last, "last"))
    if first is None:
        raise InvalidInput("first", ProblemCode.NO_DIGITS)
    if last is None:
        raise InvalidInput("last", ProblemCode.NO_DIGITS)
    if (first.prefix, first.width) != (last.prefix, last.width) or last.number < first.number:
        raise InvalidInput("last", ProblemCode.NOT_A_RANGE)
    found = SealRange(prefix=first.prefix, width=first.width, first=first.number, last=last.number)
    if found.count > LARGEST_RANGE:
        raise InvalidInput("last", ProblemCode.TOO_MANY, params={"most": LARGEST_RANGE})
    return found


def check_free(wanted: SealRange, issued: Sequence[SealRange]) -> None:
    """Refuse a range that shares a number with one issued before."""
    if any(wanted.overlaps(one) for one in issued):
        raise InvalidInput("first", ProblemCode.TAKEN)


def find_stock_refusal(issue: Issue | None, office: UnitId) -> Refusal | None:
    """Find why a seal may not be put on a bag at this office: nobody's stock, or another office's."""
    if issue is None:
        return Refusal.SEAL_NOT_ISSUED
    return None if issue.unit == office else Refusal.SEAL_OF_ANOTHER_OFFICE


def _given(untrusted: str, field: str) -> str:
    if not untrusted.strip():
        raise InvalidInput(field, ProblemCode.REQUIRED)
    try:
        return parse_seal(untrusted)
    except InvalidInput as error:
        raise InvalidInput(field, error.problems[0].code, params=error.problems[0].params) from None
