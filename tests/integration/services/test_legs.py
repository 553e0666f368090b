"""Legs of couriers: planned, left with everything in hand and an escort, closed line by line."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.access import Role
from app.domain.decision import Refusal
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, NotPermitted, ProblemCode
from app.domain.grades import Grade, Secrecy
from app.domain.leg import Leg, LegFate, LegState
from app.services.incidents import holds
from app.services.incidents.holds import PlaceHold
from app.services.legs import leg_pages, legs
from app.services.legs.leg_pages import LegQueue
from app.services.log import custody_check
from app.services.scans import handover
from app.services.scans.scan_outcome import ScanOutcome, ScanStatus
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import EvidenceKind, LegMark, sign_evidence
from audit.kinds import EntryKind
from crypto.envelope import Envelope
from crypto.signer import FileSigner
from crypto.timestamps import format_at
from tests.support.databases import SteppingClock
from tests.support.leg_town import TRUCK, VAN, LegTown
from tests.support.post_town import HUB, OTHER_POST, plain
from tests.support.shift_town import hire
from tests.support.town import POST

OPEN_GRADE = Grade(secrecy=Secrecy.C, express=False, appointed_at=None)


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> LegTown:
    """Settle a town with a second clerk and an auditor, and one dedicated vehicle."""
    town = LegTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    town.add_vehicle()
    return town


def facts_of(outcome: ScanOutcome) -> dict[str, object]:
    found = json.loads(outcome.entry.data)["facts"]
    assert isinstance(found, dict)
    return found


def refusal(outcome: ScanOutcome) -> str:
    assert outcome.status is ScanStatus.REFUSED
    assert facts_of(outcome)["refusal"] == outcome.lines[0].refusal
    return outcome.lines[0].refusal


def problems(make: Callable[[], object]) -> list[tuple[str, ProblemCode]]:
    with pytest.raises(InvalidInput) as caught:
        make()
    return [(problem.field, problem.code) for problem in caught.value.problems]


def low(town: LegTown, *, to: str = "duc") -> str:
    """Bring an item of a grade that may travel without an escort into somebody's hands."""
    (code,) = map(str, town.register(1, grade=OPEN_GRADE))
    town.post([code])
    town.pass_on("chien", "dung", [code], place=POST)
    if to != "dung":
        town.pass_on("dung", to, [code], place=POST)
    return code


def test_a_leg_leaves_with_vehicle_and_escort_and_ends_when_everything_was_taken_over(
    town: LegTown, reader: Reader
) -> None:
    leg, bag = town.loaded(escort="hoa")
    assert (leg.state, leg.vehicle) == (LegState.PLANNED, VAN)
    outcome = town.depart("duc", leg, [bag], escort="hoa")
    assert outcome.status is ScanStatus.ACCEPTED
    said = facts_of(outcome)
    assert (said["vehicle"], said["witness"]) == (VAN, town.people["hoa"].actor.user)
    # Nothing changes hands by leaving: the courier has it before and after.
    assert town.bag(bag).custodian.user == town.people["duc"].actor.user
    town.hand_bag("duc", "giang", bag, place=OTHER_POST)
    outcome = town.arrive("duc", leg, {})
    assert outcome.status is ScanStatus.ACCEPTED
    said = facts_of(outcome)
    assert (said["handed"], said["kept"], said["missing"]) == (1, 0, 0)
    page = town.leg_page(leg)
    assert (page.leg.state, page.fates) == (LegState.ARRIVED, {bag: "handed"})
    assert [one.step.value for one in page.entries] == ["planned", "departed", "arrived"]
    assert reader.read(custody_check.compare_custody).first is None


def test_control_12_numbers_have_no_gap_for_the_legs_of_an_office_and_a_year(town: LegTown) -> None:
    codes = [low(town) for _ in range(3)]
    first = town.plan(codes[:1])
    problems(lambda: town.plan(codes[:1]))
    second = town.plan(codes[1:2])
    town.cancel(second)
    third = town.plan(codes[1:2])
    year = first.planned_at.year
    assert [leg.code for leg in (first, second, third)] == [f"HT-{POST}-{year}-{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize("grade", [Secrecy.A, Secrecy.B])
def test_what_is_graded_a_or_b_does_not_leave_without_an_escort_even_inside_a_bag(
    town: LegTown, grade: Secrecy
) -> None:
    codes = [str(code) for code in town.register(1, grade=replace(OPEN_GRADE, secrecy=grade))]
    town.post(codes, witness="hanh")
    town.pass_on("chien", "dung", codes, place=POST, witness="duc")
    bag = town.start()
    town.pack("dung", bag, codes)
    town.close("dung", bag)
    town.hand_bag("dung", "duc", bag, place=POST, witness="chien")
    assert problems(lambda: town.plan([bag])) == [("escort", ProblemCode.ESCORT_REQUIRED)]
    leg = town.plan([bag], escort="hoa")
    assert refusal(town.depart("duc", leg, [bag])) == Refusal.WITNESS_MISSING


def test_another_vehicle_than_a_dedicated_one_needs_an_escort_whatever_is_aboard(town: LegTown) -> None:
    town.add_vehicle(TRUCK, dedicated=False)
    code = low(town)
    assert town.plan([code]).escort is None
    other = low(town)
    asked = problems(lambda: town.plan([other], vehicle=TRUCK))
    assert asked == [("escort", ProblemCode.ESCORT_REQUIRED)]


def test_the_escort_is_another_person_of_the_plan_who_is_there_now(town: LegTown) -> None:
    leg, bag = town.loaded(escort="hoa")
    absent = town.send("duc", town.departure("duc", leg, [bag], escort="hoa"))
    assert refusal(absent) == Refusal.WITNESS_NOT_PRESENT
    assert refusal(town.depart("duc", leg, [bag], escort="dung")) == Refusal.ESCORT_DIFFERS
    assert problems(lambda: town.plan([low(town)], escort="duc")) == [("escort", ProblemCode.REPEATED)]
    assert town.depart("duc", leg, [bag], escort="hoa").status is ScanStatus.ACCEPTED


def test_only_what_was_planned_leaves_and_all_of_it_in_the_couriers_own_hands(town: LegTown) -> None:
    code, stray = low(town), low(town)
    leg = town.plan([code])
    short = town.plan([stray, held := low(town, to="chien")])
    assert [line.refusal for line in town.depart("duc", leg, [code, stray]).lines[1:]] == [
        Refusal.LOAD_DIFFERS,
        Refusal.NOT_ABOARD,
    ]
    outcome = town.depart("duc", short, [stray, held])
    assert refusal(outcome) == Refusal.LOAD_NOT_IN_HAND
    assert outcome.lines[2].refusal == Refusal.WRONG_CUSTODIAN
    assert town.depart("duc", leg, [code]).status is ScanStatus.ACCEPTED


def test_vehicle_and_courier_are_on_one_leg_at_a_time(town: LegTown) -> None:
    town.add_vehicle(TRUCK)
    one, two, three = (low(town, to=name) for name in ("duc", "duc", "chien"))
    first, second = town.plan([one]), town.plan([two], vehicle=TRUCK)
    third = town.plan([three], courier="chien")
    assert town.depart("duc", first, [one]).status is ScanStatus.ACCEPTED
    assert refusal(town.depart("duc", second, [two], vehicle=TRUCK)) == Refusal.COURIER_UNDER_WAY
    assert refusal(town.depart("chien", third, [three])) == Refusal.VEHICLE_UNDER_WAY
    town.arrive("duc", first, {one: LegMark.KEPT})
    assert town.depart("chien", third, [three]).status is ScanStatus.ACCEPTED
    assert town.depart("duc", second, [two], vehicle=TRUCK).status is ScanStatus.ACCEPTED


def test_a_leg_leaves_once_from_its_office_in_its_vehicle_with_its_courier(town: LegTown) -> None:
    town.add_vehicle(TRUCK)
    code = low(town)
    leg = town.plan([code])
    assert refusal(town.depart("chien", leg, [code])) == Refusal.LEG_OF_ANOTHER
    assert refusal(town.depart("dung", leg, [code])) == Refusal.ROLE_NOT_ALLOWED
    assert refusal(town.depart("duc", leg, [code], vehicle=TRUCK)) == Refusal.VEHICLE_DIFFERS
    elsewhere = replace(town.departure("duc", leg, [code]), place=OTHER_POST)
    assert refusal(town.send("duc", elsewhere)) == Refusal.WRONG_PLACE
    unknown = town.send("duc", town.departure("duc", "HT-24.X-2026-9", [code]))
    assert refusal(unknown) == Refusal.NOT_A_LEG
    assert refusal(town.arrive("duc", leg, {})) == Refusal.LEG_NOT_DEPARTED
    town.depart("duc", leg, [code])
    assert refusal(town.depart("duc", leg, [code])) == Refusal.LEG_NOT_PLANNED


def test_what_was_handed_over_in_a_bag_within_a_bag_is_no_longer_with_the_courier(town: LegTown) -> None:
    code = low(town)
    leg = town.plan([code])
    town.depart("duc", leg, [code])
    inner, outer = (town.start("duc", asset=f"TUI-{number}") for number in range(2))
    for bag, thing, seal in ((inner, code, "NP-1"), (outer, inner, "NP-2")):
        act = town.act("duc", EvidenceKind.PACK, bag, lines=plain([thing]), place=POST)
        assert town.send("duc", act).status is ScanStatus.ACCEPTED
        assert town.close("duc", bag, seal=seal).status is ScanStatus.ACCEPTED
    town.hand_bag("duc", "giang", outer, place=OTHER_POST, seal="NP-2")
    assert town.arrive("duc", leg, {}).status is ScanStatus.ACCEPTED
    assert town.leg_page(leg).fates == {code: LegFate.HANDED}


def test_a_leg_is_not_closed_while_something_aboard_is_unaccounted_for(town: LegTown) -> None:
    codes = [low(town), low(town)]
    leg = town.plan(codes)
    town.depart("duc", leg, codes)
    assert refusal(town.arrive("duc", leg, {codes[0]: LegMark.KEPT})) == Refusal.LOAD_UNACCOUNTED
    town.pass_on("duc", "giang", codes[1:], place=OTHER_POST)
    outcome = town.arrive("duc", leg, {codes[0]: LegMark.KEPT, codes[1]: LegMark.KEPT})
    assert [line.refusal for line in outcome.lines[1:]] == ["", Refusal.TAKEN_OVER]
    assert town.leg_page(leg).fates == {codes[0]: "kept", codes[1]: "handed"}


def test_what_is_missing_at_the_end_of_a_leg_opens_an_incident_and_stays_the_couriers(
    town: LegTown, reader: Reader
) -> None:
    code = low(town)
    leg = town.plan([code])
    town.depart("duc", leg, [code])
    outcome = town.arrive("duc", leg, {code: LegMark.MISSING})
    (raised,) = json.loads(outcome.entry.data)["facts"]["incidents"]
    assert (raised["kind"], raised["lines"]) == ("loss", "1")
    assert town.item(code).custodian.user == town.people["duc"].actor.user
    assert reader.read(custody_check.compare_custody).first is None


def test_what_the_courier_keeps_is_listed_until_it_is_handed_on(town: LegTown) -> None:
    code = low(town)
    leg = town.plan([code])
    town.depart("duc", leg, [code])
    town.arrive("duc", leg, {code: LegMark.KEPT})
    assert count(town, LegQueue.KEPT, by="dung") == count(town, LegQueue.KEPT, by="duc") == 1
    # Whoever has it now drives another leg: that is no reason to keep this one listed.
    town.plan([low(town)], courier="chien")
    town.pass_on("duc", "chien", [code], place=OTHER_POST)
    assert count(town, LegQueue.KEPT, by="dung") == 0


def test_a_leg_is_overdue_from_its_cut_off_until_it_is_closed(town: LegTown, clock: SteppingClock) -> None:
    code = low(town)
    leg = town.plan([code])
    town.depart("duc", leg, [code])
    assert count(town, LegQueue.OVERDUE, by="giang") == 0
    clock.now += timedelta(hours=4)
    assert count(town, LegQueue.OVERDUE, by="giang") == 1
    town.arrive("duc", leg, {code: LegMark.KEPT})
    assert count(town, LegQueue.OVERDUE, by="giang") == 0


def count(town: LegTown, queue: LegQueue, *, by: str) -> int:
    actor, now = town.people[by].actor, town.clock()
    return town.do(lambda uow: leg_pages.count_queues(uow, actor=actor, now=now))[queue]


def test_a_stopped_code_does_not_leave(town: LegTown) -> None:
    code = low(town)
    leg = town.plan([code])
    command = PlaceHold(
        untrusted_hold="stopped", untrusted_code=code, untrusted_reason="lost", untrusted_text="x"
    )
    town.use(holds.place, command, by="dung")
    assert refusal(town.depart("duc", leg, [code])) == Refusal.STOPPED


def test_a_plan_names_people_vehicles_and_things_of_its_own_office(town: LegTown) -> None:
    town.add_vehicle(TRUCK, by="giang")
    code, far = low(town), low(town)
    town.pass_on("duc", "giang", [far], place=OTHER_POST)
    wrong = problems(
        lambda: town.plan([code, far], courier="dung", escort="khanh", vehicle=TRUCK, to_office=POST)
    )
    assert wrong == [
        ("codes", ProblemCode.NOT_AT_OFFICE),
        ("courier", ProblemCode.UNKNOWN_USER),
        ("escort", ProblemCode.UNKNOWN_USER),
        ("courier", ProblemCode.REQUIRED),
        ("to_office", ProblemCode.SAME_UNIT),
        ("vehicle", ProblemCode.VEHICLE_UNKNOWN),
    ]
    earlier = format_at(town.clock() - timedelta(hours=1))
    assert problems(lambda: town.plan([code], arrives_at=earlier)) == [
        ("arrives_at", ProblemCode.NOT_IN_ORDER)
    ]
    assert problems(lambda: town.plan([], departs_at=None)) == [
        ("codes", ProblemCode.REQUIRED),
        ("departs_at", ProblemCode.REQUIRED),
    ]
    with pytest.raises(NotPermitted):
        town.plan([code], by="duc")


def test_a_leg_is_cancelled_before_it_leaves_and_never_after(town: LegTown) -> None:
    code = low(town)
    leg = town.plan([code])
    with pytest.raises(NotFound):
        town.cancel(leg, by="giang")
    town.cancel(leg)
    again = town.plan([code])
    town.depart("duc", again, [code])
    with pytest.raises(Conflict) as caught:
        town.cancel(again)
    assert caught.value.code == ConflictCode.LEG_NOT_PLANNED


def test_a_vehicle_is_known_once_and_retired_only_while_it_stands(town: LegTown) -> None:
    assert problems(lambda: town.add_vehicle(VAN, by="giang")) == [("plate", ProblemCode.TAKEN)]
    code = low(town)
    leg = town.plan([code])
    town.depart("duc", leg, [code])
    with pytest.raises(Conflict) as caught:
        town.use(legs.retire_vehicle, VAN, by="dung")
    assert caught.value.code == ConflictCode.VEHICLE_IN_USE
    town.arrive("duc", leg, {code: LegMark.KEPT})
    town.use(legs.retire_vehicle, VAN, by="dung")
    assert problems(lambda: town.plan([low(town)])) == [("vehicle", ProblemCode.VEHICLE_UNKNOWN)]


def test_a_leg_is_seen_by_who_travels_both_ends_and_the_auditor(town: LegTown) -> None:
    leg, bag = town.loaded(escort="hoa")
    for name in ("dung", "duc", "hoa", "giang", "kiem"):
        assert town.leg_page(leg, by=name).aboard == (bag,)
    for name in ("chien", "son", "khanh"):
        with pytest.raises(NotFound):
            town.leg_page(leg, by=name)


def test_the_chains_of_a_bag_and_the_page_of_what_lies_in_it_tell_of_the_leg(
    town: LegTown, reader: Reader
) -> None:
    bag, codes = town.packed(1)
    town.close("dung", bag)
    town.hand_bag("dung", "duc", bag, place=POST)
    leg = town.plan([bag], escort="hoa")
    town.depart("duc", leg, [bag], escort="hoa")
    rows = reader.read(lambda uow: uow.audit.list_for_code(bag, limit=100))
    kinds = [parse_entry(row.data).kind for row in rows]
    assert kinds[-2:] == [EntryKind.LEG_PLANNED, EntryKind.LEG_DEPARTED]
    assert legs_of(town, bag) == legs_of(town, codes[0]) == [leg.code]
    # What is packed into another bag has nothing to do with this leg, nor has what was never in one.
    other = town.start(asset="TUI-002")
    stray = low(town, to="dung")
    town.pack("dung", other, [stray])
    assert legs_of(town, stray) == legs_of(town, other) == []


def legs_of(town: LegTown, code: str) -> list[str]:
    actor = town.people["kiem"].actor
    found = town.do(lambda uow: leg_pages.list_of_thing(uow, code, actor=actor))
    return [one.leg.code for one in found]


def test_two_plans_at_once_do_not_share_a_thing(town: LegTown) -> None:
    code = low(town)
    leg = town.plan([code], to_office=HUB)
    assert isinstance(leg, Leg)
    assert problems(lambda: town.plan([code])) == [("codes", ProblemCode.ON_ANOTHER_LEG)]


def test_two_couriers_who_leave_with_one_vehicle_at_once_give_one_departure_and_one_refusal(
    town: LegTown, engines: Engines, signer: FileSigner, clock: SteppingClock, reader: Reader
) -> None:
    """Each through a writer of its own, as two processes of one installation would."""
    other = Writer(engines.write, signer, clock)
    try:
        for _ in range(3):
            codes = {name: low(town, to=name) for name in ("chien", "duc")}
            legs_of = {name: town.plan([code], courier=name) for name, code in codes.items()}
            signed = {
                name: sign_evidence(
                    town.departure(name, legs_of[name], [codes[name]]), town.people[name].device
                )
                for name in codes
            }
            with ThreadPoolExecutor(2) as pool:
                sent = {
                    name: pool.submit(hand_in, town, name, signed[name], by=one)
                    for name, one in (("chien", town.writer), ("duc", other))
                }
                outcomes = {name: one.result() for name, one in sent.items()}
            (winner,) = [name for name, one in outcomes.items() if one.status is ScanStatus.ACCEPTED]
            (loser,) = {"chien", "duc"} - {winner}
            assert refusal(outcomes[loser]) == Refusal.VEHICLE_UNDER_WAY
            assert town.leg(legs_of[winner].code).state is LegState.DEPARTED
            assert town.leg(legs_of[loser].code).state is LegState.PLANNED
            kept = {codes[winner]: LegMark.KEPT}
            assert town.arrive(winner, legs_of[winner], kept).status is ScanStatus.ACCEPTED
            town.cancel(legs_of[loser])
    finally:
        other.stop()
    assert reader.read(custody_check.compare_custody).first is None


def hand_in(town: LegTown, name: str, envelope: Envelope, *, by: Writer) -> ScanOutcome:
    actor = town.people[name].actor
    return by.submit(
        lambda uow: handover.receive(uow, envelope, actor=actor, now=town.clock(), tools=town.tools)
    )
