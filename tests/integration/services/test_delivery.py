"""The last door: who signed, when and where; the incoming register; failed attempts and returns."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.domain.consignment import State
from app.domain.incident import IncidentKind
from app.domain.incident_search import IncidentSearch
from app.domain.register import Direction
from app.services.incidents.incident_pages import list_incidents
from app.services.scans.delivery import SIGNED_BY, signature_context
from app.storage.reader import Reader
from app.storage.records import Delivery
from audit.entry import Entry, parse_entry
from audit.evidence import Checklist, CoverMark, EntryMode, Purpose, TakeLine, TakeReason, Verdict
from crypto.commitment import unpack_opening, verify_commitment
from tests.support.town import RECEIVING, SENDING, SOUND, Town, accept


def deliveries(town: Town, code: str) -> tuple[Delivery, ...]:
    item = town.item(code)
    return town.do(lambda uow: uow.deliveries.list(item.id))


def entry_of(reader: Reader, index: int) -> Entry:
    row = reader.read(lambda uow: uow.audit.find(index))
    assert row is not None
    return parse_entry(row.data)


def offer_at_the_door(town: Town, codes: Sequence[str], purpose: Purpose = Purpose.DELIVERY) -> str:
    """Let Chiến offer what he holds at the last door, and return the nonce."""
    unit = RECEIVING if purpose is Purpose.DELIVERY else SENDING
    offer = town.offer("chien", codes, to=unit, place=unit, purpose=purpose)
    assert town.send("chien", offer).status == "accepted"
    return offer.nonce


def test_a_delivery_closes_the_item_and_stops_both_clocks(town: Town) -> None:
    (code,) = town.register()
    town.post([code])
    assert (
        town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY).status == "accepted"
    )
    item = town.item(code)
    assert item.state is State.DELIVERED
    assert item.custodian.user == town.people["binh"].actor.user
    assert item.first_attempt_at == item.closed_at is not None


def test_a_delivery_keeps_who_signed_when_and_where(town: Town) -> None:
    (code,) = town.register()
    town.post([code])
    nonce = offer_at_the_door(town, [code])
    take = town.take("binh", nonce, accept([code]), place=RECEIVING)
    town.send("binh", take)
    (found,) = deliveries(town, code)
    assert (found.outcome, found.reason, found.action) == ("delivered", "", "")
    assert (found.giver_id, found.taker_id) == (
        town.people["chien"].actor.user,
        town.people["binh"].actor.user,
    )
    assert (found.place_id, found.device_at) == (town.units[RECEIVING], take.at)
    assert found.recorded_at > take.at


def test_the_signers_name_is_sealed_in_the_database_and_committed_to_in_the_log(
    town: Town, reader: Reader
) -> None:
    (code,) = town.register()
    town.post([code])
    outcome = town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY)
    entry = entry_of(reader, outcome.entry.index)
    assert "Bình".encode() not in entry.data
    (found,) = deliveries(town, code)
    assert found.receiver_sealed is not None
    opening = unpack_opening(town.tools.vault.open(found.receiver_sealed, context=signature_context(code)))
    assert opening.value == "Trần Thị Bình"
    verify_commitment(entry.commitments[SIGNED_BY], SIGNED_BY, opening)


def test_a_delivered_list_gets_consecutive_numbers_of_the_incoming_register(
    town: Town, reader: Reader
) -> None:
    codes = town.register(5)
    town.post(codes)
    numbers: list[list[int]] = []
    for part in (codes[:2], codes[2:]):
        outcome = town.pass_on("chien", "binh", part, place=RECEIVING, purpose=Purpose.DELIVERY)
        entry = entry_of(reader, outcome.entry.index)
        first = entry.facts["register_first"]
        assert isinstance(first, int)
        assert entry.facts["register_year"] == 2026
        numbers.append([first + offset for offset in range(len(part))])
    lines = town.do(lambda uow: uow.registers.list(town.units[RECEIVING], 2026, Direction.IN))
    assert [line.number for line in lines] == [1, 2, 3, 4, 5] == [*numbers[0], *numbers[1]]
    assert [line.consignment_id for line in lines] == [town.item(code).id for code in codes]


def test_a_refused_take_draws_no_register_number(town: Town) -> None:
    codes = town.register(2, seal="NP-1")
    given = town.offer("an", codes, place=SENDING)
    town.send("an", given)
    town.send("chien", town.take("chien", given.nonce, accept(codes, seal="NP-1"), place=SENDING))
    nonce = offer_at_the_door(town, codes)
    lines = [*accept([codes[0]], seal="NP-2"), *accept([codes[1]], seal="NP-1")]
    outcome = town.send("binh", town.take("binh", nonce, lines, place=RECEIVING))
    assert outcome.status == "partly"
    register = town.do(lambda uow: uow.registers.list(town.units[RECEIVING], 2026, Direction.IN))
    assert [(line.number, line.consignment_id) for line in register] == [(1, town.item(codes[1]).id)]


def test_a_named_item_goes_to_the_named_person_alone(town: Town) -> None:
    (code,) = town.register(named_only=True, receiver_name="TRẦN  Thị Bình")
    town.post([code])
    nonce = offer_at_the_door(town, [code])
    colleague = town.send("mai", town.take("mai", nonce, accept([code]), place=RECEIVING))
    assert [line.refusal for line in colleague.lines] == ["named_person_only"]
    assert town.item(code).state is State.IN_CUSTODY
    named = town.send("binh", town.take("binh", nonce, accept([code]), place=RECEIVING))
    assert named.status == "accepted"


def test_a_name_without_the_mark_binds_nobody(town: Town) -> None:
    (code,) = town.register(named_only=False, receiver_name="Trần Thị Bình")
    town.post([code])
    outcome = town.pass_on("chien", "mai", [code], place=RECEIVING, purpose=Purpose.DELIVERY)
    assert outcome.status == "accepted"


def test_a_failed_attempt_keeps_reason_and_next_step_and_stops_the_service_clock(town: Town) -> None:
    (code,) = town.register()
    town.post([code])
    assert town.send("chien", town.attempt("chien", [code])).status == "accepted"
    item = town.item(code)
    assert (item.attempts, item.closed_at, item.custodian.user) == (
        1,
        None,
        town.people["chien"].actor.user,
    )
    assert item.first_attempt_at is not None
    (found,) = deliveries(town, code)
    assert (found.outcome, found.reason, found.action) == ("failed", "receiver_absent", "retry")
    assert (found.taker_id, found.receiver_sealed) == (None, None)


def test_the_first_attempt_counts_however_often_one_comes_back(town: Town) -> None:
    (code,) = town.register()
    town.post([code])
    town.send("chien", town.attempt("chien", [code]))
    first = town.item(code).first_attempt_at
    town.send("chien", town.attempt("chien", [code]))
    town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY)
    item = town.item(code)
    assert (item.attempts, item.first_attempt_at) == (2, first)
    assert [found.outcome for found in deliveries(town, code)] == ["failed", "failed", "delivered"]


def test_an_item_turned_down_at_the_door_is_an_attempt_with_the_takers_reason(town: Town) -> None:
    (code,) = town.register()
    town.post([code])
    nonce = offer_at_the_door(town, [code])
    line = TakeLine(
        code=code, entry=EntryMode.SCAN, verdict=Verdict.REFUSE, reason=TakeReason.WRONG_ADDRESSEE
    )
    assert town.send("mai", town.take("mai", nonce, [line], place=RECEIVING)).status == "accepted"
    item = town.item(code)
    assert (item.attempts, item.state, item.offer) == (1, State.IN_CUSTODY, None)
    (found,) = deliveries(town, code)
    assert (found.outcome, found.reason) == ("refused", "wrong_addressee")
    assert found.taker_id == town.people["mai"].actor.user


def test_a_return_needs_an_attempt_and_ends_in_the_senders_incoming_register(town: Town) -> None:
    (code,) = town.register()
    town.post([code])
    early = town.offer("chien", [code], to=SENDING, place=SENDING, purpose=Purpose.RETURN)
    assert [line.refusal for line in town.send("chien", early).lines] == ["no_attempt_yet"]
    town.send("chien", town.attempt("chien", [code]))
    nonce = offer_at_the_door(town, [code], Purpose.RETURN)
    outcome = town.send("hanh", town.take("hanh", nonce, accept([code]), place=SENDING))
    assert outcome.status == "accepted"
    item = town.item(code)
    assert (item.state, item.custodian.user) == (State.RETURNED, town.people["hanh"].actor.user)
    assert [found.outcome for found in deliveries(town, code)] == ["failed", "returned"]
    register = town.do(lambda uow: uow.registers.list(town.units[SENDING], 2026, Direction.IN))
    assert [line.consignment_id for line in register] == [item.id]


@pytest.mark.parametrize("again", ["offer", "attempt"])
def test_a_delivered_item_never_moves_again(town: Town, again: str) -> None:
    (code,) = town.register()
    town.post([code])
    town.pass_on("chien", "binh", [code], place=RECEIVING, purpose=Purpose.DELIVERY)
    scan = town.offer("binh", [code]) if again == "offer" else None
    outcome = town.send("binh", scan) if scan else town.send("chien", town.attempt("chien", [code]))
    assert [line.refusal for line in outcome.lines] == ["wrong_state"]
    assert town.item(code).state is State.DELIVERED


def test_a_handover_inside_the_post_leaves_no_delivery(town: Town) -> None:
    (code,) = town.register()
    town.post([code])
    assert deliveries(town, code) == ()


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, "check_missing"),
        (SOUND, "check_differs"),
        (replace(SOUND, pieces=2, mark=CoverMark.ILLEGIBLE), "check_differs"),
    ],
    ids=["nothing ticked off", "a piece is missing", "the mark cannot be read"],
)
def test_control_10_no_receipt_without_a_checklist_that_agrees(
    town: Town, found: Checklist | None, told: str
) -> None:
    (code,) = town.register(pieces=2)
    town.post([code])
    nonce = offer_at_the_door(town, [code])
    outcome = town.send("binh", town.take("binh", nonce, accept([code], check=found), place=RECEIVING))
    assert [line.refusal for line in outcome.lines] == [told]
    assert (town.item(code).state, deliveries(town, code)) == (State.IN_CUSTODY, ())
    both = accept([code], check=replace(SOUND, pieces=2))
    assert town.send("binh", town.take("binh", nonce, both, place=RECEIVING)).status == "accepted"


def test_pieces_that_differ_are_turned_down_and_the_sender_learns_of_it_in_the_same_step(town: Town) -> None:
    (code,) = town.register(pieces=2)
    town.post([code])
    nonce = offer_at_the_door(town, [code])
    line = TakeLine(
        code=code,
        entry=EntryMode.SCAN,
        verdict=Verdict.REFUSE,
        reason=TakeReason.PIECES_DIFFER,
        check=SOUND,
    )
    outcome = town.send("binh", town.take("binh", nonce, [line], place=RECEIVING))
    assert outcome.status == "accepted"
    assert [found.outcome for found in deliveries(town, code)] == ["refused"]
    sender = town.people["an"].actor
    page = town.do(lambda uow: list_incidents(uow, IncidentSearch(), actor=sender))
    ((told, codes),) = [(row.incident, row.codes) for row in page.rows]
    assert (told.kind, told.scan, codes) == (IncidentKind.COUNT_DIFFERS, outcome.scan_id, (code,))
