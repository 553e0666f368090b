"""Control 7, shift balance: opened with the last balance, counted blind, countersigned, or left open."""

import json
from datetime import timedelta

import pytest

from app.domain.access import Role
from app.domain.decision import Refusal
from app.domain.errors import Conflict, ConflictCode, NotFound, NotPermitted
from app.domain.shift import CountFinding, Shift
from app.services.incidents import holds
from app.services.incidents.holds import PlaceHold
from app.services.log import custody_check
from app.services.scans import handover
from app.services.scans.scan_outcome import ScanOutcome, ScanStatus
from app.services.shifts import shift_pages
from app.storage.reader import Reader
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import EvidenceKind, Mark, sign_evidence
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST, plain
from tests.support.shift_town import ShiftTown, close_incident, hire
from tests.support.town import POST, accept


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town, with a second clerk at the first office and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def facts_of(outcome: ScanOutcome) -> dict[str, object]:
    found = json.loads(outcome.entry.data)["facts"]
    assert isinstance(found, dict)
    return found


def refusals(outcome: ScanOutcome) -> list[str]:
    return [line.refusal for line in outcome.lines]


def refused_closing(town: ShiftTown, shift: Shift, *, supervisor: str = "hoa", nonce: str = "7" * 32) -> str:
    with pytest.raises(Conflict) as caught:
        town.close_shift("dung", shift, supervisor=supervisor, nonce=nonce)
    return str(caught.value.code)


def test_control_7_opening_plus_in_minus_out_is_closing(town: ShiftTown, reader: Reader) -> None:
    first = town.in_hand(3)
    shift = town.open_shift()
    came = town.in_hand(2)
    town.pass_on("dung", "duc", first[:1], place=POST)
    assert town.count("dung", shift, [*first[1:], *came]).status is ScanStatus.ACCEPTED
    balance = town.page(shift).balance
    assert balance is not None
    assert (balance.opening, balance.came, balance.left) == (
        frozenset(first),
        frozenset(came),
        frozenset(first[:1]),
    )
    assert balance.expected == (balance.opening | balance.came) - balance.left == balance.counted
    closed = town.countersign("dung", shift, nonce="1" * 32)
    assert closed.supervisor == town.people["hoa"].actor.user
    assert reader.read(custody_check.compare_custody).first is None


def test_the_next_shift_opens_with_the_last_balance(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    town.count("dung", shift, codes)
    town.countersign("dung", shift, nonce="1" * 32)
    later = town.in_hand(1)
    following = town.open_shift()
    town.count("dung", following, [*codes, *later])
    balance = town.page(following).balance
    assert balance is not None
    assert (balance.opening, balance.came) == (frozenset(codes), frozenset(later))
    assert [row.code for row in town.page(following).replay if row.code in later]


def test_the_count_is_blind_until_it_is_recorded(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    stray = town.in_hand(1, "duc")
    shift = town.open_shift()
    before = town.page(shift)
    assert (before.balance, before.replay) == (None, ())
    # A part is not a count: nothing is told yet, and each line only whether the code is one of ours.
    part = town.count("dung", shift, [codes[0], *stray, "ZK999999999VN"], last=False)
    assert refusals(part) == ["", "", "", Refusal.UNKNOWN_CODE]
    assert town.page(shift).balance is None
    town.count("dung", shift, codes[1:], part=2)
    balance = town.page(shift).balance
    assert balance is not None
    assert balance.unexpected == {*stray, "ZK999999999VN"}


def test_whoever_has_nothing_in_hand_counts_nothing_and_may_go(town: ShiftTown) -> None:
    shift = town.open_shift()
    assert town.count("dung", shift, []).status is ScanStatus.ACCEPTED
    assert town.countersign("dung", shift, nonce="1" * 32).closed_at is not None


def test_a_shift_is_not_closed_before_it_is_counted(town: ShiftTown) -> None:
    shift = town.open_shift()
    assert refused_closing(town, shift) == ConflictCode.COUNT_MISSING


def test_an_unbalanced_shift_stays_open_raises_its_difference_and_keeps_its_person_from_the_next(
    town: ShiftTown,
) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    outcome = town.count("dung", shift, codes[:1])
    (raised,) = json.loads(outcome.entry.data)["facts"]["incidents"]
    assert (raised["kind"], raised["codes"]) == ("count_differs", codes[1])
    assert (facts_of(outcome)["missing"], facts_of(outcome)["unexpected"]) == (1, 0)
    assert refused_closing(town, shift) == ConflictCode.SHIFT_UNBALANCED
    with pytest.raises(Conflict) as caught:
        town.open_shift()
    assert caught.value.code == ConflictCode.SHIFT_OPEN_ALREADY
    balance = town.page(shift).balance
    assert balance is not None
    assert dict(balance.lines()) == {codes[1]: CountFinding.MISSING, codes[0]: CountFinding.MATCHED}


def test_an_unbalanced_shift_is_solved_by_counting_again(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    town.count("dung", shift, codes[:1])
    again = town.count("dung", shift, codes)
    # What one count has raised is not raised by the next.
    assert "incidents" not in facts_of(again)
    assert town.countersign("dung", shift, nonce="1" * 32).counts == 2
    assert town.open_shift().previous == shift.id


def test_an_unbalanced_shift_is_solved_by_the_handover_that_was_missing(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    town.count("dung", shift, codes[:1])
    town.pass_on("dung", "duc", codes[1:], place=POST)
    assert refused_closing(town, shift) == ConflictCode.COUNT_OUTDATED
    town.count("dung", shift, codes[:1])
    assert town.countersign("dung", shift, nonce="1" * 32).closed_at is not None


def test_an_unbalanced_shift_is_solved_when_a_second_person_closes_the_incident(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    town.count("dung", shift, codes[:1])
    close_incident(town)
    closed = town.countersign("dung", shift, nonce="1" * 32)
    assert (closed.missing, closed.closed_at is not None) == (0, True)
    balance = town.page(shift).balance
    assert balance is not None
    assert balance.lines()[codes[1]] is CountFinding.EXPLAINED
    # It stays in these hands, and the next shift must explain it anew.
    following = town.open_shift()
    assert facts_of(town.count("dung", following, codes[:1]))["missing"] == 1


def test_a_supervisor_is_another_clerk_of_the_office_who_is_there(
    town: ShiftTown, clock: SteppingClock
) -> None:
    shift = town.open_shift()
    town.count("dung", shift, [])
    assert refused_closing(town, shift, supervisor="dung") == ConflictCode.SUPERVISOR_IS_ACTOR
    assert refused_closing(town, shift, supervisor="chien") == ConflictCode.SUPERVISOR_NOT_ALLOWED
    assert refused_closing(town, shift, supervisor="giang") == ConflictCode.SUPERVISOR_NOT_ALLOWED
    assert refused_closing(town, shift) == ConflictCode.SUPERVISOR_NOT_PRESENT
    town.attest("dung", "hoa", nonce="2" * 32, subject="CA-24.P01-2026-99")
    assert refused_closing(town, shift, nonce="2" * 32) == ConflictCode.SUPERVISOR_NOT_PRESENT
    town.attest("dung", "hoa", nonce="3" * 32, subject=shift.code)
    clock.now += timedelta(minutes=6)
    assert refused_closing(town, shift, nonce="3" * 32) == ConflictCode.SUPERVISOR_NOT_PRESENT
    assert town.countersign("dung", shift, nonce="4" * 32).closed_at is not None
    assert refused_closing(town, shift, nonce="4" * 32) == ConflictCode.SHIFT_CLOSED


def test_a_closed_bag_is_counted_with_what_is_in_it_and_an_open_one_thing_by_thing(town: ShiftTown) -> None:
    bag, codes = town.packed(2)
    shift = town.open_shift()
    town.count("dung", shift, [bag])
    balance = town.page(shift).balance
    assert balance is not None
    assert balance.missing == set(codes)
    town.close("dung", bag)
    assert facts_of(town.count("dung", shift, [bag]))["missing"] == 0
    assert town.hand_bag("dung", "duc", bag, place=POST).status is ScanStatus.ACCEPTED
    assert facts_of(town.count("dung", shift, []))["expected"] == 0
    balance = town.page(shift).balance
    assert balance is not None
    assert balance.left == {bag, *codes}


def test_whoever_opened_a_bag_answers_for_each_thing_in_it(town: ShiftTown) -> None:
    bag, codes = town.arrived(2)
    shift = town.open_shift("giang")
    town.open_bag("giang", bag, witness="khanh")
    assert facts_of(town.count("giang", shift, [bag, *codes]))["missing"] == 0
    town.answer("giang", bag, dict.fromkeys(codes, Mark.RECEIVED))
    counted = facts_of(town.count("giang", shift, codes))
    assert (counted["expected"], counted["missing"]) == (2, 0)


def test_a_count_in_the_same_transaction_sees_what_was_taken_just_before(town: ShiftTown) -> None:
    codes = [str(code) for code in town.register(2)]
    town.post(codes)
    shift = town.open_shift()
    offer = town.offer("chien", codes, to=POST, place=POST)
    town.send("chien", offer)
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    scans = (
        town.take("dung", offer.nonce, accept(codes), place=POST),
        town.act("dung", EvidenceKind.COUNT, shift.code, facts=facts, lines=plain(codes)),
    )
    signed = [sign_evidence(scan, town.people["dung"].device) for scan in scans]
    actor = town.people["dung"].actor

    def both(uow: UnitOfWork) -> list[ScanOutcome]:
        return [handover.receive(uow, one, actor=actor, now=town.clock(), tools=town.tools) for one in signed]

    counted = facts_of(town.do(both)[1])
    assert (counted["expected"], counted["missing"], counted["unexpected"]) == (2, 0, 0)


def test_the_parts_of_a_count_come_in_order(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    lost = town.count("dung", shift, codes, part=2)
    assert refusals(lost) == [Refusal.COUNT_PART_MISSING] * 3
    assert facts_of(lost)["refusal"] == "count_part_missing"
    town.count("dung", shift, codes, last=False)
    assert refused_closing(town, shift) == ConflictCode.COUNT_MISSING
    assert town.count("dung", shift, codes[:1], part=2).status is ScanStatus.ACCEPTED
    assert town.countersign("dung", shift, nonce="1" * 32).counts == 1


def test_a_count_is_refused_for_another_person_elsewhere_after_the_end_and_of_no_shift(
    town: ShiftTown,
) -> None:
    shift = town.open_shift()
    facts: dict[str, int | str] = {"part": 1, "last": "yes"}
    assert refusals(town.count("hoa", shift, [])) == [Refusal.SHIFT_OF_ANOTHER]
    away = town.act("dung", EvidenceKind.COUNT, shift.code, facts=facts, place=OTHER_POST)
    assert refusals(town.send("dung", away)) == [Refusal.WRONG_PLACE]
    town.count("dung", shift, [])
    town.countersign("dung", shift, nonce="1" * 32)
    assert refusals(town.count("dung", shift, [])) == [Refusal.SHIFT_CLOSED]
    for nobody in ("CA-24.P01-2026-99", "ZT000000005VN", "CA-24.P01-2026-1|00"):
        strange = town.act("dung", EvidenceKind.COUNT, nobody, facts=facts)
        assert refusals(town.send("dung", strange)) == [Refusal.NOT_A_SHIFT]


def test_the_replay_lists_every_entry_about_ones_things_since_the_last_good_balance(
    town: ShiftTown,
) -> None:
    old = town.in_hand(1)
    shift = town.open_shift()
    town.count("dung", shift, old)
    town.countersign("dung", shift, nonce="1" * 32)
    following = town.open_shift()
    came = town.in_hand(1)
    town.pass_on("dung", "duc", old, place=POST)
    town.count("dung", following, [])
    page = town.page(following)
    told = [(row.code, row.kind) for row in page.replay]
    assert (old[0], "handover_taken") in told
    assert (came[0], "handover_taken") in told
    assert all(row.index > page.since for row in page.replay)
    by_number = {row.index: row.kind for row in page.replay}
    stored = town.do(lambda uow: uow.audit.list_rows(by_number))
    assert {row.index: str(parse_entry(row.data).kind) for row in stored} == by_number


def test_shifts_are_shown_to_their_person_their_office_and_the_auditor_only(town: ShiftTown) -> None:
    mine = town.open_shift("chien")
    theirs = town.open_shift("giang")
    for name in ("chien", "hoa", "kiem"):
        assert town.page(mine, name).shift.code == mine.code
    for name in ("duc", "giang"):
        with pytest.raises(NotFound):
            town.page(mine, name)
    with pytest.raises(NotPermitted):
        town.page(mine, "an")
    with pytest.raises(NotPermitted):
        town.open_shift("kiem")

    def listed(name: str) -> set[str]:
        return {shift.code for shift in town.read(shift_pages.list_shifts, by=name).shifts}

    assert (listed("chien"), listed("hoa"), listed("giang")) == ({mine.code}, {mine.code}, {theirs.code})
    assert listed("kiem") == {mine.code, theirs.code}


def test_what_does_not_balance_stands_first(town: ShiftTown) -> None:
    town.in_hand(1)
    unbalanced = town.open_shift()
    town.count("dung", unbalanced, [])
    later = town.open_shift("hoa")
    town.count("hoa", later, [])
    order = [shift.code for shift in town.read(shift_pages.list_shifts, by="kiem").shifts]
    assert order == [unbalanced.code, later.code]


def test_a_stopped_item_is_counted_and_named_as_stopped(town: ShiftTown) -> None:
    codes = town.in_hand(1)
    shift = town.open_shift()
    command = PlaceHold(
        untrusted_hold="stopped", untrusted_code=codes[0], untrusted_reason="order", untrusted_text="x"
    )
    town.use(holds.place, command, by="hoa")
    outcome = town.count("dung", shift, codes)
    assert refusals(outcome) == ["", Refusal.STOPPED]
    assert facts_of(outcome)["missing"] == 0


def test_the_same_count_again_is_a_duplicate(town: ShiftTown) -> None:
    codes = town.in_hand(1)
    shift = town.open_shift()
    act = town.act(
        "dung",
        EvidenceKind.COUNT,
        shift.code,
        facts={"part": 1, "last": "yes"},
        lines=plain(codes),
    )
    first, second = town.send("dung", act), town.send("dung", act)
    assert (second.status, second.entry.index) == (ScanStatus.DUPLICATE, first.entry.index)
    assert town.page(shift).shift.counts == 1


def test_a_count_is_no_delivery_and_moves_nothing(town: ShiftTown, reader: Reader) -> None:
    codes = town.in_hand(1)
    town.pass_on("dung", "duc", codes, place=POST)
    shift = town.open_shift()
    town.count("dung", shift, codes)
    assert town.item(codes[0]).custodian == town.people_custodian("duc")
    assert reader.read(custody_check.compare_custody).first is None
