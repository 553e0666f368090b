"""A bag's whole trip: packed, closed, carried, opened before a witness, answered line by line."""

import json
from datetime import timedelta

import pytest

from app.domain.bag import BagState
from app.domain.decision import Refusal
from app.services.log import custody_check
from app.services.scans.scan_outcome import ScanOutcome, ScanStatus
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.evidence import EvidenceKind, Mark, Purpose
from audit.manifest import parse_manifest
from crypto.digest import sha256_hex
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import HUB, OTHER_POST, PostTown, plain
from tests.support.town import POST, RECEIVING


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices."""
    return PostTown(writer, clock, signer)


def refusals(outcome: ScanOutcome) -> list[str]:
    return [line.refusal for line in outcome.lines]


def facts_of(town: PostTown, outcome: ScanOutcome) -> dict[str, object]:
    del town
    found = json.loads(outcome.entry.data)["facts"]
    assert isinstance(found, dict)
    return found


def test_what_is_packed_moves_with_its_bag(town: PostTown, reader: Reader) -> None:
    bag, codes = town.packed(3)
    assert {town.item(code).bag for code in codes} == {town.bag(bag).id}
    assert {town.item(code).custodian for code in codes} == {town.people_custodian("dung")}
    assert town.close("dung", bag).status is ScanStatus.ACCEPTED
    assert town.hand_bag("dung", "duc", bag, place=POST).status is ScanStatus.ACCEPTED
    assert town.bag(bag).custodian == town.people_custodian("duc")
    # Who had them in hand last is still told; who answers for them now is the bag's custodian alone.
    assert {town.item(code).custodian for code in codes} == {town.people_custodian("dung")}
    report = reader.read(custody_check.compare_custody)
    assert report.first is None


def test_a_closed_bag_has_a_manifest_whose_digest_stands_in_the_log(town: PostTown, reader: Reader) -> None:
    bag, codes = town.packed(2)
    outcome = town.close("dung", bag, seal="NP-77")
    data = reader.read(lambda uow: uow.bags.find_manifest(town.bag(bag).id))
    assert data is not None
    manifest = parse_manifest(data)
    assert manifest.lines == tuple(sorted(codes))
    assert (manifest.seal, manifest.weight_g, manifest.bag) == ("NP-77", 1500, bag)
    assert facts_of(town, outcome)["manifest"] == sha256_hex(data) == town.bag(bag).manifest


def test_dispatch_numbers_are_gapless_per_pair_and_the_last_bag_ends_a_dispatch(town: PostTown) -> None:
    numbers = []
    for place, last in enumerate((False, True, True)):
        codes = [str(code) for code in town.register(1)]
        town.post(codes)
        town.pass_on("chien", "dung", codes, place=POST)
        bag = town.start(asset=f"TUI-{place}")
        town.pack("dung", bag, codes)
        town.close("dung", bag, seal=f"NP-{place}", last=last)
        dispatch = town.bag(bag).dispatch
        assert dispatch is not None
        numbers.append((dispatch.number, dispatch.serial, dispatch.last))
    assert numbers == [(1, 1, False), (1, 2, True), (2, 1, True)]


def test_a_pouch_is_on_one_trip_at_a_time(town: PostTown) -> None:
    town.start(asset="TUI-9")
    with pytest.raises(Exception, match="asset"):
        town.start(asset="tui-9")


def test_an_item_in_a_closed_bag_scanned_alone_is_refused(town: PostTown) -> None:
    bag, codes = town.packed(1)
    town.close("dung", bag)
    outcome = town.send("dung", town.offer("dung", codes, to=OTHER_POST, place=POST))
    assert refusals(outcome) == [Refusal.IN_BAG]
    refused = town.send("dung", town.attempt("dung", codes, place=POST))
    assert refusals(refused) == [Refusal.IN_BAG]


def test_an_item_lies_in_one_bag_only(town: PostTown) -> None:
    _, codes = town.packed(1)
    other = town.start(asset="TUI-2")
    assert refusals(town.pack("dung", other, codes)) == ["", Refusal.IN_BAG]


def test_what_is_taken_out_of_an_open_bag_can_be_handed_over_again(town: PostTown) -> None:
    bag, codes = town.packed(2)
    out = town.send("dung", town.act("dung", EvidenceKind.UNPACK, bag, lines=plain(codes[:1])))
    assert out.status is ScanStatus.ACCEPTED
    assert town.bag(bag).pieces == 1
    assert town.pass_on("dung", "duc", codes[:1], place=POST).status is ScanStatus.ACCEPTED
    again = town.send("dung", town.act("dung", EvidenceKind.UNPACK, bag, lines=plain(codes[:1])))
    assert refusals(again) == ["", Refusal.NOT_IN_THIS_BAG]


def test_a_bag_closed_twice_is_refused_the_second_time(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag)
    assert refusals(town.close("dung", bag, seal="NP-2")) == [Refusal.BAG_NOT_OPEN]


def test_a_bag_is_not_closed_over_contents_its_closer_did_not_see(town: PostTown) -> None:
    bag, codes = town.packed(2)
    act = town.act(
        "dung",
        EvidenceKind.CLOSE,
        bag,
        facts={"seal": "NP-5", "weight_g": 900, "contents": "0" * 64, "pieces": 2, "last": "no"},
    )
    assert refusals(town.send("dung", act)) == [Refusal.CONTENTS_DIFFER]
    assert town.bag(bag).state is BagState.OPEN
    assert codes


def test_an_empty_bag_is_not_closed(town: PostTown) -> None:
    bag = town.start()
    assert refusals(town.close("dung", bag)) == [Refusal.BAG_EMPTY]


def test_control_3_a_seal_number_is_never_used_twice(town: PostTown) -> None:
    bag, _ = town.packed(1)
    assert town.close("dung", bag, seal="NP- 1001").status is ScanStatus.ACCEPTED
    codes = [str(code) for code in town.register(1)]
    town.post(codes)
    town.pass_on("chien", "dung", codes, place=POST)
    other = town.start(asset="TUI-2")
    town.pack("dung", other, codes)
    # As read, not as typed: a space more or less is the same seal.
    assert refusals(town.close("dung", other, seal="np-1001")) == [Refusal.SEAL_USED]
    assert town.bag(other).state is BagState.OPEN


def test_a_handover_of_a_bag_is_refused_when_the_seal_read_differs(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag, seal="NP-1001")
    assert refusals(town.hand_bag("dung", "duc", bag, place=POST, seal="NP-1002")) == [Refusal.SEAL_DIFFERS]
    assert town.bag(bag).custodian == town.people_custodian("dung")


def test_a_handover_of_a_bag_is_refused_when_the_seal_was_not_read(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag)
    assert refusals(town.hand_bag("dung", "duc", bag, place=POST, seal="")) == [Refusal.SEAL_MISSING]


def test_an_open_bag_is_not_handed_over(town: PostTown) -> None:
    bag, _ = town.packed(1)
    assert refusals(town.send("dung", town.offer("dung", [bag], place=POST))) == [Refusal.BAG_NOT_CLOSED]


def test_a_bag_is_never_taken_by_an_agency(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag)
    town.hand_bag("dung", "duc", bag, place=POST)
    offer = town.offer("duc", [bag], to=RECEIVING, place=RECEIVING, purpose=Purpose.DELIVERY)
    assert refusals(town.send("duc", offer)) == [Refusal.WRONG_STATE]


def test_control_3_the_seal_is_checked_without_being_told(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag, seal="NP-8")
    good = town.send("dung", town.act("dung", EvidenceKind.CHECK_SEAL, bag, facts={"seal": "NP-8"}))
    bad = town.send("dung", town.act("dung", EvidenceKind.CHECK_SEAL, bag, facts={"seal": "NP-9"}))
    assert (refusals(good), refusals(bad)) == ([""], [Refusal.SEAL_DIFFERS])
    # The refusal's own entry holds what was read, and nothing of what is recorded.
    assert b"NP-8" not in bad.entry.data


def test_a_bag_is_opened_only_at_its_destination(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag)
    act = town.open_act("dung", bag, witness="chien")
    assert refusals(town.send("dung", act)) == [Refusal.WRONG_PLACE]


def test_control_4_a_bag_is_opened_by_two_people_both_there_just_then(
    town: PostTown, clock: SteppingClock
) -> None:
    bag, _ = town.arrived(1)
    assert refusals(town.send("giang", town.open_act("giang", bag, witness=None))) == [
        Refusal.WITNESS_MISSING
    ]
    absent = town.open_act("giang", bag, witness="khanh")
    assert refusals(town.send("giang", absent)) == [Refusal.WITNESS_NOT_PRESENT]
    late = town.open_act("giang", bag, witness="khanh")
    town.attest("giang", "khanh", nonce=late.nonce, subject=bag)
    clock.now += timedelta(minutes=6)
    assert refusals(town.send("giang", late)) == [Refusal.WITNESS_NOT_PRESENT]
    assert town.open_bag("giang", bag, witness="khanh").status is ScanStatus.ACCEPTED
    assert town.bag(bag).state is BagState.OPENED


def test_control_4_the_witness_is_somebody_else_and_of_this_office(town: PostTown) -> None:
    bag, _ = town.arrived(1)
    own = town.open_act("giang", bag, witness="giang")
    assert refusals(town.send("giang", own)) == [Refusal.WITNESS_IS_ACTOR]
    stranger = town.open_act("giang", bag, witness="son")
    town.attest("giang", "son", nonce=stranger.nonce, subject=bag)
    assert refusals(town.send("giang", stranger)) == [Refusal.WITNESS_NOT_ALLOWED]


def test_a_witness_attests_to_one_act_of_one_bag(town: PostTown) -> None:
    bag, _ = town.arrived(1)
    act = town.open_act("giang", bag, witness="khanh")
    town.attest("giang", "khanh", nonce=act.nonce, subject="ZT000000005VN")
    assert refusals(town.send("giang", act)) == [Refusal.WITNESS_NOT_PRESENT]


def test_a_wrong_password_makes_no_witness(town: PostTown) -> None:
    bag, _ = town.arrived(1)
    act = town.open_act("giang", bag, witness="khanh")
    town.attest(
        "giang", "khanh", nonce=act.nonce, subject=bag, password="sai mật khẩu rồi"
    )  # wrong on purpose
    assert refusals(town.send("giang", act)) == [Refusal.WITNESS_NOT_PRESENT]


def test_an_intact_seal_must_be_the_recorded_one_and_a_broken_one_is_told(town: PostTown) -> None:
    bag, _ = town.arrived(1)
    wrong = town.open_act("giang", bag, witness="khanh", seal="NP-0")
    assert refusals(town.send("giang", wrong)) == [Refusal.SEAL_DIFFERS]
    opened = town.open_bag("giang", bag, witness="khanh", seal="NP-0", found="broken")
    assert opened.status is ScanStatus.ACCEPTED
    assert facts_of(town, opened)["found"] == "broken"


def test_answers_empty_the_bag_and_put_each_item_into_verified_hands(town: PostTown, reader: Reader) -> None:
    bag, codes = town.arrived(3)
    town.open_bag("giang", bag, witness="khanh")
    first = town.answer("giang", bag, {codes[0]: Mark.RECEIVED, codes[1]: Mark.DAMAGED})
    assert first.status is ScanStatus.ACCEPTED
    assert town.bag(bag).state is BagState.OPENED
    last = town.answer("giang", bag, {codes[2]: Mark.MISSING})
    told = facts_of(town, last)
    assert (told["left"], told["missing"]) == (0, 1)
    assert town.bag(bag).state is BagState.EMPTIED
    assert [town.item(code).custodian for code in codes] == [
        town.people_custodian("giang"),
        town.people_custodian("giang"),
        # What did not come stays with whoever had it in hand last: the clerk who packed it.
        town.people_custodian("dung"),
    ]
    assert {town.item(code).bag for code in codes} == {None}
    assert reader.read(custody_check.compare_custody).first is None


def test_what_is_found_in_the_bag_without_being_listed_moves_to_the_finder(
    town: PostTown, reader: Reader
) -> None:
    bag, codes = town.arrived(1)
    stray = [str(code) for code in town.register(1)]
    town.post(stray)
    town.open_bag("giang", bag, witness="khanh")
    outcome = town.answer("giang", bag, {stray[0]: Mark.EXCESS, codes[0]: Mark.RECEIVED})
    assert outcome.status is ScanStatus.ACCEPTED
    assert town.item(stray[0]).custodian == town.people_custodian("giang")
    lines = reader.read(lambda uow: uow.bags.lines(town.bag(bag).id))
    assert lines == {codes[0]: "received", stray[0]: "excess"}
    assert reader.read(custody_check.compare_custody).first is None


def test_a_line_is_answered_once_and_only_if_it_is_listed(town: PostTown) -> None:
    bag, codes = town.arrived(2)
    town.open_bag("giang", bag, witness="khanh")
    town.answer("giang", bag, {codes[0]: Mark.RECEIVED})
    other = [str(code) for code in town.register(1)]
    town.post(other)
    outcome = town.answer(
        "giang", bag, {codes[0]: Mark.RECEIVED, other[0]: Mark.RECEIVED, codes[1]: Mark.EXCESS}
    )
    assert refusals(outcome) == [
        "",
        Refusal.ALREADY_ANSWERED,
        Refusal.NOT_IN_THIS_BAG,
        Refusal.NOT_IN_THIS_BAG,
    ]


def test_a_closed_bag_is_not_answered(town: PostTown) -> None:
    bag, codes = town.arrived(1)
    outcome = town.answer("giang", bag, {codes[0]: Mark.RECEIVED})
    assert refusals(outcome) == [Refusal.BAG_NOT_OPENED, Refusal.BAG_NOT_OPENED]


def test_a_bag_travels_in_a_bag_and_no_deeper(town: PostTown, reader: Reader) -> None:
    inner, codes = town.packed(1)
    town.close("dung", inner, seal="NP-1")
    outer = town.start(to=HUB, asset="TUI-LON")
    assert town.pack("dung", outer, [inner]).status is ScanStatus.ACCEPTED
    town.close("dung", outer, seal="NP-2")
    deeper = town.start(to=OTHER_POST, asset="TUI-LON-HON")
    assert refusals(town.pack("dung", deeper, [outer])) == ["", Refusal.BAG_IN_BAG]
    assert refusals(town.send("dung", town.offer("dung", [inner], place=POST))) == [Refusal.IN_BAG]
    town.hand_bag("dung", "son", outer, place=POST, seal="NP-2")
    assert refusals(town.hand_bag("dung", "son", outer, place=POST, seal="NP-2"))
    assert codes
    assert reader.read(custody_check.compare_custody).first is None


def test_control_3_a_seal_is_changed_by_two_people_with_both_numbers(town: PostTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag, seal="NP-1")
    facts: dict[str, int | str] = {
        "old_seal": "NP-1",
        "new_seal": "NP-2",
        "old_weight_g": 1500,
        "weight_g": 1510,
        "reason": "inspection",
        "inner_intact": "yes",
    }
    alone = town.act("dung", EvidenceKind.CHANGE_SEAL, bag, facts=facts)
    assert refusals(town.send("dung", alone)) == [Refusal.WITNESS_MISSING]
    act = town.act("dung", EvidenceKind.CHANGE_SEAL, bag, facts=facts, witness="chien")
    town.attest("dung", "chien", nonce=act.nonce, subject=bag)
    assert refusals(town.send("dung", act)) == [""]
    assert town.bag(bag).seal == "NP-2"
    assert refusals(town.hand_bag("dung", "duc", bag, place=POST, seal="NP-1")) == [Refusal.SEAL_DIFFERS]
    back = town.act(
        "dung",
        EvidenceKind.CHANGE_SEAL,
        bag,
        facts=facts | {"old_seal": "NP-2", "new_seal": "NP-1"},
        witness="chien",
    )
    town.attest("dung", "chien", nonce=back.nonce, subject=bag)
    assert refusals(town.send("dung", back)) == [Refusal.ALREADY_OFFERED]


def test_a_code_that_is_no_bag_is_told_from_one_that_is_nothing(town: PostTown) -> None:
    codes = [str(code) for code in town.register(1)]
    assert refusals(town.pack("dung", codes[0], ["ZK000000005VN"]))[0] == Refusal.NOT_A_BAG
    assert refusals(town.pack("dung", "ZT999999999VN", codes))[0] == Refusal.UNKNOWN_CODE


def test_an_act_sent_again_gets_the_same_receipt(town: PostTown) -> None:
    _, codes = town.packed(1)
    other = town.start(asset="TUI-2")
    act = town.act("dung", EvidenceKind.PACK, other, lines=plain(codes))
    first, second = town.send("dung", act), town.send("dung", act)
    assert second.status is ScanStatus.DUPLICATE
    assert second.lines == first.lines
    assert second.entry.index == first.entry.index
