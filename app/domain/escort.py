"""Say when a second person must travel with what is aboard: the escort (nhân viên áp tải).

Decision 32/2025 asks for dedicated vehicles and, where another vehicle is used, for an escort the whole way.
For which grades an escort must come along in a dedicated vehicle too was not found in a public source: those
values are samples, and say so. A rule counts from its date; nothing here may read a clock.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.domain.grades import Secrecy


@dataclass(frozen=True, slots=True, kw_only=True)
class EscortRule:
    """What counts from `valid_from`: grades that never travel alone, and vehicles that are not dedicated.

    `is_sample` says that no public source gives these values.
    """

    valid_from: datetime
    grades: frozenset[Secrecy]
    other_vehicles: bool
    source: str
    is_sample: bool


# Oldest first. A change is a new row with its date: what departed before keeps the rule of its day.
RULES: Final = (
    EscortRule(
        valid_from=datetime(2000, 1, 1, tzinfo=UTC),
        grades=frozenset({Secrecy.A, Secrecy.B}),
        other_vehicles=True,
        source="32/2025/QĐ-TTg",
        is_sample=True,
    ),
)


def rule_at(moment: datetime) -> EscortRule:
    """Return the rule that counts at a moment."""
    return [rule for rule in RULES if rule.valid_from <= moment][-1]


def needs_escort(grades: Collection[Secrecy], *, dedicated: bool, at: datetime) -> bool:
    """Tell whether what is aboard may not leave with the courier alone."""
    rule = rule_at(at)
    return bool(rule.grades.intersection(grades)) or (rule.other_vehicles and not dedicated)
