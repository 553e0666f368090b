"""A process that takes the end of the log for granted: faster alone, and never wrong beside another."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app.domain.errors import LogHalted
from app.domain.ids import KeyId
from app.domain.shift import Shift, ShiftStep
from app.storage.engine import Engines, make_engines
from app.storage.last_head import OFTEN
from app.storage.reader import Reader
from app.storage.records import Device
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import parse_entry
from crypto.signer import FileSigner
from tests.integration.storage.test_statements_of_a_group import noted_down
from tests.integration.storage.test_writer import together
from tests.support.databases import Database, SteppingClock
from tests.support.owner import as_owner
from tests.support.stored_world import NOW, World, build_world, noted


@pytest.fixture
def other(database: Database, signer: FileSigner) -> Iterator[Writer]:
    """Run a second process's writer on the same database."""
    engines = make_engines(database)
    made = Writer(engines.write, signer, SteppingClock())
    yield made
    made.stop()
    engines.dispose()


def appending(*codes: str) -> Callable[[UnitOfWork], None]:
    """Append one entry."""

    def use_case(uow: UnitOfWork) -> None:
        uow.audit.append(noted(*codes))

    return use_case


def settled(writer: Writer) -> None:
    """Append alone until the head is taken for granted."""
    for _ in range(OFTEN + 1):
        writer.submit(appending())


def check_chain(reader: Reader) -> int:
    """Follow the chain from the first entry to the head; return its length."""
    head = reader.read(lambda uow: uow.audit.head())
    entries = [parse_entry(data) for data in reader.read(lambda uow: list(uow.audit.stream()))]
    prev = bytes(32)
    for number, entry in enumerate(entries):
        assert (entry.index, entry.prev) == (number, prev)
        prev = entry.leaf
    assert (head.size, head.leaf) == (len(entries), prev)
    return len(entries)


def test_a_process_alone_appends_in_one_message(writer: Writer, database: Database) -> None:
    build_world(writer)
    with noted_down(writer) as said:
        writer.submit(appending())
        asked = said()
    settled(writer)
    with noted_down(writer) as said:
        writer.submit(appending())
        told = said()
    if database.kind == "postgresql":
        assert (asked.count("SYNC"), told.count("SYNC")) == (2, 1)
        # The first thing said is the condition under which the rest is true.
        assert told[0] == "BEGIN"
        assert told[1].startswith("SELECT 1 / count(*)")
        assert told[1].count("FOR UPDATE") == 1
    else:
        assert [statement for statement in told if statement.startswith("SELECT")]


def test_what_names_an_entry_that_another_process_wrote_meanwhile_is_done_again_behind_it(
    writer: Writer, other: Writer, reader: Reader
) -> None:
    world = build_world(writer)
    unit, user = world.office, world.courier
    opened = Shift(id=0, code="CA-1", unit=unit, user=user, opened_at=NOW, previous=None)
    shift = writer.submit(lambda uow: uow.shifts.add(opened, opening=()))

    def count(uow: UnitOfWork) -> None:
        uow.shifts.bind(shift, ShiftStep.COUNTED, uow.audit.append(noted()), number=1)

    settled(writer)
    before = check_chain(reader)
    other.submit(count)
    # This process takes the end of the log for granted, and would give the same number out again.
    writer.submit(count)
    assert check_chain(reader) == before + 2
    bound = reader.read(lambda uow: uow.shifts.list_entries(shift.id))
    assert [one.index for one in bound] == [before, before + 1]


def test_an_entry_of_another_process_is_found_and_nothing_is_lost(
    writer: Writer, other: Writer, reader: Reader
) -> None:
    build_world(writer)
    settled(writer)
    before = check_chain(reader)
    other.submit(appending("OTHER"))
    writer.submit(appending("MINE"))
    other.submit(appending("OTHER"))
    assert check_chain(reader) == before + 3


def test_a_group_behind_a_moved_head_is_stored_as_a_group(
    writer: Writer, other: Writer, reader: Reader
) -> None:
    build_world(writer)
    settled(writer)
    before = check_chain(reader)
    other.submit(appending("OTHER"))
    seen: list[UnitOfWork] = []

    def counted(uow: UnitOfWork) -> None:
        seen.append(uow)
        uow.audit.append(noted("MINE"))

    outcomes = together(writer, [counted, counted, counted])
    assert outcomes == [None, None, None]
    assert check_chain(reader) == before + 4
    # Twice at most: once in vain, and once together.
    assert len({id(uow) for uow in seen}) <= 2


def test_two_processes_at_once_lose_and_double_nothing(writer: Writer, other: Writer, reader: Reader) -> None:
    build_world(writer)
    settled(writer)
    before = check_chain(reader)

    def station(lane: int) -> None:
        for _ in range(20):
            (writer, other)[lane % 2].submit(appending(f"L{lane}"))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(station, range(6)))
    assert check_chain(reader) == before + 6 * 20


def enrolled(world: World) -> Device:
    """Describe the courier's device."""
    return Device(
        id=0,
        key_id=KeyId("ab" * 8),
        public_key=b"\x07" * 32,
        user_id=world.courier,
        name="máy 1",
        token_hash=None,
        enrolled_at=NOW,
        revoked_at=None,
        enrolled_index=0,
    )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_scan_is_never_chained_behind_the_entry_that_revokes_its_device(
    writer: Writer, other: Writer, reader: Reader
) -> None:
    # On SQLite nobody can revoke between: the one write lock is held from the start.
    device = enrolled(build_world(writer))
    writer.submit(lambda uow: uow.devices.add(device, uow.audit.append(noted("enrolled"))))
    settled(writer)
    answers: list[bool] = []

    def revokes(uow: UnitOfWork) -> None:
        found = uow.devices.find_by_key(device.key_id)
        assert found is not None
        uow.devices.revoke(found.id, revoked_at=NOW)
        uow.audit.append(noted("revoked"))

    def scans(uow: UnitOfWork) -> None:
        signer = uow.devices.find_signer(device.key_id)
        assert signer is not None
        answers.append(signer[0].revoked_at is None)
        if len(answers) == 1:
            other.submit(revokes)
        uow.audit.append(noted("scan" if answers[-1] else "refused"))

    writer.submit(scans, devices=[device.key_id])
    assert answers == [True, False]
    last = [parse_entry(data) for data in reader.read(lambda uow: list(uow.audit.stream()))][-2:]
    assert [entry.items[0].code for entry in last] == ["revoked", "refused"]
    check_chain(reader)


def test_a_head_taken_for_granted_is_still_held_against_the_last_entry(
    writer: Writer, database: Database
) -> None:
    build_world(writer)
    settled(writer)
    with as_owner(database) as owner:
        last = "idx = (SELECT max(idx) FROM audit_log)"
        owner.execute(text(f"UPDATE audit_log SET leaf = :leaf WHERE {last}"), {"leaf": bytes(32)})
    with pytest.raises(LogHalted):
        writer.submit(appending())
    assert writer.is_halted


def test_a_database_put_back_behind_what_was_seen_is_not_written(
    writer: Writer, engines: Engines, reader: Reader, database: Database
) -> None:
    del engines
    build_world(writer)
    settled(writer)
    size = check_chain(reader)
    row = reader.read(lambda uow: uow.audit.find(size - 4))
    assert row is not None
    with as_owner(database) as owner:
        owner.execute(text("DELETE FROM audit_log WHERE idx > :idx"), {"idx": size - 4})
        owner.execute(
            text("UPDATE audit_head SET size = :size, leaf = :leaf"), {"size": size - 3, "leaf": row.leaf}
        )
    with pytest.raises(LogHalted):
        writer.submit(appending())
    assert check_chain(reader) == size - 3
