"""A flood of bad requests costs a few lines and a count, whatever the flood says."""

import logging

import pytest

from app.http.security_log import BURST, WINDOW_SECONDS, RateLimitedLog


def test_a_flood_is_counted_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    log = RateLimitedLog(clock=lambda: now[0])
    with caplog.at_level(logging.WARNING, logger="kt1.security"):
        for _ in range(1000):
            log.report("bad_token", address="10.0.0.9")
        assert len(caplog.records) == BURST
        now[0] = WINDOW_SECONDS
        log.report("bad_token", address="10.0.0.9")
    assert caplog.messages[BURST] == f"bad_token: {1000 - BURST} more were left out"
    assert caplog.messages[BURST + 1] == "bad_token address=10.0.0.9"


def test_one_kind_does_not_silence_another(caplog: pytest.LogCaptureFixture) -> None:
    log = RateLimitedLog(clock=lambda: 0.0)
    with caplog.at_level(logging.WARNING, logger="kt1.security"):
        for _ in range(50):
            log.report("bad_token")
        log.report("malformed")
    assert caplog.messages[-1].startswith("malformed")
