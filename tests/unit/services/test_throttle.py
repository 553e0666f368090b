"""Delays grow, never lock, and never come from a success."""

from datetime import UTC, datetime, timedelta

import pytest

from app.services.people.throttle import Failures, retry_at

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NONE = Failures(count=0, last_at=None)


def failed(count: int) -> Failures:
    return Failures(count=count, last_at=NOW)


def test_the_first_failures_of_an_account_cost_nothing() -> None:
    assert retry_at(account=failed(3), address=failed(3), overall=failed(3)) is None


@pytest.mark.parametrize(
    ("count", "seconds"), [(4, 1), (5, 2), (6, 4), (10, 64), (13, 512), (14, 900), (10**9, 900)]
)
def test_an_accounts_delay_doubles_up_to_a_quarter_of_an_hour(count: int, seconds: int) -> None:
    found = retry_at(account=failed(count), address=NONE, overall=NONE)
    assert found == NOW + timedelta(seconds=seconds)


def test_the_longest_of_the_three_counts() -> None:
    assert retry_at(account=failed(4), address=failed(20), overall=failed(500)) == NOW + timedelta(seconds=32)
    assert retry_at(account=NONE, address=NONE, overall=failed(10**6)) == NOW + timedelta(seconds=20)
