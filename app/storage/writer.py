"""The one writer of a process: waiting use cases share a transaction, a head lock and a sync.

``submit`` blocks until the commit that holds its use case; who of the callers does the work is decided in
:mod:`app.storage.turns`. A use case that raises undoes itself alone. When the group cannot be stored, nobody
hears that it was: each use case is run again in a transaction of its own. So a use case may run more than
once, in any caller's thread, and must have no effect outside its unit of work; one that appends no entry
must be harmless to repeat (a session, a counter). When the commit itself breaks, the log is asked which way
it went before anybody is answered, so that nothing is done twice.
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from contextvars import Context
from datetime import datetime
from typing import TypeVar, cast

from sqlalchemy import Engine

from app.domain.errors import LogHalted
from app.storage.attempt import Attempts, Job
from app.storage.clock import Clock
from app.storage.errors import AlreadyThere, HeadMoved, NotStored
from app.storage.hot import Wanted
from app.storage.turns import Turns
from app.storage.uow import UnitOfWork
from crypto.signer import Signer

T = TypeVar("T")
LARGEST_GROUP = 64
TRIES_ALONE = 3


class Writer:
    """See the module. Nothing is opened before the first work, so after any fork of the server."""

    def __init__(
        self, engine: Engine, signer: Signer, clock: Clock, *, largest_group: int = LARGEST_GROUP
    ) -> None:
        self._engine = engine
        self._attempts = Attempts(engine, signer, clock)
        self._turns = Turns(largest_group, self._after_fork)

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
        waiting = cast("Job[object]", job)
        self._turns.join(waiting)
        if job.leads:
            self._lead(waiting)
        if job.error is not None:
            raise job.error
        return job.results[0]

    def stop(self) -> None:
        """Finish what waits, then take nothing more."""
        if self._turns.stop():
            self._attempts.close()

    def _after_fork(self) -> None:
        """Let go of the parent's connections: a forked child owns none of them."""
        self._attempts.forget()
        self._engine.dispose(close=False)

    def _lead(self, own: Job[object]) -> None:
        """Write for everybody who waits, oneself the first."""
        try:
            # In an empty context: no use case may see in whose request it happens to be run.
            Context().run(self._run, self._turns.take())
        except BaseException:
            self._turns.interrupted(own)
            raise
        self._turns.answer()

    def _run(self, group: list[Job[object]]) -> None:
        if len(group) > 1:
            # Where the group fails, each use case learns its own reason below.
            with suppress(Exception):
                self._run_together(group)
                for job in group:
                    if isinstance(job.error, AlreadyThere):
                        self._run_alone(job)
                return
        for job in group:
            self._run_alone(job)

    def _run_together(self, group: list[Job[object]]) -> None:
        try:
            self._attempts.run(group)
        except HeadMoved:
            # Nobody of the group is to blame, and the next try asks for the head.
            self._attempts.run(group)

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
                # Another process took a key between this use case's look and its write: it looks again, and
                # says what it says of something that is done already.
                if not isinstance(job.error, AlreadyThere):
                    return
