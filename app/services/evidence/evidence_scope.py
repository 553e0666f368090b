"""What an evidence bundle is about: one consignment, a stretch of time, or an incident.

Whoever asks builds one of these; the same words stand in the bundle's manifest and in the entry that records
the export. Nothing here may look anything up. Format: docs/formats/evidence-bundle.md.

    parse_scope(untrusted form) -> PeriodScope | IncidentScope      raises InvalidInput
    parse_incident(untrusted_reference, untrusted_codes, *, period) -> IncidentScope      raises InvalidInput
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.domain.errors import InvalidInput, ProblemCode
from app.domain.ids import ConsignmentCode, parse_code
from app.domain.register import VIETNAM
from app.services.fields import Fields
from audit.evidence_scope import MAX_CHOSEN
from crypto.timestamps import format_at

LONGEST_REFERENCE = 60
FORM_FIELDS = frozenset({"first_day", "last_day", "reference", "codes"})
# A day far outside would overflow the arithmetic of times.
_LAST_YEAR = 2200


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What was recorded at `first_at <= time < until_at`."""

    first_at: datetime
    until_at: datetime

    def to_json(self) -> dict[str, str]:
        """Return its two ends as a manifest says them."""
        return {"from": format_at(self.first_at), "until": format_at(self.until_at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScope:
    """One consignment's story, whole; `entries`, where given, are the only ones of it that are meant.

    `bags` are those it lay in, whose entries during that time belong to its story; found when it is made.
    """

    code: ConsignmentCode
    entries: tuple[int, ...] = ()
    bags: tuple[str, ...] = ()

    def to_json(self) -> dict[str, str]:
        """Return it as the manifest says it."""
        said = {"kind": "consignment", "code": str(self.code), **_chosen(self.entries)}
        return {**said, "bags": ",".join(self.bags)} if self.bags else said


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodScope:
    """Every entry of a stretch of time, whatever it is about."""

    period: Period

    def to_json(self) -> dict[str, str]:
        """Return it as the manifest says it."""
        return {"kind": "period", **self.period.to_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentScope:
    """What an incident is about: consignments, for all time or within a period, or single entries instead.

    `reference` is the number of the incident on paper; it stands in the log for ever, so it names nobody.
    """

    reference: str
    codes: tuple[ConsignmentCode, ...] = ()
    period: Period | None = None
    entries: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no verifier would accept."""
        rising = list(self.codes) == sorted(set(self.codes)) and list(self.entries) == sorted(
            set(self.entries)
        )
        if not rising or not 1 <= len(self.codes or self.entries) <= MAX_CHOSEN:
            raise ValueError("an incident is of some items or some entries, rising, and of not too many")
        if self.entries and (self.codes or self.period):
            raise ValueError("an incident of single entries has neither items nor a period")

    def to_json(self) -> dict[str, str]:
        """Return it as the manifest says it."""
        said = {"kind": "incident", "reference": self.reference, **_chosen(self.entries)}
        if self.codes:
            said["codes"] = ",".join(self.codes)
        return said if self.period is None else {**said, **self.period.to_json()}


Scope = ItemScope | PeriodScope | IncidentScope


def parse_scope(untrusted: Mapping[str, str]) -> PeriodScope | IncidentScope:
    """Read the form of an export; raises InvalidInput with every problem.

    `first_day` and `last_day`, both included, by Vietnam's clock; `reference` and `codes` (apart by white
    space or commas) for an incident. Without either of these it is the period alone.
    """
    fields = Fields(untrusted=untrusted)
    fields.refuse_unknown(FORM_FIELDS)
    period = _read_period(fields)
    asked = [name for name in ("reference", "codes") if untrusted.get(name, "").strip()]
    if not asked and period is None and not fields.problems:
        fields.refuse("first_day", ProblemCode.REQUIRED)
    if asked:
        try:
            codes = re.split(r"[\s,;]+", untrusted.get("codes", "").strip())
            incident = parse_incident(untrusted.get("reference", ""), filter(None, codes), period=period)
        except InvalidInput as error:
            fields.problems.extend(error.problems)
        else:
            fields.raise_problems()
            return incident
    fields.raise_problems()
    if period is None:
        raise InvalidInput("first_day", ProblemCode.REQUIRED)
    return PeriodScope(period=period)


def parse_incident(
    untrusted_reference: str, untrusted_codes: Iterable[str], *, period: Period | None
) -> IncidentScope:
    """Read what a person asks for; raises InvalidInput with every problem."""
    fields = Fields(untrusted={"reference": untrusted_reference})
    reference = fields.line("reference", longest=LONGEST_REFERENCE, required=True)
    codes: set[ConsignmentCode] = set()
    try:
        codes = {parse_code(untrusted, field="codes") for untrusted in untrusted_codes}
    except InvalidInput as error:
        fields.problems.extend(error.problems)
    else:
        if not codes:
            fields.refuse("codes", ProblemCode.REQUIRED)
        elif len(codes) > MAX_CHOSEN:
            fields.refuse("codes", ProblemCode.TOO_MANY, most=MAX_CHOSEN)
    fields.raise_problems()
    return IncidentScope(reference=reference, codes=tuple(sorted(codes)), period=period)


def _read_period(fields: Fields) -> Period | None:
    first, last = fields.day("first_day"), fields.day("last_day")
    for name, one, other in (("first_day", first, last), ("last_day", last, first)):
        if one is None and other is not None:
            fields.refuse(name, ProblemCode.REQUIRED)
    if first is None or last is None:
        return None
    if last < first or last.year > _LAST_YEAR:
        fields.refuse("last_day", ProblemCode.NOT_A_DATE)
        return None
    first_at = datetime.combine(first, time(), VIETNAM)
    return Period(first_at=first_at, until_at=datetime.combine(last, time(), VIETNAM) + timedelta(days=1))


def _chosen(entries: tuple[int, ...]) -> dict[str, str]:
    return {"entries": ",".join(map(str, entries))} if entries else {}
