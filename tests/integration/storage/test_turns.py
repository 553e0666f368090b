"""Who of the callers writes for all: nobody alone waits, nobody serves for ever, nobody is left behind."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from datetime import UTC, datetime

import pytest

from app.storage.attempt import Job
from app.storage.engine import Engines
from app.storage.errors import OutcomeUnknown, WriterStopped
from app.storage.hot import Wanted
from app.storage.reader import Reader
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from crypto.signer import Signer
from tests.support.stored_world import build_world, noted, unit

WAIT = 60.0


def wait_for(condition: Callable[[], bool]) -> None:
    """Spin until something outside this thread has happened."""
    pause = threading.Event()
    for _ in range(int(WAIT / 0.001)):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("it never happened")


def queued(writer: Writer) -> int:
    """Count the callers that wait for their turn."""
    return len(writer._turns._waiting)


def test_a_lone_caller_is_served_by_his_own_thread(writer: Writer) -> None:
    assert writer.submit(lambda _uow: threading.get_ident()) == threading.get_ident()


def test_nobody_writes_for_more_than_one_group(writer: Writer) -> None:
    inside, answered = threading.Event(), threading.Event()
    ran_in: dict[str, int] = {}

    def first(_uow: UnitOfWork) -> None:
        ran_in["first"] = threading.get_ident()
        inside.set()
        wait_for(lambda: queued(writer) == 1)

    def second(_uow: UnitOfWork) -> None:
        ran_in["second"] = threading.get_ident()
        # Whoever wrote for the first group has been answered although there was more to do.
        assert answered.wait(WAIT)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(writer.submit, first)
        assert inside.wait(WAIT)
        two = pool.submit(writer.submit, second)
        one.result(WAIT)
        answered.set()
        two.result(WAIT)
    assert ran_in["first"] != ran_in["second"]


def test_a_use_case_sees_nothing_of_the_request_it_is_run_in(writer: Writer) -> None:
    whose: ContextVar[str] = ContextVar("whose", default="nobody's")
    whose.set("mine")
    assert writer.submit(lambda _uow: whose.get()) == "nobody's"
    assert whose.get() == "mine"


class Interrupting:
    """A clock that interrupts the thread which asks for the time, once it is told to."""

    def __init__(self) -> None:
        self.armed = False

    def __call__(self) -> datetime:
        """Give the time, or be a Ctrl-C."""
        if self.armed:
            self.armed = False
            raise KeyboardInterrupt
        return datetime.now(UTC)


def test_an_interrupted_writer_takes_nobody_with_him(
    engines: Engines, signer: Signer, reader: Reader
) -> None:
    clock = Interrupting()
    writer = Writer(engines.write, signer, clock)
    build_world(writer)
    before = reader.read(lambda uow: uow.audit.head()).size
    inside, gate = threading.Event(), threading.Event()

    def holds(_uow: UnitOfWork) -> None:
        inside.set()
        assert gate.wait(WAIT)

    def appends(uow: UnitOfWork) -> None:
        uow.audit.append(noted("X"))

    with ThreadPoolExecutor(3) as pool:
        holder = pool.submit(writer.submit, holds)
        assert inside.wait(WAIT)
        both: list[Future[None]] = []
        for number in (1, 2):
            both.append(pool.submit(writer.submit, appends))
            wait_for(lambda number=number: queued(writer) == number)  # type: ignore[misc]  # bound at once
        clock.armed = True
        gate.set()
        holder.result(WAIT)
        # The first of them wrote for both when it was interrupted; the other hears that nobody knows.
        with pytest.raises(KeyboardInterrupt):
            both[0].result(WAIT)
        with pytest.raises(OutcomeUnknown):
            both[1].result(WAIT)
    assert reader.read(lambda uow: uow.audit.head()).size == before
    # Nothing is left in an open transaction, and the next caller is served.
    writer.submit(appends)
    assert reader.read(lambda uow: uow.audit.head()).size == before + 1
    writer.stop()


def test_an_interrupt_inside_a_use_case_undoes_it_and_is_the_callers_own(
    writer: Writer, reader: Reader
) -> None:
    def leaves(uow: UnitOfWork) -> None:
        uow.units.add(unit("GONE"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        writer.submit(leaves)
    writer.submit(lambda uow: uow.units.add(unit("KEPT")))
    names = {found.code for found in reader.read(lambda uow: uow.units.list())}
    assert "KEPT" in names
    assert "GONE" not in names


@pytest.mark.parametrize("place", ["waiting", "told to write"])
def test_a_caller_interrupted_while_waiting_gives_up_his_place(writer: Writer, place: str) -> None:
    inside, gate = threading.Event(), threading.Event()
    ran: list[str] = []

    def holds(_uow: UnitOfWork) -> None:
        inside.set()
        assert gate.wait(WAIT)

    class Door:
        """A lock that is left by an interrupt: at once, or after it was opened."""

        def __init__(self, lock: threading.Lock) -> None:
            self._lock = lock

        def acquire(self) -> None:
            if place == "told to write":
                gate.set()
                self._lock.acquire()
            raise KeyboardInterrupt

        def release(self) -> None:
            self._lock.release()

    def interrupted() -> None:
        job: Job[object] = Job(use_case=lambda _uow: ran.append("interrupted"), wanted=Wanted())
        job.done = Door(job.done)  # type: ignore[assignment]  # the same two verbs
        writer._turns.join(job)

    with ThreadPoolExecutor(3) as pool:
        holder = pool.submit(writer.submit, holds)
        assert inside.wait(WAIT)
        gone = pool.submit(interrupted)
        with pytest.raises(KeyboardInterrupt):
            gone.result(WAIT)
        after = pool.submit(writer.submit, lambda _uow: ran.append("after"))
        gate.set()
        holder.result(WAIT)
        after.result(WAIT)
    assert ran == ["after"]


def test_stopping_waits_for_whoever_writes_and_for_those_behind(writer: Writer) -> None:
    inside, gate = threading.Event(), threading.Event()

    def holds(_uow: UnitOfWork) -> str:
        inside.set()
        assert gate.wait(WAIT)
        return "first"

    with ThreadPoolExecutor(3) as pool:
        holder = pool.submit(writer.submit, holds)
        assert inside.wait(WAIT)
        behind = pool.submit(writer.submit, lambda _uow: "second")
        wait_for(lambda: queued(writer) == 1)
        stopping = pool.submit(writer.stop)
        wait_for(lambda: writer._turns._stopping)
        with pytest.raises(WriterStopped):
            writer.submit(lambda _uow: "too late")
        assert not stopping.done()
        gate.set()
        stopping.result(WAIT)
        assert (holder.result(WAIT), behind.result(WAIT)) == ("first", "second")
