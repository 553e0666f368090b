"""How many questions a scan asks: few, and never more for a longer list."""

import sqlite3
from collections.abc import Callable
from functools import partial

import pytest

from app.domain.consignment import State
from app.domain.grades import Grade, Secrecy
from app.services.scans import handover
from audit.evidence import Purpose, sign_evidence
from tests.support.counter import agree, bring
from tests.support.town import POST, RECEIVING, SENDING, Town, accept

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def statements(town: Town, act: Callable[[], object]) -> list[str]:
    """Return every statement that ran meanwhile on the connection that the writer keeps."""
    ran: list[str] = []
    raw = town.writer._attempts._connect().connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.set_trace_callback(ran.append)
    try:
        act()
    finally:
        raw.set_trace_callback(None)
    # A statement is traced once more for every trigger that it fires.
    return list(dict.fromkeys(statement.lstrip() for statement in ran))


def questions(town: Town, act: Callable[[], object]) -> int:
    """Count the statements that read; the writes of a list travel together and are not counted."""
    return sum(statement.startswith("SELECT") for statement in statements(town, act))


def test_a_single_scan_costs_eight_reads_and_six_writes(town: Town) -> None:
    codes = town.register()
    offer = town.offer("an", codes, to=POST)
    town.send("an", offer)
    member = town.people["chien"]
    signed = sign_evidence(town.take("chien", offer.nonce, accept(codes), place=SENDING), member.device)
    wanted = handover.read_ahead(signed)

    def take() -> None:
        town.writer.submit(
            lambda uow: handover.receive(uow, signed, actor=member.actor, now=town.clock(), tools=town.tools),
            codes=wanted.codes,
            scans=wanted.scans,
            devices=wanted.devices,
            units=wanted.units,
        )

    ran = statements(town, take)
    # Reads: items, receipts, devices, units, the policies and the taker's card, the head and the last entry.
    # Writes: entry, its item, the item's
    # new custodian, receipt, holding, head.
    reads = [statement for statement in ran if statement.startswith("SELECT")]
    writes = [statement for statement in ran if statement.startswith(("INSERT", "UPDATE"))]
    assert (len(reads), len(writes)) == (8, 6)


def test_a_long_list_asks_no_more_questions_than_a_single_scan(town: Town) -> None:
    few, many = town.register(1), town.register(40)
    for codes in (few, many):
        town.post(codes)
    asked = [
        questions(town, partial(town.pass_on, "chien", "dung", codes, place=POST)) for codes in (few, many)
    ]
    assert asked[0] == asked[1] > 0


def test_a_long_delivery_of_named_items_asks_no_more_questions_than_a_single_one(town: Town) -> None:
    asked: list[int] = []
    for count in (1, 40):
        codes = town.register(count, named_only=True, receiver_name="Trần Thị Bình")
        town.post(codes)
        offer = town.offer("chien", codes, to=RECEIVING, place=RECEIVING, purpose=Purpose.DELIVERY)
        town.send("chien", offer)
        take = town.take("binh", offer.nonce, accept(codes), place=RECEIVING)
        asked.append(questions(town, partial(town.send, "binh", take)))
        assert {town.item(code).state for code in codes} == {State.DELIVERED}
    # The first delivery of the year also opens the register's series.
    assert 0 < asked[1] <= asked[0]


def test_a_long_list_handed_in_at_a_counter_asks_no_more_questions_than_a_single_item(town: Town) -> None:
    asked: list[int] = []
    plain = Grade(secrecy=Secrecy.NONE, express=False, appointed_at=None)
    for count in (1, 40):
        codes = town.register(count, grade=plain)
        take = bring(town, "dung", "an", accept(codes, check=None))
        agree(town, "dung", take)
        asked.append(questions(town, partial(town.send, "dung", take)))
        assert {town.item(code).state for code in codes} == {State.IN_CUSTODY}
    assert asked[0] == asked[1] > 0
