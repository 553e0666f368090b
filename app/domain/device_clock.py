"""Say what a device's time beside the server's means: nothing, a scan that waited, or a clock that is wrong.

A device's time is a claim: no scan is refused for it, and no rule runs by it but one, which lets pass what
was signed before a section closed (:mod:`app.domain.section`). But nobody scans tomorrow, so whoever holds
the device is told to set its clock, and a scan that waited is told from one made just now.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# A clock without a network drifts some seconds a day.
AHEAD: Final = timedelta(minutes=2)
# Below this a scan waited for a network as scans do; above it the office worked offline.
LATE: Final = timedelta(minutes=10)


class ClockNotice(StrEnum):
    """What the person at the device is told."""

    CLOCK_AHEAD = "clock_ahead"
    CAME_LATE = "came_late"


def judge(device_at: datetime, now: datetime) -> ClockNotice | None:
    """Return what is to be told of a device's time when its scan arrives, None for nothing."""
    if device_at - now > AHEAD:
        return ClockNotice.CLOCK_AHEAD
    return ClockNotice.CAME_LATE if now - device_at >= LATE else None
