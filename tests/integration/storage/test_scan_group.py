"""What one scan stores, and what a group of scans costs."""

from app.domain.consignment import State
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import parse_entry
from tests.support.stored_world import build_world, offered, scan_id, scan_of, taken


def test_a_scan_stores_state_entry_receipt_and_holding_together(writer: Writer, reader: Reader) -> None:
    world = build_world(writer)
    code = world.codes[0]
    entry = writer.submit(
        scan_of(code, 1, lambda item: offered(item, world)), codes=[code], scans=[scan_id(1)]
    )
    took = writer.submit(scan_of(code, 2, lambda item: taken(item, world)), codes=[code], scans=[scan_id(2)])

    stored = reader.read(lambda uow: uow.consignments.find(code))
    assert stored is not None
    assert stored.state is State.IN_CUSTODY
    assert stored.custodian.user == world.courier
    assert stored.item_head == took.leaf.hex()
    assert reader.read(lambda uow: uow.consignments.was_custodian(stored.id, world.officer))
    assert reader.read(lambda uow: uow.consignments.was_custodian(stored.id, world.courier))
    assert not reader.read(lambda uow: uow.consignments.was_custodian(stored.id, world.receiver))

    rows = reader.read(lambda uow: uow.audit.list_for_code(code))
    assert [row.index for row in rows] == [0, entry.index, took.index]
    first, second, third = (parse_entry(row.data) for row in rows)
    assert second.items[0].prev == first.leaf.hex()
    assert third.items[0].prev == second.leaf.hex()
    assert third.prev == rows[1].leaf

    receipt = reader.read(lambda uow: uow.scans.find(scan_id(2)))
    assert receipt is not None
    assert (receipt.entry.index, receipt.entry.leaf, receipt.entry.data) == (took.index, took.leaf, took.data)
