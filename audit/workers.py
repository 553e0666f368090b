"""Spreads the verifier's work over processes and brings the answers back in the order of the log.

Workers read the bundle themselves, so entries are not copied between processes, and only a few runs are under
way at once, so memory does not grow with the log. Nothing is judged here.
"""

import gc
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

from audit.bundle import split_entries
from audit.checks import Checker, Tally
from audit.errors import BadEntry, CannotVerify
from audit.scratch import find_bad

_RUNS_PER_WORKER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Consecutive entries: the position of the first, how many, and where in which file they stand."""

    path: Path
    first: int
    count: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What every worker needs to know once."""

    checker: Checker
    partitions: int

    def check(self, run: Run) -> Tally:
        """Read one run from its file and check it."""
        with run.path.open("rb") as stream:
            stream.seek(run.offset)
            data = stream.read(run.length)
        if len(data) != run.length:
            raise CannotVerify(f"{run.path} changed while it was read")
        # A run makes very many small objects and no cycles: looking for them is work for nothing.
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self.checker.check(split_entries(data), run.first, self.partitions)
        finally:
            if collecting:
                gc.enable()


class Workers:
    """As many processes as asked for (None: one for each core); with one, everything runs in this process."""

    def __init__(self, task: Task, jobs: int | None) -> None:
        self._task = task
        jobs = len(os.sched_getaffinity(0)) if jobs is None else jobs
        self._window = jobs * _RUNS_PER_WORKER
        # A fresh interpreter for each worker: forking a process that has threads can deadlock.
        self._pool = (
            ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_start, initargs=(task,))
            if jobs > 1
            else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def check(self, runs: Iterable[Run]) -> Iterator[Tally]:
        """Check runs; tallies come back in the order of the runs."""
        if self._pool is None:
            yield from map(self._task.check, runs)
            return
        waiting: deque[Future[Tally]] = deque()
        try:
            for run in runs:
                waiting.append(self._pool.submit(_check, run))
                if len(waiting) >= self._window:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise CannotVerify("a worker process was ended from outside") from None
        finally:
            for future in waiting:
                future.cancel()

    def find_bad_files(self, paths: Iterable[Path]) -> list[BadEntry]:
        """Check the scratch files side by side; at most one finding for each."""
        try:
            run = map if self._pool is None else self._pool.map
            answers = run(find_bad, paths)
            return [found for found in answers if found is not None]
        except BrokenProcessPool:
            raise CannotVerify("a worker process was ended from outside") from None


# Set once in each worker process, before its first run.
_tasks: list[Task] = []


def _start(task: Task) -> None:
    _tasks.append(task)


def _check(run: Run) -> Tally:
    return _tasks[0].check(run)
