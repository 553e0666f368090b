"""Run use cases in one transaction, once: all of them, or one alone, to the commit and its outcome.

The order is fixed: read ahead and lock, run each use case in its frame, lock the head, seal, write and
commit. Nothing here answers a caller; the writer does, and only with what this module knows to be on disk.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from app.domain.errors import ClockWentBack, LogBehind, LogHalted
from app.storage.clock import Clock
from app.storage.errors import AlreadyThere, HeadMoved, NotStored, OutcomeUnknown
from app.storage.hot import Batch, Wanted
from app.storage.last_head import LastHead
from app.storage.tables.log import AUDIT_HEAD, AUDIT_LOG
from app.storage.uow import UnitOfWork
from crypto.signer import Signer

T = TypeVar("T")
DATABASE_ERRORS = (SQLAlchemyError, psycopg.Error, sqlite3.Error)


def _locked() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False, kw_only=True)
class Job(Generic[T]):
    """A use case with what it will read, and later its outcome.

    `done` is locked until there is one, or until it is the caller's turn to write for all: then `leads`.
    """

    use_case: Callable[[UnitOfWork], T]
    wanted: Wanted
    done: threading.Lock = field(default_factory=_locked)
    leads: bool = False
    results: list[T] = field(default_factory=list)
    error: BaseException | None = None

    def run(self, uow: UnitOfWork) -> None:
        """Run in a frame of its own and keep what comes of it."""
        self.results, self.error = [], None
        try:
            with uow.savepoint():
                self.results = [self.use_case(uow)]
                uow.check_claims()
        except Exception as error:  # noqa: BLE001  # carried to the caller; an interrupt is the thread's own
            self.error = error


class Attempts:
    """How this process writes: to which engine, signed by whom, at what time."""

    def __init__(self, engine: Engine, signer: Signer, clock: Clock) -> None:
        self._engine = engine
        self._signer = signer
        self._clock = clock
        self._connection: Connection | None = None
        self._inherited: list[Connection] = []
        self._last_head = LastHead()
        self.is_halted = False
        self.halt_reason: LogHalted | None = None
        # A database put back to an older copy while we run is shorter than what we have seen of it.
        self.least_size = 0
        self.last_entry_at: datetime | None = None

    def run(self, jobs: Sequence[Job[object]]) -> None:
        """Run and store all of them; raises NotStored, OutcomeUnknown or what sealing raised."""
        try:
            connection = self._connect()
            try:
                self._run(connection, jobs)
            except HeadMoved:
                raise
            except BaseException:
                # Whatever state it is in, nobody shall inherit it.
                self._last_head.doubt()
                connection.invalidate()
                raise
            finally:
                if connection.invalidated:
                    self.close()
        except DATABASE_ERRORS as error:
            raise NotStored(type(error).__name__) from error

    def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def forget(self) -> None:
        """Touch the connection no more: it is the parent's of this forked process, its socket too."""
        if self._connection is not None:
            # Kept, because dropping it would say something on that socket.
            self._inherited.append(self._connection)
            self._connection = None

    def _connect(self) -> Connection:
        """Take a connection once: fetching and returning one for each commit costs more than sealing."""
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _run(self, connection: Connection, jobs: Sequence[Job[object]]) -> None:
        connection.begin()
        uow = UnitOfWork(connection, writable=True)
        uow.prefetch(_union(jobs))
        for job in jobs:
            job.run(uow)
        if uow.is_broken:
            raise NotStored("a statement failed outside a savepoint")
        if not uow.has_writes:
            connection.rollback()
            return
        batch = self._seal(uow)
        self._last_head.see(batch)
        try:
            uow.store(batch, connection)
        except AlreadyThere as error:
            # What names an entry goes before the message that checks the head: whoever was faster wrote it.
            self._last_head.doubt()
            if batch.locked:
                raise
            connection.rollback()
            raise HeadMoved("another process was faster") from error
        except DATABASE_ERRORS as error:
            self._last_head.doubt()
            if not batch.locked and isinstance(getattr(error, "orig", None), psycopg.errors.DivisionByZero):
                # Refused by the first statement of the message, so nothing of it can be stored.
                connection.rollback()
                raise HeadMoved("another process was faster") from error
            connection.invalidate()
            self._settle(uow, error)
        else:
            self._last_head.leave(batch)

    def _seal(self, uow: UnitOfWork) -> Batch:
        if self.halt_reason is not None and uow.has_entries:
            raise type(self.halt_reason)(*self.halt_reason.args)
        if self.is_halted and uow.has_entries:
            raise LogHalted("writing stopped when the head did not fit the last entry")
        try:
            batch = uow.seal(
                signer=self._signer,
                now=self._clock(),
                least_size=self.least_size,
                last=self._last_head,
            )
        except LogBehind as reason:
            self.halt_reason = reason
            raise
        except LogHalted:
            self.is_halted = True
            raise
        except ClockWentBack as error:
            self.last_entry_at = error.last_at
            raise
        self.last_entry_at = batch.at or self.last_entry_at
        if batch.head:
            # What stood before this batch is committed, so it must be there at every later look.
            self.least_size = max(self.least_size, uow.first_entry[0])
        return batch

    def _settle(self, uow: UnitOfWork, error: Exception) -> None:
        """Return when the broken commit is on disk after all; raise when it is not, or when nobody knows."""
        if not uow.has_entries:
            raise NotStored(type(error).__name__) from error
        index, leaf = uow.first_entry
        try:
            with self._engine.connect() as connection:
                # Whoever still holds the broken transaction holds this lock too: wait for its end.
                connection.execute(select(AUDIT_HEAD.c.size).with_for_update()).all()
                found = connection.execute(select(AUDIT_LOG.c.leaf).where(AUDIT_LOG.c.idx == index)).scalar()
        except DATABASE_ERRORS as silence:
            raise OutcomeUnknown(type(silence).__name__) from error
        if found is None or bytes(found) != leaf:
            raise NotStored(type(error).__name__) from error


def _union(jobs: Sequence[Job[object]]) -> Wanted:
    if len(jobs) == 1:
        return jobs[0].wanted
    return Wanted(
        codes={code for job in jobs for code in job.wanted.codes},
        scans={scan for job in jobs for scan in job.wanted.scans},
        devices={device for job in jobs for device in job.wanted.devices},
        units={unit for job in jobs for unit in job.wanted.units},
    )
