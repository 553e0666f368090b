"""Who shares a commit with whom: callers who come back together do, and nobody alone waits for anybody."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.storage import turns
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer

CALLERS, ENOUGH = 8, 160


def test_those_who_are_answered_together_share_the_next_commit(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So long a moment that a loaded machine does not end it: the group is full before.
    monkeypatch.setattr(turns, "MOMENT", 2.0)
    ran: list[UnitOfWork] = []
    done = threading.Event()

    def look(uow: UnitOfWork) -> None:
        ran.append(uow)
        # As long as a sync takes: whoever comes meanwhile waits, and is seen to be about.
        time.sleep(0.02)
        if len(ran) >= ENOUGH:
            done.set()

    def caller(_lane: int) -> None:
        while not done.is_set():
            writer.submit(look)

    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(caller, range(CALLERS)))
    commits = len({id(uow) for uow in ran})
    assert len(ran) / commits > CALLERS / 2


def test_whoever_is_alone_never_waits_for_others(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOMENT", 60.0)
    began = time.monotonic()
    for _ in range(5):
        writer.submit(lambda _uow: None)
    assert time.monotonic() - began < 60
