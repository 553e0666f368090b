"""Reads single values out of untrusted text: flags, counts, days, times, grades. Collects every problem.

One parser for form, API and import, so that the three cannot disagree. Never guesses: `01/02/2026` is the
first of February, as Vietnam writes it, and a value that could mean two things is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from app.domain.errors import InvalidInput, Problem, ProblemCode
from app.domain.grades import Secrecy
from app.domain.text import parse_line, search_key

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_YES = frozenset({"1", "true", "on", "yes", "y", "x", "co", "v", "✓"})
_NO = frozenset({"", "0", "false", "off", "no", "n", "khong", "-"})
_SECRECY = {
    "": Secrecy.NONE,
    "none": Secrecy.NONE,
    "khong": Secrecy.NONE,
    "thuong": Secrecy.NONE,
    "a": Secrecy.A,
    "tuyet mat": Secrecy.A,
    "b": Secrecy.B,
    "toi mat": Secrecy.B,
    "c": Secrecy.C,
    "mat": Secrecy.C,
}
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MOMENT = re.compile(
    r"(?P<day>\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2})[ T](?P<hour>\d{1,2})[:h](?P<minute>\d{2})"
    r"(?::(?P<second>\d{2}))?(?:\.\d{1,6})?(?P<offset>Z|[+-]\d{2}:\d{2})?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The untrusted values of one form and the problems met while reading them."""

    untrusted: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, name: str, code: ProblemCode, **params: str | int) -> None:
        """Remember one problem with one field."""
        self.problems.append(Problem(field=name, code=code, params=params))

    def refuse_unknown(self, known: frozenset[str]) -> None:
        """Refuse fields nobody reads: a typing mistake of a program must not be ignored."""
        for name in sorted(set(self.untrusted) - known):
            self.refuse(name[:64], ProblemCode.UNKNOWN_FIELD)

    def raise_problems(self) -> None:
        """Raise InvalidInput with everything collected, if anything was."""
        if self.problems:
            raise InvalidInput.all_of(self.problems)

    def line(self, name: str, *, longest: int, required: bool = False) -> str:
        """One clean line of text, "" where it has a problem."""
        try:
            return parse_line(self.untrusted.get(name, ""), field=name, longest=longest, required=required)
        except InvalidInput as error:
            self.problems.extend(error.problems)
            return ""

    def flag(self, name: str) -> bool:
        """Yes or no, in the ways forms, spreadsheets and programs write it."""
        key = search_key(self.untrusted.get(name, "")[:32])
        if key not in _YES | _NO:
            self.refuse(name, ProblemCode.NOT_A_CHOICE)
        return key in _YES

    def count(self, name: str, *, default: int | None = None) -> int:
        """Read a whole number without sign; its range is the domain's business."""
        text = self.untrusted.get(name, "").strip()
        if not text and default is not None:
            return default
        if not text:
            self.refuse(name, ProblemCode.REQUIRED)
        elif not (text.isascii() and text.isdigit()):
            self.refuse(name, ProblemCode.NOT_A_NUMBER)
        elif len(text) > 9:
            self.refuse(name, ProblemCode.OUT_OF_RANGE)
        else:
            return int(text)
        return default or 1

    def secrecy(self, name: str) -> Secrecy:
        """Read the grade by letter or by its words."""
        found = _SECRECY.get(search_key(self.untrusted.get(name, "")[:32]))
        if found is None:
            self.refuse(name, ProblemCode.NOT_A_CHOICE)
        return found or Secrecy.NONE

    def day(self, name: str) -> date | None:
        """Read a day as `dd/mm/yyyy` or `yyyy-mm-dd`, None where none was given."""
        text = self.untrusted.get(name, "").strip()
        if not text:
            return None
        found = _parse_day(text)
        if found is None:
            self.refuse(name, ProblemCode.NOT_A_DATE)
        return found

    def moment(self, name: str) -> datetime | None:
        """Read a time as UTC. Without an offset it is Vietnam's local time: that is what a person types."""
        text = self.untrusted.get(name, "").strip()
        if not text:
            return None
        found = _parse_moment(text)
        if found is None:
            self.refuse(name, ProblemCode.NOT_A_TIME)
        return found


def _parse_day(text: str) -> date | None:
    if match := _DAY.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _ISO_DAY.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    else:
        return None
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    # At either end of the calendar the day before, the day after or midnight in Vietnam is no time any more.
    return found if _FIRST_YEAR <= year <= _LAST_YEAR else None


def _parse_moment(text: str) -> datetime | None:
    match = _MOMENT.fullmatch(text)
    day = _parse_day(match["day"]) if match else None
    if match is None or day is None:
        return None
    offset = {None: "+07:00", "Z": "+00:00"}.get(match["offset"], match["offset"])
    stamp = f"{day.isoformat()}T{int(match['hour']):02d}:{match['minute']}:{match['second'] or '00'}{offset}"
    try:
        moment = datetime.fromisoformat(stamp).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # Agreed times are whole minutes in life; a year far outside would overflow later arithmetic.
    return moment if 2000 <= moment.year <= _LAST_YEAR else None
