"""What the ordinary repositories keep, and the series that must have no gap."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from app.domain.consignment import ConsignmentDetails, State
from app.domain.errors import NotFound
from app.domain.grades import Secrecy
from app.domain.ids import KeyId, UserId
from app.domain.register import Direction
from app.storage.engine import make_engines
from app.storage.errors import AlreadyThere, NotStored, ReadOnly
from app.storage.reader import Reader
from app.storage.records import Delivery, Device, Session
from app.storage.repositories.consignment_queries import Search, Visibility
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from crypto.signer import Signer
from tests.support.databases import Database, SteppingClock
from tests.support.stored_world import (
    NOW,
    build_world,
    details,
    noted,
    offered,
    registered,
    scan_of,
    taken,
    unit,
    user,
)


def test_registers_stay_gapless_under_concurrency_and_failures(
    writer: Writer, reader: Reader, database: Database, signer: Signer
) -> None:
    world = build_world(writer, items=0)
    # A second process of the same server has a writer of its own.
    other_engines = make_engines(database)
    other = Writer(other_engines.write, signer, SteppingClock())

    def register(serial: int) -> None:
        def use_case(uow: UnitOfWork) -> None:
            registered(uow, details(serial, world.sender, world.recipient, world.officer))
            if serial % 3 == 0:
                raise NotFound

        with suppress(NotFound):
            (writer if serial % 2 else other).submit(use_case)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(register, range(60)))
    other.stop()
    other_engines.dispose()
    lines = reader.read(lambda uow: uow.registers.list(world.sender, 2026, Direction.OUT))
    assert [line.number for line in lines] == list(range(1, 41))
    assert len({line.consignment_id for line in lines}) == 40
    assert reader.read(lambda uow: uow.audit.head()).size == 40


def test_serials_are_drawn_once_and_a_failed_draw_was_none(writer: Writer) -> None:
    def fails(uow: UnitOfWork) -> None:
        uow.consignments.next_serials("BA", 2)
        raise NotFound

    assert writer.submit(lambda uow: uow.consignments.next_serials("BA", 1)) == range(1)
    with pytest.raises(NotFound):
        writer.submit(fails)
    assert writer.submit(lambda uow: uow.consignments.next_serials("BA", 3)) == range(1, 4)
    assert writer.submit(lambda uow: uow.consignments.next_serials("BB", 1)) == range(1)


def test_a_whole_record_comes_back_as_it_went(writer: Writer, reader: Reader) -> None:
    world = build_world(writer, items=0)
    new = details(5, world.sender, world.recipient, world.officer)
    identity = writer.submit(lambda uow: registered(uow, new))
    code = str(new.consignment.code)
    found = reader.read(lambda uow: uow.consignments.get_details(code))
    head = reader.read(lambda uow: uow.audit.head())
    expected = replace(
        new.consignment, id=identity, item_head=head.leaf.hex(), version=found.consignment.version
    )
    assert found == replace(new, consignment=expected)


def test_the_database_repeats_the_hardest_rules(writer: Writer) -> None:
    world = build_world(writer, items=0)
    item = details(5, world.sender, world.recipient, world.officer)
    grade = replace(item.consignment.grade, secrecy=Secrecy.A)
    wrong = (
        replace(item, consignment=replace(item.consignment, grade=grade)),
        replace(item, consignment=replace(item.consignment, named_only=True), receiver_sealed=None),
        replace(item, consignment=replace(item.consignment, recipient_unit=world.sender)),
        replace(item, consignment=replace(item.consignment, state=State.DELIVERED)),
        replace(item, pieces=0),
    )
    for bad in wrong:
        with pytest.raises((AlreadyThere, NotStored)):
            writer.submit(partial(_register, bad))
    whole = replace(item, consignment=replace(item.consignment, grade=grade), abstract_sealed=None)
    writer.submit(lambda uow: registered(uow, whole))


def _register(item: ConsignmentDetails, uow: UnitOfWork) -> None:
    registered(uow, item)


def test_lists_stay_inside_what_a_person_may_know(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)
    writer.submit(scan_of(world.codes[0], 1, lambda item: offered(item, world)))
    writer.submit(scan_of(world.codes[1], 2, lambda item: offered(item, world)))
    writer.submit(scan_of(world.codes[1], 3, lambda item: taken(item, world)))

    def seen(visibility: Visibility, search: Search | None = None) -> set[str]:
        listed = reader.read(lambda uow: uow.consignments.list(search or Search(), visibility))
        count = reader.read(lambda uow: uow.consignments.count(search or Search(), visibility))
        assert len(listed) == count
        return {str(line.consignment.code) for line in listed}

    everyone = {str(code) for code in world.codes}
    assert seen(Visibility()) == set()
    assert seen(Visibility(everything=True)) == everyone
    assert seen(Visibility(party_unit=world.sender)) == everyone
    assert seen(Visibility(party_unit=world.office)) == set()
    courier = Visibility(holder=world.courier, offered_unit=world.office)
    assert seen(courier) == {str(world.codes[0]), str(world.codes[1])}
    assert seen(courier, Search(offered_to=(world.courier, world.office))) == {str(world.codes[0])}
    assert seen(courier, Search(custodian=world.courier)) == {str(world.codes[1])}
    assert seen(courier, Search(code_part="%")) == set()
    assert seen(courier, Search(states=(State.IN_CUSTODY,), secrecy=Secrecy.B)) == {str(world.codes[1])}
    tally = reader.read(lambda uow: uow.consignments.tally(Search(), courier))
    by_state = {state: sum(tally[state, grade] for grade in Secrecy) for state in State}
    assert (by_state[State.REGISTERED], by_state[State.IN_CUSTODY], by_state[State.DELIVERED]) == (1, 1, 0)


def test_units_and_people_are_found_as_they_were_stored(writer: Writer, reader: Reader) -> None:
    world = build_world(writer, items=0)
    with pytest.raises(AlreadyThere):
        writer.submit(lambda uow: uow.units.add(unit("A")))
    with pytest.raises(AlreadyThere):
        writer.submit(lambda uow: uow.users.add(user("officer", world.sender, "clerk")))
    with pytest.raises(NotFound):
        reader.read(lambda uow: uow.units.get(type(world.sender)(999)))
    found = reader.read(lambda uow: uow.users.find_by_username("officer"))
    assert found == replace(user("officer", world.sender, "focal_point"), id=world.officer)
    writer.submit(lambda uow: uow.users.set_locale(world.officer, "en"))
    people = reader.read(lambda uow: uow.users.list_by_ids([world.officer, world.courier]))
    assert (people[world.officer].locale, people[world.courier].locale) == ("en", "vi")
    units = reader.read(lambda uow: uow.units.list(search_key="vi b"))
    assert [found_unit.id for found_unit in units] == [world.recipient]


def test_a_killed_session_is_not_revived(writer: Writer, reader: Reader) -> None:
    world = build_world(writer, items=0)
    session = Session(
        id_hash="a" * 64,
        user_id=world.officer,
        created_at=NOW,
        seen_at=NOW,
        expires_at=NOW + timedelta(hours=8),
    )
    writer.submit(lambda uow: uow.sessions.insert(session))
    assert reader.read(lambda uow: uow.sessions.find("a" * 64)) == session
    writer.submit(lambda uow: uow.sessions.delete_of_user(world.officer))
    assert not writer.submit(lambda uow: uow.sessions.touch("a" * 64, seen_at=NOW))
    assert reader.read(lambda uow: uow.sessions.find("a" * 64)) is None


def test_a_device_knows_the_entry_that_enrolled_it(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)
    device = Device(
        id=0,
        key_id=KeyId("0123456789abcdef"),
        public_key=b"k" * 32,
        user_id=UserId(world.courier),
        name="PDA",
        token_hash="t" * 64,
        enrolled_at=NOW,
        revoked_at=None,
        enrolled_index=0,
    )

    def enrol(uow: UnitOfWork) -> int:
        entry = uow.audit.append(noted(world.codes[0]))
        uow.devices.add(device, entry)
        found = uow.devices.find_by_key(device.key_id)
        assert found is not None
        return found.id

    identity = writer.submit(enrol)
    stored = reader.read(lambda uow: uow.devices.find_by_key(device.key_id))
    assert stored == replace(device, id=identity, enrolled_index=4)
    assert reader.read(lambda uow: uow.devices.find_by_token("t" * 64)) is not None
    writer.submit(lambda uow: uow.devices.revoke(identity, revoked_at=NOW))
    assert reader.read(lambda uow: uow.devices.find_by_token("t" * 64)) is None
    with pytest.raises(AlreadyThere):
        writer.submit(enrol)


def test_deliveries_and_the_throttle_keep_what_they_are_told(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)
    stored = reader.read(lambda uow: uow.consignments.find(world.codes[0]))
    assert stored is not None
    delivery = Delivery(
        consignment_id=stored.id,
        outcome="failed",
        reason="closed_office",
        action="retry",
        giver_id=world.courier,
        taker_id=None,
        place_id=world.recipient,
        receiver_sealed=None,
        device_at=NOW,
        recorded_at=NOW,
    )

    def attempt(uow: UnitOfWork) -> None:
        uow.deliveries.record(delivery, uow.audit.append(noted(world.codes[0])))

    writer.submit(attempt)
    assert reader.read(lambda uow: uow.deliveries.list(stored.id)) == (delivery,)

    def tries(uow: UnitOfWork) -> None:
        first = uow.throttle.record("officer", "10.0.0.1", succeeded=False, tried_at=NOW)
        uow.throttle.record("officer", "10.0.0.2", succeeded=False, tried_at=NOW + timedelta(seconds=5))
        uow.throttle.mark_succeeded(first)

    writer.submit(tries)
    failures = reader.read(
        lambda uow: uow.throttle.count_failures(
            "officer", "10.0.0.1", since=NOW, until=NOW + timedelta(seconds=5)
        )
    )
    assert (failures.account, failures.address, failures.overall) == (1, 0, 1)
    assert failures.account_latest_at == NOW + timedelta(seconds=5)
    assert failures.address_latest_at is None


def test_finding_19_login_attempts_of_the_future_are_ignored(reader: Reader, writer: Writer) -> None:
    def tries(uow: UnitOfWork) -> None:
        for minutes in (-1, 2, 3):
            tried_at = NOW + timedelta(minutes=minutes)
            uow.throttle.record("officer", "10.0.0.1", succeeded=False, tried_at=tried_at)

    writer.submit(tries)
    failures = reader.read(
        lambda uow: uow.throttle.count_failures(
            "officer", "10.0.0.1", since=NOW - timedelta(hours=1), until=NOW
        )
    )
    assert (failures.account, failures.address, failures.overall) == (1, 1, 1)
    assert failures.overall_latest_at == NOW - timedelta(minutes=1)


def test_a_reading_unit_of_work_writes_nothing(reader: Reader, writer: Writer) -> None:
    world = build_world(writer)
    for write in (
        lambda uow: uow.units.add(unit("Z")),
        lambda uow: uow.consignments.lock(world.codes[0]),
        lambda uow: uow.audit.append(noted("Z")),
        lambda uow: uow.sessions.delete("a"),
    ):
        with pytest.raises(ReadOnly):
            reader.read(write)
