"""The one writer of a process: waiting use cases share a transaction, a head lock and a sync.

``submit`` blocks until the commit that holds its use case. A use case that raises undoes itself alone. When
the group cannot be stored, nobody hears that it was: each use case is run again in a transaction of its own.
So a use case may run more than once and must have no effect outside its unit of work; one that appends no
entry must be harmless to repeat (a session, a counter). When the commit itself breaks, the log is asked which
way it went before anybody is answered, so that nothing is done twice.

A waiting caller never hangs: if the thread dies, everybody gets WriterStopped.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from typing import TypeVar, cast

from sqlalchemy import Engine

from app.domain.errors import LogHalted
from app.storage.attempt import Attempts, Job
from app.storage.clock import Clock
from app.storage.errors import NotStored, WriterStopped
from app.storage.hot import Wanted
from app.storage.uow import UnitOfWork
from crypto.signer import Signer

T = TypeVar("T")
LARGEST_GROUP = 64
TRIES_ALONE = 3
MOMENT = 0.003
"""Seconds without a newcomer after which a writer no longer waits for those it has just answered."""


class Writer:
    """See the module. The thread starts with the first work, so after any fork of the server."""

    def __init__(
        self, engine: Engine, signer: Signer, clock: Clock, *, largest_group: int = LARGEST_GROUP
    ) -> None:
        self._engine = engine
        self._attempts = Attempts(engine, signer, clock)
        self._largest = largest_group
        self._waiting: deque[Job[object]] = deque()
        # How many callers seem to be about, and how many must wait before the thread is woken.
        self._about = 0
        self._enough = 1
        self._state = threading.Condition()
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()
        self._stopping = False
        self._death: BaseException | None = None

    @property
    def is_halted(self) -> bool:
        """The head did not fit the last entry: nothing is appended until an operator has looked."""
        return self._attempts.is_halted or self._attempts.halt_reason is not None

    @property
    def halt_reason(self) -> LogHalted | None:
        """Why nothing is appended, when somebody outside the writer found it."""
        return self._attempts.halt_reason

    def halt(self, reason: LogHalted) -> None:
        """Append nothing from now on; every use case with an entry gets this reason."""
        self._attempts.halt_reason = reason

    def demand(self, size: int) -> None:
        """Append only to a log of at least this many entries: so many are signed for."""
        self._attempts.least_size = size

    @property
    def last_entry_at(self) -> datetime | None:
        """The log's time as far as this writer knows it, None before its first entry: see ClockWentBack."""
        return self._attempts.last_entry_at

    def submit(
        self,
        use_case: Callable[[UnitOfWork], T],
        *,
        codes: Collection[str] = (),
        scans: Collection[str] = (),
        devices: Collection[str] = (),
        units: Collection[str] = (),
    ) -> T:
        """Run a use case and return its result after the commit that holds it.

        The names say what it will certainly read, so that a group reads it in one question. Raises what the
        use case raised, LogHalted, ClockWentBack, NotStored, OutcomeUnknown (say the same again), or
        WriterStopped.
        """
        job: Job[T] = Job(
            use_case=use_case, wanted=Wanted(codes=codes, scans=scans, devices=devices, units=units)
        )
        job.done.acquire()
        self._enqueue(cast("Job[object]", job))
        job.done.acquire()
        if job.error is not None:
            raise job.error
        return job.results[0]

    def stop(self) -> None:
        """Finish what waits, then take nothing more."""
        with self._state:
            self._stopping = True
            self._state.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        if thread is not threading.current_thread():
            self._attempts.close()

    def _enqueue(self, job: Job[object]) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a use case must not submit another: it would wait for itself")
        with self._state:
            if self._pid != os.getpid():
                # A forked child owns neither its parent's thread nor its parent's connections.
                self._attempts.forget()
                self._engine.dispose(close=False)
                self._waiting.clear()
                self._thread, self._pid = None, os.getpid()
            if self._stopping or self._death is not None:
                raise WriterStopped("the writer takes no more work") from self._death
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="kt1-writer", daemon=True)
                self._thread.start()
            self._waiting.append(job)
            if len(self._waiting) >= self._enough:
                self._state.notify()

    def _serve(self) -> None:
        group: list[Job[object]] = []
        try:
            while group := self._take(answered=len(group)):
                self._run(group)
                for job in group:
                    job.done.release()
        except BaseException as death:  # noqa: BLE001  # whatever kills the thread, nobody may wait for it
            with self._state:
                self._death = death
                stranded = [*group, *self._waiting]
                self._waiting.clear()
            for job in stranded:
                if job.done.locked():
                    job.error = WriterStopped(f"the writer died: {type(death).__name__}")
                    job.done.release()

    def _take(self, *, answered: int) -> list[Job[object]]:
        """Wait for work and take all of it, up to the largest group; empty when stopping.

        Where several callers are about, those just answered are given a moment to come back: otherwise the
        fastest of them gets a transaction alone and all the others wait for it. Whoever is alone is never
        kept waiting.
        """
        with self._state:
            self._about = max(answered + len(self._waiting), self._about // 2)
            if self._about > 1:
                self._gather()
            while not self._waiting and not self._stopping:
                self._state.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._largest))]

    def _gather(self) -> None:
        """Wait until all who are about are here, or until nobody came for a moment."""
        self._enough = min(self._about, self._largest)
        here = -1
        while here < len(self._waiting) < self._enough and not self._stopping:
            here = len(self._waiting)
            self._state.wait(MOMENT)
        self._enough = 1

    def _run(self, group: list[Job[object]]) -> None:
        if len(group) > 1:
            # Where the group fails, each use case learns its own reason below.
            with suppress(Exception):
                self._attempts.run(group)
                return
        for job in group:
            self._run_alone(job)

    def _run_alone(self, job: Job[object]) -> None:
        for tries_left in reversed(range(TRIES_ALONE)):
            try:
                self._attempts.run([job])
            except NotStored as error:
                # Somebody else may have been faster with the same key, or a deadlock was broken on our side.
                job.error = error
                if tries_left == 0:
                    return
            except Exception as error:  # noqa: BLE001  # carried to the caller
                job.error = error
                return
            else:
                return
