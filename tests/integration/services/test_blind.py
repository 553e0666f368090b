"""While a count is under way, no list tells its person what they hold; everybody else sees what they saw."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.domain.access import Role
from app.domain.decision import Refusal
from app.domain.errors import Conflict, ConflictCode, NotFound
from app.domain.leg import may_see_leg
from app.services import home
from app.services.bags import bag_access, bag_queues, pouch_pages
from app.services.bags.bag_queues import BAG_QUEUES
from app.services.items import search
from app.services.items.past_custody import list_holdings_at
from app.services.legs import leg_pages, legs
from app.services.legs.legs import AddVehicle, PlanLeg
from app.services.owed import unattended
from app.services.people import access
from app.services.people.login import LoginRefusal, LoginRefused
from app.services.scans import desk, offers
from app.services.scans.presence import Attested
from app.services.scans.scan_outcome import ScanStatus
from app.storage.repositories.bag_search import BagSearch, BagVisibility
from app.storage.repositories.consignment_queries import Search, Visibility
from app.storage.repositories.leg_queries import LegSearch
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from crypto.signer import FileSigner
from crypto.timestamps import format_at
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town, with a second clerk at the first office and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def listed(town: ShiftTown, name: str) -> dict[str, set[str]]:
    """Return the codes that every list of this person names, list by list."""
    now, actor = town.clock(), town.people[name].actor

    def ask(question: Callable[..., object], *args: object, **more: object) -> object:
        return town.do(lambda uow: question(uow, *args, actor=actor, **more))

    shown: dict[str, object] = {
        "home": ask(home.get_home, now=now),
        "search": ask(search.search, {}, now=now, tools=town.tools),
        "list": ask(access.list_consignments, Search(limit=100), now=now),
        "bags": ask(bag_access.list_bags, BagSearch()),
    }
    if name != "kiem":
        shown |= {"desk": ask(desk.read_desk, now=now), "offers": ask(offers.list_offered)}
        mine = {"holder": "user", "value": name}
        shown["held by user"] = ask(list_holdings_at, mine, now=now)
    shown["unattended"] = ask(unattended.list_unattended, now=now, tools=town.tools)
    shown["pouches"] = ask(pouch_pages.list_pouches, None, now=now, tools=town.tools)
    shown |= {
        f"leg {leg.code}": ask(leg_pages.show, leg.code)
        for leg in town.do(lambda uow: uow.legs.list_page(LegSearch()))
        if may_see_leg(leg, actor)
    }
    if actor.role is Role.CLERK:
        shown["plan of a leg"] = ask(leg_pages.list_choices)
    shown |= {f"bags {queue}": ask(bag_queues.list_queue, queue) for queue in BAG_QUEUES.get(actor.role, ())}
    every = town.do(_every_code)
    return {place: {code for code in every if code in repr(told)} for place, told in shown.items()}


def _every_code(uow: UnitOfWork) -> list[str]:
    seen = uow.consignments.list(Search(limit=100), Visibility(everything=True))
    bags = uow.bags.list(BagSearch(), BagVisibility(everything=True))
    return [*(str(row.consignment.code) for row in seen), *(str(bag.code) for bag in bags)]


def test_control_7_whoever_counts_is_shown_nothing_of_what_they_hold(town: ShiftTown) -> None:
    mine, theirs = town.in_hand(2), town.in_hand(1, "hoa")
    bag, packed = town.packed(1)
    town.close("dung", bag)
    loose = town.start(asset="TUI-002")
    town.pack("dung", loose, town.in_hand(1))
    offered = town.offer("hoa", theirs, to=POST, place=POST, to_user="dung")
    town.send("hoa", offered)
    shift = town.open_shift()
    before = listed(town, "dung")
    assert {*mine, bag, loose} <= set().union(*before.values())
    assert all(code in before[place] for code in (*mine, bag) for place in ("desk", "held by user"))
    town.begin_count(shift)
    during = set().union(*listed(town, "dung").values())
    # What waits for this person is not theirs yet and stays to be seen.
    assert during == set(theirs)
    assert town.page(shift).balance is None
    # An open bag's contents are counted, so its page does not tell them either.
    record = town.read(bag_access.get_bag_record, loose, by="dung")
    assert record.contents is None
    # Colleagues and the auditor look at their own and at everything, as always.
    assert set(theirs) <= set().union(*listed(town, "hoa").values())
    assert {*mine, bag, *packed} <= set().union(*listed(town, "kiem").values())


def test_control_7_what_nobody_took_and_what_is_to_travel_is_not_shown_to_whoever_counts_it(
    town: ShiftTown, clock: SteppingClock
) -> None:
    bag, packed = town.packed(1)
    town.close("dung", bag)
    late = town.in_hand(1)
    town.send("dung", town.offer("dung", late, place=POST, to_user="duc"))
    town.use(legs.add_vehicle, AddVehicle(untrusted_plate="99A-1", untrusted_dedicated="yes"), by="dung")
    now = town.clock()
    form = {
        "to_office": OTHER_POST,
        "courier": str(town.people["duc"].actor.user),
        "escort": str(town.people["chien"].actor.user),
        "vehicle": "99A-1",
        "departs_at": format_at(now + timedelta(hours=1)),
        "arrives_at": format_at(now + timedelta(hours=3)),
        "codes": bag,
    }
    leg = town.use(legs.plan, PlanLeg(untrusted=form), by="dung")
    clock.now += timedelta(hours=12)
    shift = town.open_shift()
    before = listed(town, "dung")
    assert set(late) <= before["unattended"]
    assert all(bag in before[place] for place in ("pouches", "plan of a leg", f"leg {leg.code}"))
    town.begin_count(shift)
    during = listed(town, "dung")
    assert set().union(*during.values()) == set()
    # Whoever does not count reads on.
    assert bag in listed(town, "hoa")[f"leg {leg.code}"]
    assert {bag, *packed, *late} <= set().union(*listed(town, "kiem").values())


def test_control_7_a_bag_in_a_bag_that_is_counted_is_shown_as_little_as_that(
    town: ShiftTown,
) -> None:
    inner, _ = town.packed(1)
    town.close("dung", inner, seal="NP-1")
    outer = town.start(asset="TUI-LON")
    town.pack("dung", outer, [inner])
    town.close("dung", outer, seal="NP-2")
    town.hand_bag("dung", "duc", outer, place=POST, seal="NP-2")
    town.hand_bag("duc", "giang", outer, place=OTHER_POST, seal="NP-2")
    town.open_bag("giang", outer, witness="khanh", seal="NP-2")
    shift = town.open_shift("giang")
    assert {inner, outer} <= listed(town, "giang")["bags"]
    town.begin_count(shift, "giang")
    assert set().union(*listed(town, "giang").values()) == set()


def test_control_7_the_curtain_opens_with_the_last_part_of_the_count(town: ShiftTown) -> None:
    codes = town.in_hand(2)
    shift = town.open_shift()
    town.begin_count(shift)
    town.count("dung", shift, codes[:1], last=False)
    assert listed(town, "dung")["desk"] == set()
    town.count("dung", shift, codes[1:], part=2)
    assert listed(town, "dung")["desk"] == set(codes)
    # A device that sends a first part without having sat down counts blind from there on.
    town.count("dung", shift, codes[:1], last=False)
    assert listed(town, "dung")["desk"] == set()
    assert town.page(shift).balance is None


def test_a_count_is_begun_by_its_own_person_while_the_shift_is_open(town: ShiftTown) -> None:
    shift = town.open_shift()
    with pytest.raises(NotFound):
        town.begin_count(shift, "hoa")
    begun = town.begin_count(shift)
    assert town.begin_count(shift).counting_at == begun.counting_at
    with pytest.raises(Conflict) as caught:
        town.close_shift("dung", shift, supervisor="hoa")
    assert caught.value.code == ConflictCode.COUNT_MISSING
    town.count("dung", shift, [])
    town.countersign("dung", shift, nonce="1" * 32)
    with pytest.raises(Conflict) as caught:
        town.begin_count(shift)
    assert caught.value.code == ConflictCode.SHIFT_CLOSED


def test_a_witness_off_duty_gets_no_ticket(town: ShiftTown) -> None:
    shift = town.open_shift("khanh")
    assert isinstance(town.attest("giang", "khanh", nonce="1" * 32, subject="ZT000000005VN"), Attested)
    town.count("khanh", shift, [])
    town.attest("khanh", "giang", nonce="3" * 32, subject=shift.code, on_duty=False)
    town.close_shift("khanh", shift, supervisor="giang", nonce="3" * 32)
    refused = town.attest("giang", "khanh", nonce="2" * 32, subject="ZT000000005VN")
    assert refused == LoginRefused(reason=LoginRefusal.OFF_DUTY)
    # Whoever types a wrong password learns nothing about duty.
    wrong = town.attest("giang", "khanh", nonce="2" * 32, subject="ZT000000005VN", password="khác")
    assert wrong == LoginRefused(reason=LoginRefusal.WRONG)


def test_a_witness_who_went_off_duty_between_ticket_and_act_is_refused(town: ShiftTown) -> None:
    bag, _ = town.arrived(1)
    shift = town.open_shift("khanh")
    act = town.open_act("giang", bag, witness="khanh")
    assert isinstance(town.attest("giang", "khanh", nonce=act.nonce, subject=bag), Attested)
    town.count("khanh", shift, [])
    town.attest("khanh", "giang", nonce="3" * 32, subject=shift.code, on_duty=False)
    town.close_shift("khanh", shift, supervisor="giang", nonce="3" * 32)
    outcome = town.send("giang", act)
    assert [line.refusal for line in outcome.lines] == [Refusal.WITNESS_OFF_DUTY]
    town.open_shift("khanh")
    assert town.open_bag("giang", bag, witness="khanh").status is ScanStatus.ACCEPTED


def test_a_witness_who_never_kept_a_shift_counts_as_on_duty(town: ShiftTown) -> None:
    bag, _ = town.arrived(1)
    town.open_shift("giang")
    assert town.open_bag("giang", bag, witness="khanh").status is ScanStatus.ACCEPTED
