"""Say how grave an incident is and when it is due: by kind and outer mark, from a dated table.

The legal limits are not public, so what ships here is a sample and says so; an installation puts its own
table in a file (``KT1_INCIDENT_STANDARDS``). A table counts from its day on, and every incident remembers by
which one it was judged. Nothing here may read a file or a clock.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from app.domain.grades import Secrecy
from app.domain.incident import IncidentKind, Severity
from app.domain.register import VIETNAM
from app.domain.unattended import Terms, UnattendedReason
from app.domain.unattended_terms import SAMPLE_TERMS, parse_terms

_LONGEST_HOURS = 24 * 366
_LONGEST_DAYS = 366
_ADDED: Final = ("unattended", "pouch_return_days", "muster_open_days")


class MalformedStandards(Exception):  # noqa: N818  # named after what it says
    """The table of an installation cannot be used; the message names the first mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long after it was opened the first report and the solution are due."""

    report: timedelta
    resolve: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentStandard:
    """One table. `name` goes into every entry judged by it; `sample` values bind nobody."""

    name: str
    valid_from: date
    source: str
    sample: bool
    severity: Mapping[tuple[IncidentKind, Secrecy], Severity]
    deadlines: Mapping[Severity, Deadlines]
    unattended: Mapping[UnattendedReason, Terms]
    pouch_return: timedelta
    muster_open: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentStandards:
    """All tables of an installation, oldest first; the first one counts from the beginning."""

    tables: tuple[IncidentStandard, ...]

    def at(self, moment: datetime) -> IncidentStandard:
        """Return the table that counts on the day, in Vietnam, of an aware time."""
        day = moment.astimezone(VIETNAM).date()
        valid = [table for table in self.tables if table.valid_from <= day]
        return valid[-1] if valid else self.tables[0]


def highest(marks: Sequence[Secrecy]) -> Secrecy:
    """Return the highest of the outer marks of what is involved, none where nothing is marked."""
    ranked = (Secrecy.A, Secrecy.B, Secrecy.C)
    return next((mark for mark in ranked if mark in marks), Secrecy.NONE)


def _by_mark(top: str, secret: str, confidential: str, plain: str) -> dict[str, str]:
    return {"A": top, "B": secret, "C": confidential, "none": plain}


SAMPLE: Final[Mapping[str, object]] = {
    "name": "mau-2026",
    "valid_from": "2026-01-01",
    "source": "giá trị mẫu, chưa có văn bản quy định",
    "sample": True,
    "severity": {
        "leak": _by_mark("grave", "grave", "grave", "serious"),
        "loss": _by_mark("grave", "grave", "grave", "serious"),
        "damaged": _by_mark("grave", "serious", "serious", "minor"),
        "seal_broken": _by_mark("grave", "grave", "serious", "serious"),
        "missent": _by_mark("serious", "serious", "minor", "minor"),
        "late": _by_mark("serious", "minor", "minor", "minor"),
        "refused": _by_mark("serious", "minor", "minor", "minor"),
        "closed_office": _by_mark("minor", "minor", "minor", "minor"),
        "unrecorded": _by_mark("serious", "serious", "serious", "serious"),
        "count_differs": _by_mark("grave", "serious", "serious", "minor"),
    },
    # The first report within 24 hours is the practice of classified mail everywhere that was looked at.
    "deadlines": {
        "grave": {"report_hours": 24, "resolve_hours": 72},
        "serious": {"report_hours": 24, "resolve_hours": 168},
        "minor": {"report_hours": 24, "resolve_hours": 360},
    },
    "unattended": SAMPLE_TERMS,
    # No public text says how long an office may keep another's empty bags.
    "pouch_return_days": 30,
    # Nor for how long an inventory may lie open before somebody else than its opener ends it.
    "muster_open_days": 7,
}


def parse_standards(untrusted: bytes) -> IncidentStandards:
    """Read an installation's file: a JSON list of tables; raises MalformedStandards."""
    try:
        value = json.loads(untrusted)
    except ValueError:
        raise MalformedStandards("not a JSON file") from None
    if not isinstance(value, list) or not value:
        raise MalformedStandards("not a list of tables")
    tables = sorted((_parse_table(one) for one in value), key=lambda table: table.valid_from)
    if len({table.valid_from for table in tables}) < len(tables) or len({one.name for one in tables}) < len(
        tables
    ):
        raise MalformedStandards("two tables have one name or one day")
    return IncidentStandards(tables=tuple(tables))


def _parse_table(untrusted: object) -> IncidentStandard:
    # A table written before there were such values goes on by the sample's.
    if isinstance(untrusted, dict):
        untrusted = {name: SAMPLE[name] for name in _ADDED} | untrusted
    if not isinstance(untrusted, dict) or untrusted.keys() != SAMPLE.keys():
        raise MalformedStandards(f"a table has exactly: {', '.join(SAMPLE)}")
    name, source, sample = untrusted["name"], untrusted["source"], untrusted["sample"]
    if not isinstance(name, str) or not 1 <= len(name) <= 40 or not name.isascii() or not name.isprintable():
        raise MalformedStandards("name is 1 to 40 printable ASCII characters")
    if not isinstance(source, str) or not isinstance(sample, bool):
        raise MalformedStandards(f"{name}: source is text and sample is true or false")
    try:
        valid_from = date.fromisoformat(untrusted["valid_from"])
    except (TypeError, ValueError):
        raise MalformedStandards(f"{name}: valid_from is a day, as 2026-01-01") from None
    return IncidentStandard(
        name=name,
        valid_from=valid_from,
        source=source,
        sample=sample,
        severity=_parse_severity(name, untrusted["severity"]),
        deadlines=_parse_deadlines(name, untrusted["deadlines"]),
        unattended=_parse_unattended(name, untrusted["unattended"]),
        pouch_return=_parse_days(name, "pouch_return_days", untrusted["pouch_return_days"]),
        muster_open=_parse_days(name, "muster_open_days", untrusted["muster_open_days"]),
    )


def _parse_days(name: str, field: str, untrusted: object) -> timedelta:
    if type(untrusted) is not int or not 1 <= untrusted <= _LONGEST_DAYS:
        raise MalformedStandards(f"{name}: {field} is whole days, up to a year")
    return timedelta(days=untrusted)


def _parse_unattended(name: str, untrusted: object) -> dict[UnattendedReason, Terms]:
    try:
        return parse_terms(untrusted)
    except (TypeError, ValueError) as error:
        raise MalformedStandards(f"{name}: {error}") from None


def _parse_severity(name: str, untrusted: object) -> dict[tuple[IncidentKind, Secrecy], Severity]:
    wanted = {(kind, mark) for kind in IncidentKind for mark in Secrecy}
    try:
        rows = {
            (IncidentKind(kind), Secrecy(mark)): Severity(found)
            for kind, marks in dict(untrusted).items()  # type: ignore[call-overload]  # what is no object raises
            for mark, found in dict(marks).items()
        }
    except (TypeError, ValueError) as error:
        raise MalformedStandards(f"{name}: severity: {error}") from None
    if rows.keys() != wanted:
        missing = sorted(f"{kind}/{mark}" for kind, mark in wanted - rows.keys())
        raise MalformedStandards(f"{name}: severity says nothing of {', '.join(missing)}")
    return rows


def _parse_deadlines(name: str, untrusted: object) -> dict[Severity, Deadlines]:
    found: dict[Severity, Deadlines] = {}
    for severity in Severity:
        hours = untrusted.get(severity.value) if isinstance(untrusted, dict) else None
        if not isinstance(hours, dict) or hours.keys() != {"report_hours", "resolve_hours"}:
            raise MalformedStandards(f"{name}: deadlines of {severity}: report_hours and resolve_hours")
        report, resolve = hours["report_hours"], hours["resolve_hours"]
        if not all(type(one) is int and 1 <= one <= _LONGEST_HOURS for one in (report, resolve)):
            raise MalformedStandards(f"{name}: deadlines of {severity} are whole hours, up to a year")
        if resolve < report:
            raise MalformedStandards(f"{name}: {severity} is due resolved before it is reported")
        found[severity] = Deadlines(report=timedelta(hours=report), resolve=timedelta(hours=resolve))
    return found


SAMPLE_STANDARDS: Final = IncidentStandards(tables=(_parse_table(SAMPLE),))
