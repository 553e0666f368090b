"""What the minutes of an incident are made of: frozen data in, nothing else.

Words are Vietnamese and come from the caller; times are aware and are printed in Vietnam time. What people
wrote is printed for those who handle the incident; the content of a document never gets here.
"""

from dataclasses import dataclass
from datetime import datetime

from reports.errors import InvalidReportData


@dataclass(frozen=True, kw_only=True, slots=True)
class MinutesStep:
    """One thing that was done: when, what, by whom, and what they wrote ("" for nothing).

    `is_lost` tells that something was written that went down with a lost database.
    """

    at: datetime
    what: str
    who: str
    text: str = ""
    is_lost: bool = False

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise InvalidReportData("at", "must carry its time zone")


@dataclass(frozen=True, kw_only=True, slots=True)
class MinutesData:
    """The minutes (biên bản) of one incident, as it stood when they were printed.

    `reference` is the incident's number in full; `sample` says that the deadlines are nobody's rule yet;
    `entries` are the log entries that prove what is said here.
    """

    issuer: str
    number: int
    year: int
    reference: str
    kind: str
    severity: str
    place: str
    opened_at: datetime
    report_due_at: datetime
    resolve_due_at: datetime
    standard: str
    sample: bool
    codes: tuple[str, ...]
    steps: tuple[MinutesStep, ...]
    owed: tuple[str, ...]
    origin: str
    entries: tuple[int, ...]

    def __post_init__(self) -> None:
        for field in ("opened_at", "report_due_at", "resolve_due_at"):
            moment: datetime = getattr(self, field)
            if moment.utcoffset() is None:
                raise InvalidReportData(field, "must carry its time zone")
        if not self.steps:
            raise InvalidReportData("steps", "minutes tell at least how the incident began")
        if self.number < 1:
            raise InvalidReportData("number", "begins at 1")
