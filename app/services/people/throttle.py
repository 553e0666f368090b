"""How long a login has to wait: growing with the failures of this account, of this address, and of everybody.

Pure. An account is never locked, only slowed: a lock would let anybody shut an officer out by typing wrong
passwords. Sources: NIST SP 800-63B-4 (at most 100 consecutive failures), ASVS 5.0 V6.3.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How many failures one counter holds within WINDOW, and when the last one was."""

    count: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """`free` failures cost nothing; each further one doubles the wait from one second up to `longest`."""

    free: int
    longest: timedelta


_ACCOUNT = _Scale(free=4, longest=timedelta(minutes=15))
_ADDRESS = _Scale(free=15, longest=timedelta(minutes=15))
# Everybody shares this one, so its longest wait stays short: it slows a flood, it must not stop a province.
_OVERALL = _Scale(free=200, longest=timedelta(seconds=20))


def retry_at(*, account: Failures, address: Failures, overall: Failures) -> datetime | None:
    """Return the time before which a login is refused unread, or None when it may be tried."""
    waits = [
        failures.last_at + _delay(failures.count, scale)
        for failures, scale in ((account, _ACCOUNT), (address, _ADDRESS), (overall, _OVERALL))
        if failures.last_at is not None and failures.count >= scale.free
    ]
    return max(waits, default=None)


def _delay(count: int, scale: _Scale) -> timedelta:
    # The exponent is capped before the power is taken: a flood must not compute astronomically large numbers.
    return min(timedelta(seconds=2 ** min(count - scale.free, 20)), scale.longest)
