"""A server whose clock is far behind its own log writes nothing; one that is a little behind goes on."""

from datetime import timedelta

import pytest

from app.domain.errors import ClockWentBack
from app.storage.reader import Reader
from app.storage.writer import Writer
from tests.support.databases import SteppingClock
from tests.support.stored_world import build_world, noted, offered, scan_of, unit


def test_finding_19_a_clock_far_behind_the_log_writes_nothing_until_it_is_right(
    writer: Writer, reader: Reader, clock: SteppingClock
) -> None:
    world = build_world(writer)
    last = reader.read(lambda uow: uow.audit.list_latest(limit=1))[0]
    scan = scan_of(world.codes[0], 1, lambda item: offered(item, world))
    clock.now = last.at - timedelta(hours=24, seconds=2)
    with pytest.raises(ClockWentBack):
        writer.submit(scan)
    assert reader.read(lambda uow: uow.audit.list_latest(limit=1))[0] == last
    assert writer.last_entry_at == last.at
    assert not writer.is_halted
    # People can still log in to read: what appends nothing is still written.
    writer.submit(lambda uow: uow.units.add(unit("NEW")))
    # Nothing has to be started again once the clock is right.
    clock.now = last.at + timedelta(minutes=1)
    assert writer.submit(scan).index == last.index + 1


def test_finding_19_a_small_step_back_is_written_with_the_time_of_the_entry_before(
    writer: Writer, reader: Reader, clock: SteppingClock
) -> None:
    world = build_world(writer)
    last = reader.read(lambda uow: uow.audit.list_latest(limit=1))[0]
    clock.now = last.at - timedelta(hours=23)
    writer.submit(lambda uow: uow.audit.append(noted(world.codes[0])))
    assert reader.read(lambda uow: uow.audit.list_latest(limit=1))[0].at == last.at
