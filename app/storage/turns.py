"""Decide which of the waiting callers writes for all of them, and who is answered when.

There is no thread that writes: whoever comes while nobody writes does it himself, at once, so that a lone
caller pays for no hand-over. Those who come meanwhile wait; the first of them writes for the next group when
this one is answered. So nobody writes for more than one group, and nobody is overtaken.

A waiting caller never hangs: a writer who is interrupted (Ctrl-C) tells his group that nobody knows, and
hands on; a waiting caller who is interrupted gives up his place. Nothing here may touch a database.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable

from app.storage.attempt import Job
from app.storage.errors import OutcomeUnknown, WriterStopped

MOMENT = 0.003
"""Seconds without a newcomer after which nobody waits any longer for those just answered."""


class Turns:
    """See the module."""

    def __init__(self, largest_group: int, after_fork: Callable[[], None]) -> None:
        self._largest = largest_group
        self._after_fork = after_fork
        self._waiting: deque[Job[object]] = deque()
        self._group: list[Job[object]] = []
        # How many callers seem to be about, and how many must wait before a gathering writer is woken.
        self._about = 0
        self._enough = 1
        self._answered_at = 0.0
        self._state = threading.Lock()
        self._arrived = threading.Condition(self._state)
        self._idle = threading.Condition(self._state)
        # Somebody writes or has been told to; and the thread that does.
        self._taken = False
        self._leader: int | None = None
        self._pid = os.getpid()
        self._stopping = False

    def join(self, job: Job[object]) -> None:
        """Return when this caller's job is done or it is the caller's turn: then `job.leads`.

        Raises WriterStopped when no more work is taken, and whatever interrupts the wait.
        """
        caller = threading.get_ident()
        with self._state:
            self._renew()
            if self._leader == caller:
                raise RuntimeError("a use case must not submit another: it would wait for itself")
            if self._stopping:
                raise WriterStopped("the writer takes no more work")
            self._waiting.append(job)
            if not self._taken:
                self._taken, self._leader, job.leads = True, caller, True
                return
            if len(self._waiting) >= self._enough:
                self._arrived.notify()
        try:
            job.done.acquire()
            if job.leads:
                self._leader = caller
        except BaseException:
            self._give_up(job)
            raise

    def take(self) -> list[Job[object]]:
        """Take all the work that waits, the caller's first, up to the largest group.

        Where several callers are about, those just answered are given a moment to come back: otherwise the
        fastest of them gets a transaction alone and all the others wait for it. Whoever is alone is never
        kept waiting.
        """
        with self._state:
            if self._about > 1 and time.monotonic() - self._answered_at < MOMENT:
                self._gather()
            self._group = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._largest))]
            return self._group

    def answer(self) -> None:
        """End the turn: let the first of those who wait write next, and let everybody of this group go."""
        with self._state:
            group = self._end()
        for job in group:
            job.done.release()

    def interrupted(self, leader: Job[object]) -> None:
        """End a turn half way: its group hears that nobody knows; those who wait are served by the next."""
        with self._state:
            if leader in self._waiting:
                self._waiting.remove(leader)
            for job in self._group:
                job.error = OutcomeUnknown("the caller who wrote for all was interrupted")
            group = self._end()
        for job in group:
            job.done.release()

    def stop(self) -> bool:
        """Finish what waits and take nothing more; False when asked from inside a use case."""
        with self._state:
            self._renew()
            self._stopping = True
            self._arrived.notify()
            if self._leader == threading.get_ident():
                return False
            while self._taken:
                self._idle.wait()
            return True

    def _renew(self) -> None:
        """In a forked child, which owns none of its parent's callers, begin with nobody."""
        if self._pid == os.getpid():
            return
        self._waiting.clear()
        self._group, self._taken, self._leader = [], False, None
        self._after_fork()
        self._pid = os.getpid()

    def _gather(self) -> None:
        """Wait until all who are about are here, or until nobody came for a moment."""
        self._enough = min(self._about, self._largest)
        here = -1
        while here < len(self._waiting) < self._enough and not self._stopping:
            here = len(self._waiting)
            self._arrived.wait(MOMENT)
        self._enough = 1

    def _end(self) -> list[Job[object]]:
        group, self._group = self._group, []
        self._about = max(len(group) + len(self._waiting), self._about // 2)
        self._answered_at = time.monotonic()
        self._hand_on()
        return group

    def _hand_on(self) -> None:
        self._leader = None
        if self._waiting:
            following = self._waiting[0]
            following.leads = True
            following.done.release()
        else:
            self._taken = False
            self._idle.notify_all()

    def _give_up(self, job: Job[object]) -> None:
        """Leave the queue; a turn that was given meanwhile goes to the next."""
        with self._state:
            if job in self._waiting:
                self._waiting.remove(job)
                if job.leads:
                    self._hand_on()
