"""Registering, amending and cancelling, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from app.domain.consignment import State
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.ids import parse_code
from app.services.items import duplicates, registration
from app.services.items.registration import AmendConsignment, CancelConsignment, RegisterConsignment
from app.services.people import access
from app.storage.engine import Engines
from app.storage.uow import UnitOfWork
from audit.entry import parse_entry
from crypto.commitment import Opening, unpack_opening, verify_commitment
from tests.support.databases import SteppingClock
from tests.support.office import FORM, Office
from tests.support.town import POST, RECEIVING, SENDING


def entries_of(office: Office, code: str) -> list[bytes]:
    return [row.data for row in office.read(lambda uow: uow.audit.list_for_code(code))]


def test_a_form_becomes_an_item_a_number_and_an_entry(office: Office) -> None:
    command = RegisterConsignment(untrusted={**FORM, "express": "1"})
    made = office.write(registration.register, command, actor=office.actors["an"])
    assert parse_code(made.code) == made.code
    assert made.code.startswith("ZK")
    assert (made.register.number, made.register.year) == (1, 2026)
    item = office.town.item(made.code)
    assert (item.state, item.custodian.user) == (State.REGISTERED, office.actors["an"].user)
    entry = parse_entry(entries_of(office, made.code)[0])
    assert entry.index == made.entry.index
    assert entry.facts["sender"] == SENDING
    assert entry.facts["recipient"] == RECEIVING
    assert entry.facts["register_number"] == 1
    assert item.item_head == made.entry.leaf.hex()


def test_sensitive_values_are_sealed_and_reach_the_log_only_as_commitments(office: Office) -> None:
    code = office.register()
    entry = parse_entry(entries_of(office, code)[0])
    assert set(entry.commitments) == {"abstract", "receiver_name", "document_numbers"}
    details = office.read(lambda uow: uow.consignments.get_details(code))
    blobs = (details.abstract_sealed, details.receiver_sealed, details.document_numbers_sealed)
    for value in (FORM["abstract"], FORM["receiver_name"], "05/BC-UBND"):
        assert value.encode() not in entry.data
        assert all(value.encode() not in (blob or b"") for blob in blobs)
    vault = office.town.tools.vault
    opening = unpack_opening(
        vault.open(details.abstract_sealed or b"", context=f"consignment/{code}/abstract")
    )
    assert opening.value == FORM["abstract"]
    verify_commitment(entry.commitments["abstract"], "abstract", Opening(opening.salt, opening.value))


def test_codes_do_not_count_and_numbers_do(office: Office) -> None:
    codes = [office.register() for _ in range(5)]
    serials = [int(code[2:10]) for code in codes]
    assert all(abs(after - before) > 1 for before, after in pairwise(serials))
    numbers = [
        office.read(lambda uow, c=code: uow.consignments.get_details(c)).register_number for code in codes
    ]
    assert numbers == [1, 2, 3, 4, 5]


def test_the_working_year_turns_at_midnight_in_vietnam(office: Office, clock: SteppingClock) -> None:
    office.register()
    clock.now = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    code = office.register()
    details = office.read(lambda uow: uow.consignments.get_details(code))
    assert (details.register_number, details.register_year) == (1, 2027)


def test_a_refused_form_leaves_no_gap_and_no_entry(office: Office) -> None:
    office.register()
    size = office.read(lambda uow: uow.audit.head()).size
    for field, value in (("weight_g", "0"), ("recipient_unit", "nowhere"), ("secrecy", "A")):
        with pytest.raises(InvalidInput):
            office.register(by="an", accept_duplicate=True, **{field: value})
    assert office.read(lambda uow: uow.audit.head()).size == size
    code = office.register()
    assert office.read(lambda uow: uow.consignments.get_details(code)).register_number == 2


def test_numbers_stay_gapless_when_many_register_at_once(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: office.register(), range(24)))
    assert len(set(codes)) == 24
    details = [office.read(lambda uow, c=code: uow.consignments.get_details(c)) for code in codes]
    assert sorted(one.register_number for one in details) == list(range(1, 25))


@pytest.mark.parametrize("name", ["chien", "dung", "giang", "hoa", "khanh"])
def test_only_focal_points_register(office: Office, name: str) -> None:
    with pytest.raises(NotPermitted):
        office.register(by=name)


def test_the_top_secret_grade_takes_no_abstract_from_the_form_nor_past_it(
    office: Office, engines: Engines
) -> None:
    with pytest.raises(InvalidInput) as caught:
        office.register(secrecy="A", inner_envelope="1")
    assert [(one.field, one.code) for one in caught.value.problems] == [("abstract", "abstract_forbidden")]
    code = office.register(secrecy="A", inner_envelope="1", abstract="")
    assert office.read(lambda uow: uow.consignments.get_details(code)).abstract_sealed is None
    hostile = text("UPDATE consignments SET abstract_sealed = :blob WHERE code = :code")
    with engines.write.connect() as connection, pytest.raises(DBAPIError, match="no_abstract"):
        connection.execute(hostile, {"blob": b"x", "code": code})


def test_the_same_paper_on_the_same_day_is_warned_about_once(office: Office, clock: SteppingClock) -> None:
    first = office.register()
    with pytest.raises(Conflict, match="duplicate"):
        office.register(accept_duplicate=False, document_numbers="07/X;  06/bc-ubnd")
    shown = office.read(duplicates.list_duplicate_codes, FORM, actor=office.actors["an"])
    assert shown == (first,)
    office.register(accept_duplicate=False, document_numbers="08/BC-UBND")
    office.register(accept_duplicate=False, recipient_unit="24.H03")
    office.register(accept_duplicate=True)
    clock.now = datetime(2026, 11, 22, 17, 1, tzinfo=UTC)
    office.register(accept_duplicate=False)


def test_a_cancelled_paper_is_no_duplicate(office: Office) -> None:
    code = office.register()
    command = CancelConsignment(code=code, untrusted_reason="Nhầm nơi nhận")
    office.write(registration.cancel, command, actor=office.actors["hanh"])
    office.register(accept_duplicate=False)


def amend(office: Office, code: str, *, by: str = "an", version: int = 1, **changes: str) -> None:
    found = office.read(access.get_consignment, code, actor=office.actors["an"])
    command = AmendConsignment(
        code=found.code, version=found.version if version == 1 else version, untrusted={**FORM, **changes}
    )
    office.write(registration.amend, command, actor=office.actors[by])


def test_an_amendment_keeps_code_and_number_and_renews_every_commitment(office: Office) -> None:
    code = office.register()
    before = parse_entry(entries_of(office, code)[0])
    amend(office, code, abstract="", recipient_unit="24.H03", secrecy="B", weight_g="300")
    details = office.read(lambda uow: uow.consignments.get_details(code))
    assert (details.register_number, details.weight_g) == (1, 300)
    assert details.consignment.recipient_unit == office.town.units["24.H03"]
    assert details.consignment.grade.secrecy == "B"
    assert details.abstract_sealed is None
    assert details.registered_by == office.actors["an"].user
    after = parse_entry(entries_of(office, code)[1])
    assert after.kind == "amended"
    assert set(after.commitments) == {"receiver_name", "document_numbers"}
    assert not set(after.commitments.values()) & set(before.commitments.values())
    assert details.consignment.item_head == after.leaf.hex()


def test_an_amendment_of_what_somebody_else_changed_meanwhile_is_refused(office: Office) -> None:
    code = office.register()
    seen = office.read(access.get_consignment, code, actor=office.actors["an"])
    amend(office, code, weight_g="300")
    command = AmendConsignment(code=code, version=seen.version, untrusted=FORM)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        office.write(registration.amend, command, actor=office.actors["hanh"])


def test_nobody_amends_or_cancels_what_is_offered_or_gone(office: Office) -> None:
    code = office.register()
    office.town.send("an", office.town.offer("an", [code], to=POST))
    with pytest.raises(Conflict, match="not_amendable"):
        amend(office, code)
    with pytest.raises(Conflict, match="not_cancellable"):
        office.write(
            registration.cancel,
            CancelConsignment(code=code, untrusted_reason="Thôi"),
            actor=office.actors["an"],
        )


@pytest.mark.parametrize("name", ["binh", "oanh"])
def test_another_agencys_item_is_not_there_to_be_changed(office: Office, name: str) -> None:
    code = office.register()
    for use_case, command in (
        (registration.amend, AmendConsignment(code=code, version=1, untrusted=FORM)),
        (registration.cancel, CancelConsignment(code=code, untrusted_reason="Thôi")),
    ):
        with pytest.raises(NotFound):
            office.write(use_case, command, actor=office.actors[name])


def test_a_cancellation_needs_a_reason_and_keeps_its_number(office: Office) -> None:
    code = office.register()
    actor = office.actors["an"]
    with pytest.raises(InvalidInput):
        office.write(registration.cancel, CancelConsignment(code=code, untrusted_reason=" "), actor=actor)
    office.write(registration.cancel, CancelConsignment(code=code, untrusted_reason="Nhầm"), actor=actor)
    details = office.read(lambda uow: uow.consignments.get_details(code))
    assert (details.consignment.state, details.cancel_reason) == (State.CANCELLED, "Nhầm")
    assert parse_entry(entries_of(office, code)[-1]).facts["reason"] == "Nhầm"
    again = office.register()
    assert office.read(lambda uow: uow.consignments.get_details(again)).register_number == 2


def test_a_registration_asks_few_questions(office: Office, engines: Engines) -> None:
    office.register()
    counted: list[str] = []
    register = RegisterConsignment(untrusted=FORM, accept_duplicate=False)

    def count(engine: Engine) -> None:
        @event.listens_for(engine, "before_cursor_execute")
        def note(*arguments: object) -> None:
            counted.append(str(arguments[2]))

    def use_case(uow: UnitOfWork) -> int:
        before = len(counted)
        registration.register(
            uow,
            RegisterConsignment(untrusted={**FORM, "document_numbers": "77/X"}),
            actor=office.actors["an"],
            now=office.town.clock(),
            tools=office.town.tools,
        )
        return len(counted) - before

    assert register.accept_duplicate is False
    count(engines.write)
    # The duplicates, both units, the serial, the number, the item, its register line; the savepoint.
    assert office.town.do(use_case) <= 8
