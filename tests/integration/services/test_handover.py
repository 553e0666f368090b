"""A scan received: the two-sided handover on both databases, one transaction and one entry each."""

import pytest

from app.domain.consignment import State
from app.storage.reader import Reader
from audit.entry import parse_entry
from audit.evidence import EntryMode, Purpose, TakeLine, TakeReason, Verdict, open_evidence
from audit.kinds import EntryKind
from tests.support.town import POST, RECEIVING, SENDING, Town, accept


def size_of(town: Town) -> int:
    return town.do(lambda uow: uow.audit.head().size)


def test_control_1_custody_moves_only_with_both_signatures_an_offer_and_its_take(town: Town) -> None:
    (code,) = town.register()
    offer = town.offer("an", [code], to=POST)
    offered = town.send("an", offer)
    assert (offered.status, offered.lines[0].outcome, offered.lines[0].refusal) == (
        "accepted",
        "accepted",
        "",
    )
    assert town.item(code).custodian.user == town.people["an"].actor.user

    taken = town.send("chien", town.take("chien", offer.nonce, accept([code]), place=SENDING))
    assert taken.status == "accepted"
    item = town.item(code)
    assert (item.state, item.custodian.user) == (State.IN_CUSTODY, town.people["chien"].actor.user)
    assert item.offer is None
    assert item.accepted_at is not None


def test_one_scan_is_one_entry_that_carries_the_envelope_as_it_was_signed(town: Town, reader: Reader) -> None:
    codes = town.register(3)
    before = size_of(town)
    offer = town.offer("an", codes, to=POST)
    outcome = town.send("an", offer)
    assert size_of(town) == before + 1
    row = reader.read(lambda uow: uow.audit.find(outcome.entry.index))
    assert row is not None
    entry = parse_entry(row.data)
    assert entry.kind is EntryKind.HANDOVER_OFFERED
    assert entry.facts == {"actor": town.people["an"].actor.user, "scan": offer.scan}
    assert [item.code for item in entry.items] == codes
    assert open_evidence(entry.envelopes[0], town.people["an"].device.public_key, log=offer.log) == offer
    assert outcome.entry.leaf == row.leaf == entry.leaf


def test_every_entry_of_an_item_names_the_one_before(town: Town, reader: Reader) -> None:
    (code,) = town.register()
    town.post([code])
    rows = reader.read(lambda uow: uow.audit.list_for_code(code))
    entries = [parse_entry(row.data) for row in rows]
    assert [entry.kind for entry in entries] == ["registered", "handover_offered", "handover_taken"]
    chain = [next(item.prev for item in entry.items if item.code == code) for entry in entries]
    assert chain == ["", entries[0].leaf.hex(), entries[1].leaf.hex()]
    assert town.item(code).item_head == entries[2].leaf.hex()


def test_a_courier_who_took_an_item_is_kept_as_a_holder(town: Town, reader: Reader) -> None:
    (code,) = town.register()
    town.post([code])
    town.pass_on("chien", "dung", [code], place=POST)
    item = town.item(code)
    users = {name: member.actor.user for name, member in town.people.items()}
    held = reader.read(
        lambda uow: {name for name, user in users.items() if uow.consignments.was_custodian(item.id, user)}
    )
    assert held == {"an", "chien", "dung"}


def test_a_list_is_taken_line_by_line_and_refused_lines_stay_with_the_giver(town: Town) -> None:
    codes = town.register(3)
    offer = town.offer("an", codes, to=POST)
    town.send("an", offer)
    refused = TakeLine(code=codes[1], entry=EntryMode.SCAN, verdict=Verdict.REFUSE, reason=TakeReason.DAMAGED)
    lines = [*accept([codes[0]]), refused, *accept([codes[2]])]
    outcome = town.send("chien", town.take("chien", offer.nonce, lines, place=SENDING))
    assert outcome.status == "accepted"
    assert [town.item(code).custodian.user == town.people["chien"].actor.user for code in codes] == [
        True,
        False,
        True,
    ]
    assert town.item(codes[1]).offer is None


def test_one_bad_line_is_a_recorded_refusal_and_the_others_go_through(town: Town, reader: Reader) -> None:
    codes = town.register(2)
    unknown = "ZK000000005VN"
    outcome = town.send("an", town.offer("an", [codes[0], unknown, codes[1]], to=POST))
    assert outcome.status == "partly"
    assert [(line.outcome, line.refusal) for line in outcome.lines] == [
        ("accepted", ""),
        ("refused", "unknown_code"),
        ("accepted", ""),
    ]
    row = reader.read(lambda uow: uow.audit.find(outcome.entry.index))
    assert row is not None
    entry = parse_entry(row.data)
    assert [(item.code, item.refusal) for item in entry.items if item.refusal] == [(unknown, "unknown_code")]
    assert reader.read(lambda uow: uow.audit.list_for_code(unknown)) == ()


def test_a_refusal_changes_nothing_but_the_log(town: Town) -> None:
    (code,) = town.register()
    before, size = town.item(code), size_of(town)
    outcome = town.send("oanh", town.offer("oanh", [code], to=POST))
    assert (outcome.status, outcome.lines[0].refusal) == ("refused", "wrong_custodian")
    after = town.item(code)
    assert size_of(town) == size + 1
    assert after.item_head == outcome.entry.leaf.hex() != before.item_head
    unchanged = ("state", "custodian", "offer", "attempts", "accepted_at", "closed_at", "seal")
    assert [getattr(after, name) for name in unchanged] == [getattr(before, name) for name in unchanged]


def test_a_genuine_label_is_read_by_its_qr_text(town: Town) -> None:
    (code,) = town.register()
    read = town.tools.label_keys.qr_text(code)
    outcome = town.send("an", town.offer("an", [read], to=POST))
    assert outcome.status == "accepted"
    assert (outcome.lines[0].read, outcome.lines[0].code) == (read, code)


def test_a_forged_label_is_a_recorded_refusal_in_the_items_own_history(town: Town, reader: Reader) -> None:
    (code,) = town.register()
    outcome = town.send("an", town.offer("an", [f"{code}|L1|AAAAAAAAAAAAAAAA"], to=POST))
    assert [(line.code, line.refusal) for line in outcome.lines] == [(code, "forged_label")]
    assert town.item(code).offer is None
    rows = reader.read(lambda uow: uow.audit.list_for_code(code))
    assert [row.index for row in rows][-1] == outcome.entry.index


@pytest.mark.parametrize("read", ["hello", "1234567890123", "RR473124829VN", "x|y|z", "ZK473124828VN"])
def test_what_is_not_a_code_of_ours_is_a_recorded_refusal(town: Town, read: str) -> None:
    outcome = town.send("an", town.offer("an", [read], to=POST))
    expected = "forged_label" if "|" in read else "unknown_code"
    assert [(line.read, line.refusal) for line in outcome.lines] == [(read, expected)]


def test_a_typed_code_is_read_as_people_type(town: Town) -> None:
    (code,) = town.register()
    typed = f"{code[:2].lower()} {code[2:]}"
    outcome = town.send("an", town.offer("an", [typed], to=POST))
    assert [(line.code, line.outcome) for line in outcome.lines] == [(code, "accepted")]


def test_an_offer_to_a_person_is_taken_by_that_person_alone(town: Town) -> None:
    (code,) = town.register()
    offer = town.offer("an", [code], to=POST, to_user="chien")
    assert town.send("an", offer).status == "accepted"
    other = town.send("duc", town.take("duc", offer.nonce, accept([code]), place=SENDING))
    assert [line.refusal for line in other.lines] == ["wrong_taker"]
    named = town.send("chien", town.take("chien", offer.nonce, accept([code]), place=SENDING))
    assert named.status == "accepted"


def test_an_offer_to_a_person_of_another_unit_is_refused(town: Town) -> None:
    (code,) = town.register()
    outcome = town.send("an", town.offer("an", [code], to=POST, to_user="binh"))
    assert [line.refusal for line in outcome.lines] == ["wrong_unit"]


def test_an_offer_to_a_unit_that_does_not_exist_is_refused(town: Town) -> None:
    (code,) = town.register()
    outcome = town.send("an", town.offer("an", [code], to="24.X99"))
    assert [line.refusal for line in outcome.lines] == ["wrong_unit"]


def test_an_offer_recalled_can_no_longer_be_taken_and_may_be_made_again(town: Town) -> None:
    (code,) = town.register()
    offer = town.offer("an", [code], to=POST)
    town.send("an", offer)
    assert town.send("an", town.recall("an", offer.nonce, [code])).status == "accepted"
    late = town.send("chien", town.take("chien", offer.nonce, accept([code]), place=SENDING))
    assert [line.refusal for line in late.lines] == ["not_offered"]
    town.post([code])


def test_of_two_takers_only_the_first_gets_the_item(town: Town) -> None:
    (code,) = town.register()
    offer = town.offer("an", [code], to=POST)
    town.send("an", offer)
    first = town.send("chien", town.take("chien", offer.nonce, accept([code]), place=SENDING))
    second = town.send("duc", town.take("duc", offer.nonce, accept([code]), place=SENDING))
    assert (first.status, [line.refusal for line in second.lines]) == ("accepted", ["not_offered"])
    assert town.item(code).custodian.user == town.people["chien"].actor.user


def test_handover_is_refused_when_the_seal_differs(town: Town) -> None:
    (code,) = town.register(seal="NP-004711")
    offer = town.offer("an", [code], to=POST)
    town.send("an", offer)
    wrong = town.send("chien", town.take("chien", offer.nonce, accept([code], seal="NP-1"), place=SENDING))
    assert [line.refusal for line in wrong.lines] == ["seal_differs"]
    right = accept([code], seal="NP-004711")
    assert town.send("chien", town.take("chien", offer.nonce, right, place=SENDING)).status == "accepted"


def test_an_agency_cannot_hand_over_to_another_past_the_post(town: Town) -> None:
    (code,) = town.register()
    offer = town.offer("an", [code], to=RECEIVING, purpose=Purpose.DELIVERY)
    assert [line.refusal for line in town.send("an", offer).lines] == ["role_not_allowed"]
