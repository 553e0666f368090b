"""When a second person must travel along: by grade, and in a vehicle that carries other things too."""

from datetime import UTC, datetime

import pytest

from app.domain import escort
from app.domain.escort import EscortRule, needs_escort, rule_at
from app.domain.grades import Secrecy

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize("grade", [Secrecy.A, Secrecy.B])
def test_a_and_b_never_travel_with_the_courier_alone(grade: Secrecy) -> None:
    assert needs_escort([Secrecy.NONE, grade], dedicated=True, at=NOW)
    assert needs_escort([grade], dedicated=False, at=NOW)


@pytest.mark.parametrize("grades", [[], [Secrecy.C], [Secrecy.NONE, Secrecy.C]])
def test_the_rest_needs_an_escort_only_in_a_vehicle_that_is_not_dedicated(grades: list[Secrecy]) -> None:
    assert not needs_escort(grades, dedicated=True, at=NOW)
    assert needs_escort(grades, dedicated=False, at=NOW)


def test_the_shipped_rule_counts_from_the_beginning_and_says_that_it_is_a_sample() -> None:
    rule = rule_at(datetime(2000, 1, 1, tzinfo=UTC))
    assert rule.is_sample
    assert rule.source == "32/2025/QĐ-TTg"


def test_a_rule_counts_from_its_date_and_what_left_before_keeps_the_rule_of_its_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = EscortRule(
        valid_from=NOW,
        grades=frozenset({Secrecy.C}),
        other_vehicles=False,
        source="thử",
        is_sample=True,
    )
    monkeypatch.setattr(escort, "RULES", (*escort.RULES, later))
    before = NOW.replace(hour=7)
    assert needs_escort([Secrecy.A], dedicated=True, at=before)
    assert not needs_escort([Secrecy.A], dedicated=True, at=NOW)
    assert needs_escort([Secrecy.C], dedicated=True, at=NOW)
    assert not needs_escort([], dedicated=False, at=NOW)
