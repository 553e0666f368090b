"""The writer under load, under failing use cases, and at its end."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from app.domain.consignment import Consignment
from app.domain.errors import NotFound
from app.storage.errors import AlreadyThere, StorageError, WriterStopped
from app.storage.reader import Reader
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from tests.support.stored_world import build_world, noted, offered, scan_id, scan_of, taken, unit


def together(writer: Writer, use_cases: list[Callable[[UnitOfWork], object]]) -> list[object]:
    """Submit all at once, held back until all of them wait, so that they share one group."""
    gate, waiting = threading.Event(), threading.Event()

    def first(_uow: UnitOfWork) -> None:
        waiting.set()
        gate.wait()

    def outcome(use_case: Callable[[UnitOfWork], object]) -> object:
        try:
            return writer.submit(use_case)
        except Exception as error:  # noqa: BLE001  # the outcome under test
            return error

    with ThreadPoolExecutor(len(use_cases) + 1) as pool:
        holder = pool.submit(writer.submit, first)
        waiting.wait()
        futures = [pool.submit(outcome, use_case) for use_case in use_cases]
        while len(writer._turns._waiting) < len(use_cases):
            pass
        gate.set()
        holder.result()
        return [future.result() for future in futures]


def test_many_threads_lose_and_double_nothing(writer: Writer, reader: Reader) -> None:
    world = build_world(writer, items=16)

    def station(lane: int) -> list[int]:
        code = world.codes[lane]
        steps = [
            scan_of(
                code,
                lane * 100 + step,
                lambda item: offered(item, world) if item.offer is None else taken(item, world),
            )
            for step in range(12)
        ]
        return [writer.submit(step, codes=[code]).index for step in steps]

    with ThreadPoolExecutor(16) as pool:
        indexes = [index for lane in pool.map(station, range(16)) for index in lane]
    assert len(set(indexes)) == 16 * 12
    head = reader.read(lambda uow: uow.audit.head())
    assert head.size == 16 + 16 * 12
    assert sorted(indexes) == list(range(16, head.size))


def test_only_the_failing_use_case_fails(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)

    def fails(uow: UnitOfWork) -> None:
        uow.units.add(unit("LOST"))
        item = uow.consignments.lock(world.codes[1])
        assert item is not None
        uow.consignments.save(offered(item, world))
        uow.audit.append(noted(world.codes[1], note=99))
        raise ValueError("this one only")

    good = [scan_of(world.codes[number], number + 1, lambda item: offered(item, world)) for number in (0, 2)]
    outcomes = together(writer, [good[0], fails, good[1]])
    assert isinstance(outcomes[1], ValueError)
    assert not isinstance(outcomes[0], Exception)
    assert not isinstance(outcomes[2], Exception)
    untouched = reader.read(lambda uow: uow.consignments.find(world.codes[1]))
    assert untouched is not None
    assert untouched.offer is None
    assert reader.read(lambda uow: uow.units.find_by_code("LOST")) is None
    assert reader.read(lambda uow: uow.audit.head()).size == 4 + 2


def test_a_broken_statement_fails_its_own_use_case_only(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)
    outcomes = together(
        writer,
        [
            scan_of(world.codes[0], 1, lambda item: offered(item, world)),
            lambda uow: uow.units.add(unit("A")),
            lambda uow: uow.units.add(unit("NEW")),
        ],
    )
    assert isinstance(outcomes[1], AlreadyThere)
    assert not isinstance(outcomes[0], Exception)
    assert reader.read(lambda uow: uow.units.find_by_code("NEW")) is not None


def test_an_inner_savepoint_undoes_only_itself(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)

    def fails(uow: UnitOfWork) -> None:
        uow.units.add(unit("GONE"))
        uow.audit.append(noted(world.codes[0], note=1))
        raise NotFound

    def use_case(uow: UnitOfWork) -> int:
        uow.units.add(unit("KEPT"))
        with pytest.raises(NotFound), uow.savepoint():
            fails(uow)
        return uow.units.add(unit("KEPT2"))

    writer.submit(use_case)
    names = {found.code for found in reader.read(lambda uow: uow.units.list())}
    assert {"KEPT", "KEPT2"} <= names
    assert "GONE" not in names
    assert reader.read(lambda uow: uow.audit.head()).size == 4


def test_a_change_of_state_without_an_entry_is_refused(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)

    def silent(uow: UnitOfWork) -> None:
        item = uow.consignments.lock(world.codes[0])
        assert item is not None
        uow.consignments.save(taken(item, world))

    with pytest.raises(StorageError, match="without an entry"):
        writer.submit(silent)
    stored = reader.read(lambda uow: uow.consignments.find(world.codes[0]))
    assert stored is not None
    assert stored.custodian.user == world.officer


def test_the_same_scan_twice_in_one_group_has_one_effect(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)
    scan = scan_of(world.codes[0], 7, lambda item: offered(item, world))
    first, second = together(writer, [scan, scan])
    assert first is second
    assert reader.read(lambda uow: uow.audit.head()).size == 5


def test_a_chain_of_saves_in_one_group_is_one_row_and_every_holding(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)
    code = world.codes[0]
    together(
        writer,
        [
            scan_of(code, 1, lambda item: offered(item, world)),
            scan_of(code, 2, lambda item: taken(item, world)),
        ],
    )
    stored = reader.read(lambda uow: uow.consignments.find(code))
    assert stored is not None
    assert stored.custodian.user == world.courier
    rows = reader.read(lambda uow: uow.audit.list_for_code(code))
    assert stored.item_head == rows[-1].leaf.hex()
    assert reader.read(lambda uow: uow.consignments.was_custodian(stored.id, world.courier))


def test_stopping_finishes_what_waits_and_refuses_the_rest(writer: Writer) -> None:
    world = build_world(writer)
    outcomes = together(
        writer,
        [scan_of(code, number, lambda item: offered(item, world)) for number, code in enumerate(world.codes)],
    )
    writer.stop()
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    with pytest.raises(WriterStopped):
        writer.submit(lambda uow: uow.units.find_by_code("A"))


def test_a_use_case_must_not_submit_another(writer: Writer) -> None:
    def nested(_uow: UnitOfWork) -> None:
        writer.submit(lambda uow: uow.units.find_by_code("A"))

    with pytest.raises(RuntimeError, match="wait for itself"):
        writer.submit(nested)


def test_reading_ahead_and_not_reading_ahead_give_the_same(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)
    ahead = writer.submit(
        scan_of(world.codes[0], 1, lambda item: offered(item, world)),
        codes=[world.codes[0], "ZZ000000000VN"],
        scans=[scan_id(1)],
        devices=["0" * 16],
        units=["A", "nowhere"],
    )
    plain = writer.submit(scan_of(world.codes[1], 2, lambda item: offered(item, world)))
    assert plain.index == ahead.index + 1
    for code in world.codes[:2]:
        stored = reader.read(partial(_find, code))
        assert stored is not None
        assert stored.offer is not None


def _find(code: str, uow: UnitOfWork) -> Consignment | None:
    return uow.consignments.find(code)


def test_a_forked_child_has_a_writer_and_connections_of_its_own(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)
    child = os.fork()
    if child == 0:
        # Nothing of pytest's may run in the child: it leaves at once, with its outcome as exit code.
        status = 1
        try:
            writer.submit(scan_of(world.codes[0], 1, lambda item: offered(item, world)))
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    entry = writer.submit(scan_of(world.codes[1], 2, lambda item: offered(item, world)))
    assert entry.index == 5
    assert reader.read(lambda uow: uow.audit.head()).size == 6
