"""What an evidence bundle is about: one consignment, a stretch of time, or an incident.

Whoever asks builds one of these; the same words stand in the bundle's manifest and in the entry that records
the export. Nothing here may look anything up. Format: docs/formats/evidence-bundle.md.

    parse_incident(untrusted_reference, untrusted_codes, ...) -> IncidentScope   raises InvalidInput
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.errors import InvalidInput, Problem, ProblemCode
from app.domain.ids import ConsignmentCode, parse_code
from app.domain.text import parse_line
from audit.evidence_scope import MAX_CHOSEN
from crypto.timestamps import format_at

LONGEST_REFERENCE = 60


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
    """One consignment's story, whole; `entries`, where given, are the only ones of it that are meant."""

    code: ConsignmentCode
    entries: tuple[int, ...] = ()

    def to_json(self) -> dict[str, str]:
        """Return it as the manifest says it."""
        return {"kind": "consignment", "code": str(self.code), **_chosen(self.entries)}


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


def parse_incident(
    untrusted_reference: str, untrusted_codes: Iterable[str], *, period: Period | None
) -> IncidentScope:
    """Read what a person asks for; raises InvalidInput with every problem."""
    problems: list[Problem] = []
    reference, codes = "", set[ConsignmentCode]()
    try:
        reference = parse_line(
            untrusted_reference, field="reference", longest=LONGEST_REFERENCE, required=True
        )
    except InvalidInput as error:
        problems.extend(error.problems)
    for untrusted in untrusted_codes:
        try:
            codes.add(parse_code(untrusted, field="codes"))
        except InvalidInput as error:
            problems.extend(error.problems)
            break
    if not problems and not codes:
        problems.append(Problem(field="codes", code=ProblemCode.REQUIRED))
    if len(codes) > MAX_CHOSEN:
        problems.append(Problem(field="codes", code=ProblemCode.TOO_MANY, params={"most": MAX_CHOSEN}))
    if problems:
        raise InvalidInput.all_of(problems)
    return IncidentScope(reference=reference, codes=tuple(sorted(codes)), period=period)


def _chosen(entries: tuple[int, ...]) -> dict[str, str]:
    return {"entries": ",".join(map(str, entries))} if entries else {}
