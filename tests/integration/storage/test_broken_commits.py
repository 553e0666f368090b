"""Every durable step broken in its two variants: not stored, and stored but reported as failed."""

import pytest
from sqlalchemy import text

from app.domain.errors import LogHalted
from app.storage.engine import Engines
from app.storage.errors import NotStored
from app.storage.reader import Reader
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from tests.integration.storage.test_writer import together
from tests.support.databases import Database
from tests.support.faults import broken_commits
from tests.support.owner import as_owner
from tests.support.stored_world import build_world, noted, offered, scan_of, unit


def test_a_commit_that_stored_nothing_is_tried_again(
    writer: Writer, engines: Engines, reader: Reader
) -> None:
    world = build_world(writer)
    with broken_commits(engines.write, stored=False) as broken:
        entry = writer.submit(scan_of(world.codes[0], 1, lambda item: offered(item, world)))
    assert len(broken) == 1
    row = reader.read(lambda uow: uow.audit.find(entry.index))
    assert row is not None
    assert row.data == entry.data
    assert reader.read(lambda uow: uow.audit.head()).size == 5


def test_a_commit_that_was_stored_and_reported_as_failed_is_not_done_twice(
    writer: Writer, engines: Engines, reader: Reader
) -> None:
    world = build_world(writer)
    scan = scan_of(world.codes[0], 1, lambda item: offered(item, world))
    with broken_commits(engines.write, stored=True) as broken:
        entry = writer.submit(scan)
    assert len(broken) == 1
    assert reader.read(lambda uow: uow.audit.head()).size == 5
    again = writer.submit(scan)
    assert (again.index, again.leaf, again.data) == (entry.index, entry.leaf, entry.data)
    assert reader.read(lambda uow: uow.audit.head()).size == 5


def test_nobody_is_told_done_when_nothing_can_be_stored(
    writer: Writer, engines: Engines, reader: Reader
) -> None:
    world = build_world(writer)
    scans = [
        scan_of(code, number, lambda item: offered(item, world)) for number, code in enumerate(world.codes)
    ]
    with broken_commits(engines.write, stored=False, times=1000):
        outcomes = together(writer, list(scans))
    assert all(isinstance(outcome, NotStored) for outcome in outcomes)
    assert reader.read(lambda uow: uow.audit.head()).size == 4
    # The disk is well again: the same scans are new ones.
    assert [writer.submit(scan).index for scan in scans] == [4, 5, 6, 7]


@pytest.mark.parametrize("stored", [False, True])
def test_a_group_whose_commit_breaks_ends_with_one_effect_each(
    writer: Writer, engines: Engines, reader: Reader, *, stored: bool
) -> None:
    world = build_world(writer)
    scans = [
        scan_of(code, number, lambda item: offered(item, world)) for number, code in enumerate(world.codes)
    ]
    with broken_commits(engines.write, stored=stored, times=2):
        outcomes = together(writer, list(scans))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert reader.read(lambda uow: uow.audit.head()).size == 8
    again = [writer.submit(scan).index for scan in scans]
    assert again == [outcome.index for outcome in outcomes]  # type: ignore[attr-defined]  # entries, just checked


def test_an_entry_that_cannot_be_sealed_fails_alone(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)

    def too_long(uow: UnitOfWork) -> None:
        uow.audit.append(noted("x" * 65))

    outcomes = together(writer, [too_long, scan_of(world.codes[0], 1, lambda item: offered(item, world))])
    assert isinstance(outcomes[0], Exception)
    assert not isinstance(outcomes[1], Exception)
    assert reader.read(lambda uow: uow.audit.head()).size == 5


def test_a_log_whose_head_does_not_fit_is_read_and_not_written(
    writer: Writer, reader: Reader, database: Database
) -> None:
    world = build_world(writer)
    with as_owner(database) as owner:
        owner.execute(text("UPDATE audit_head SET size = 3"))
    scan = scan_of(world.codes[0], 1, lambda item: offered(item, world))
    with pytest.raises(LogHalted):
        writer.submit(scan)
    assert writer.is_halted
    with as_owner(database) as owner:
        owner.execute(text("UPDATE audit_head SET size = 4"))
    with pytest.raises(LogHalted):
        writer.submit(scan)
    assert len(reader.read(lambda uow: uow.audit.list_latest())) == 4
    # People can still log in to read: what appends nothing is still written.
    writer.submit(lambda uow: uow.units.add(unit("NEW")))
    assert reader.read(lambda uow: uow.units.find_by_code("NEW")) is not None


def test_a_log_whose_last_entry_was_cut_off_is_not_written(writer: Writer, database: Database) -> None:
    world = build_world(writer)
    with as_owner(database) as owner:
        owner.execute(text("DELETE FROM audit_log WHERE idx = 3"))
    with pytest.raises(LogHalted):
        writer.submit(scan_of(world.codes[0], 1, lambda item: offered(item, world)))
