"""The handover policy: a dated table that says what a handover asks for, by outer mark."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.grades import Secrecy
from app.domain.handover_policy import (
    Demand,
    from_table,
    policy_at,
    sample_policy,
    to_table,
    with_sample,
)
from crypto.canonical import JsonValue

FROM_AT = datetime(2026, 12, 1, tzinfo=UTC)
ASKED = {
    Demand.POSSESSION: {Secrecy.A, Secrecy.B, Secrecy.C},
    Demand.WITNESS: {Secrecy.A},
    Demand.SECOND_READER: {Secrecy.A, Secrecy.B},
    Demand.AUTHORITY: {Secrecy.A, Secrecy.B, Secrecy.C},
}


@pytest.mark.parametrize("demand", Demand)
def test_the_sample_asks_more_of_what_is_more_secret_and_says_that_it_is_one(demand: Demand) -> None:
    sample = sample_policy()
    assert sample.is_sample
    assert {secrecy for secrecy in Secrecy if sample.asks(demand, secrecy)} == ASKED[demand]


def test_a_policy_is_written_as_a_table_and_read_back() -> None:
    policy = replace(sample_policy(), version=1, valid_from_at=FROM_AT, source="13/QĐ-UBND")
    assert from_table(to_table(policy), version=1, valid_from_at=FROM_AT, source="13/QĐ-UBND") == policy


@pytest.mark.parametrize(
    "change",
    [
        {"D": {}},
        {"A": {"possession": True}},
        {"A": {**{demand.value: True for demand in Demand}, "speed": True}},
        {"A": dict.fromkeys((demand.value for demand in Demand), 1)},
        {"A": "yes"},
    ],
)
def test_a_table_with_a_cell_too_few_too_many_or_of_another_form_is_no_policy(
    change: dict[str, JsonValue],
) -> None:
    with pytest.raises(ValueError, match="handover policy"):
        from_table(to_table(sample_policy()) | change, version=1, valid_from_at=FROM_AT, source="x")


def test_a_handover_is_judged_by_the_version_in_force_and_by_no_later_one() -> None:
    first = replace(sample_policy(), version=1, valid_from_at=FROM_AT)
    second = replace(sample_policy(), version=2, valid_from_at=FROM_AT + timedelta(days=9))
    policies = with_sample([first, second])
    for at, version in (
        (FROM_AT - timedelta(microseconds=1), 0),
        (FROM_AT, 1),
        (FROM_AT + timedelta(days=9), 2),
    ):
        assert policy_at(policies, at).version == version
