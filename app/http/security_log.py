"""What strangers get: one line in the server's security log, and never more than a few in a while.

Malformed and unauthenticated input makes no entry in the custody log, or a stranger could fill it. Nothing a
stranger sent is written here, so that nobody can forge a line; repeats are counted instead of repeated.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from flask import request

_log: Final = logging.getLogger("kt1.security")
BURST: Final = 10
WINDOW_SECONDS: Final = 10.0


class RateLimitedLog:
    """Writes at most `BURST` lines of one kind in `WINDOW_SECONDS`, then how many were left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def report(self, kind: str, **facts: object) -> None:
        """Report one event; `kind` is a constant of ours, `facts` hold nothing that a stranger chose."""
        now = self._clock()
        with self._lock:
            began, count = self._windows.get(kind, (now, 0))
            left_out = max(0, count - BURST) if now - began >= WINDOW_SECONDS else 0
            if now - began >= WINDOW_SECONDS:
                began, count = now, 0
            self._windows[kind] = (began, count + 1)
        if left_out:
            _log.warning("%s: %d more were left out", kind, left_out)
        if count < BURST:
            described = " ".join(f"{name}={value}" for name, value in sorted(facts.items()))
            _log.warning("%s %s", kind, described)


_reports: Final = RateLimitedLog()


def report(kind: str, **facts: object) -> None:
    """Report something about this request, with the address it came from."""
    _reports.report(kind, address=request.remote_addr, **facts)
