"""The door to bags: who sees which, what is in one and who is told, and where a seal number never appears."""

from functools import partial

import pytest

from app.domain.access import Actor, Role
from app.domain.bag import BagState, Contents
from app.domain.bag_access import may_see_bag
from app.domain.errors import NotFound, NotPermitted
from app.services.bags import bag_access, bag_trail
from app.services.bags.bag_access import bag_visibility
from app.services.log.audit_trail import get_entry
from app.services.people import access
from app.storage.reader import Reader
from app.storage.repositories.bag_search import BagSearch
from app.storage.repositories.consignment_queries import Search
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.evidence import Mark
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.office import Office
from tests.support.post_town import HUB, OTHER_POST, PostTown
from tests.support.town import POST

SEAL = "NP-1001"


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices."""
    return PostTown(writer, clock, signer)


class Everybody(Office):
    """The post's people, the roles that scan nothing, and one more clerk of the first office."""

    def __init__(self, town: PostTown, reader: Reader) -> None:
        self.town = town
        self._reader = reader
        self.actors = {name: member.actor for name, member in town.people.items()}
        self.actors["auditor"] = self.employ("kiemtra", "Hoàng Kiểm", Role.AUDITOR)
        self.actors["admin"] = self.employ("quantri", "Đỗ Quản", Role.ADMINISTRATOR)
        self.actors["ministry"] = self.employ("botruong", "Vũ Thị Bộ", Role.MINISTRY_READER)
        self.actors["colleague"] = self.employ("nga", "Lý Thị Nga", Role.CLERK, POST)


@pytest.fixture
def office(town: PostTown, reader: Reader) -> Office:
    return Everybody(town, reader)


def record(office: Office, bag: str, name: str) -> bag_access.BagRecord:
    return office.read(bag_access.get_bag_record, bag, actor=office.actors[name])


def test_lists_show_exactly_the_bags_that_the_rule_shows(
    town: PostTown, office: Office, reader: Reader
) -> None:
    travelled, _ = town.arrived(1)
    waiting = town.start(asset="TUI-2")
    elsewhere = town.start("giang", to=HUB, asset="TUI-3")
    handed = town.start(to=HUB, asset="TUI-4")
    codes = (travelled, waiting, elsewhere, handed)

    def seen(uow: UnitOfWork, who: Actor) -> tuple[set[str], set[str]]:
        every = [bag for bag in map(uow.bags.find, codes) if bag is not None]
        ruled = {
            str(bag.code)
            for bag in every
            if may_see_bag(bag, who, was_holder=uow.bags.was_holder(bag.id, who.user))
        }
        return ruled, {str(bag.code) for bag in uow.bags.list(BagSearch(), bag_visibility(who))}

    for who in office.actors.values():
        ruled, listed = reader.read(partial(seen, who=who))
        assert ruled == listed, who.role


@pytest.mark.parametrize("name", ["an", "admin", "ministry"])
def test_agencies_and_administrators_reach_no_bag(town: PostTown, office: Office, name: str) -> None:
    bag, _ = town.packed(1)
    with pytest.raises(NotPermitted):
        record(office, bag, name)
    with pytest.raises(NotPermitted):
        office.read(bag_access.list_bags, BagSearch(), actor=office.actors[name])


def test_another_office_and_an_unknown_code_get_one_answer(town: PostTown, office: Office) -> None:
    bag, _ = town.packed(1)
    for code in (bag, "ZT999999999VN"):
        with pytest.raises(NotFound):
            record(office, code, "son")


def test_contents_are_told_to_the_packing_office_only_until_the_bag_leaves(
    town: PostTown, office: Office
) -> None:
    bag, codes = town.packed(2)
    town.close("dung", bag)
    shown = record(office, bag, "colleague").contents
    assert shown is not None
    assert [one.code for one in shown] == sorted(codes)
    assert record(office, bag, "dung").count(Contents.INFERRED) == 2
    town.hand_bag("dung", "duc", bag, place=POST)
    for name in ("dung", "colleague", "duc", "giang"):
        assert record(office, bag, name).contents is None
        with pytest.raises(NotFound):
            office.read(bag_access.get_manifest, bag, actor=office.actors[name])
    page = office.read(bag_access.list_bags, BagSearch(), actor=office.actors["duc"])
    assert page.counted == frozenset()
    assert record(office, bag, "auditor").contents is not None


def test_inferred_and_verified_contents_are_counted_apart(town: PostTown, office: Office) -> None:
    bag, codes = town.arrived(3)
    town.open_bag("giang", bag, witness="khanh")
    town.answer("giang", bag, {codes[0]: Mark.RECEIVED, codes[1]: Mark.MISSING})
    found = record(office, bag, "giang")
    assert found.count(Contents.VERIFIED) == 1
    assert found.count(Contents.INFERRED) == 2
    assert {one.code: one.mark for one in found.contents or ()} == {
        codes[0]: Mark.RECEIVED,
        codes[1]: Mark.MISSING,
        codes[2]: None,
    }


def test_the_seal_is_told_to_nobody_who_may_have_to_read_it(town: PostTown, office: Office) -> None:
    bag, _ = town.packed(1)
    closing = town.close("dung", bag, seal=SEAL)
    handing = town.hand_bag("dung", "duc", bag, place=POST, seal=SEAL)
    for name in ("dung", "colleague", "duc", "giang"):
        assert record(office, bag, name).seal is None
        entry = office.read(get_entry, closing.entry.index, actor=office.actors[name])
        assert entry.data is None
        assert entry.codes == (bag,)
    assert office.read(get_entry, handing.entry.index, actor=office.actors["duc"]).data is None
    assert record(office, bag, "auditor").seal == SEAL
    town.hand_bag("duc", "giang", bag, place=OTHER_POST, seal=SEAL)
    town.open_bag("giang", bag, witness="khanh", seal=SEAL)
    assert record(office, bag, "giang").seal == SEAL
    assert office.read(bag_access.get_manifest, bag, actor=office.actors["giang"]).data is not None
    assert office.read(get_entry, closing.entry.index, actor=office.actors["dung"]).data is not None


def test_an_item_in_a_bag_is_answered_for_by_whoever_has_the_bag(town: PostTown, office: Office) -> None:
    bag, codes = town.packed(1)
    town.close("dung", bag)
    town.hand_bag("dung", "duc", bag, place=POST)
    duc = town.people["duc"].actor
    seen = office.read(access.get_record, codes[0], actor=office.actors["an"])
    assert seen.custodian.user == duc.user
    search = Search(limit=10)
    page = office.read(access.list_consignments, search, actor=office.actors["an"])
    assert {one.user for one in page.custodians.values()} == {duc.user}


def test_a_bag_in_a_bag_is_answered_for_by_whoever_has_the_outer_one(town: PostTown, office: Office) -> None:
    inner, codes = town.packed(1)
    town.close("dung", inner, seal="NP-1")
    outer = town.start(to=HUB, asset="TUI-LON")
    town.pack("dung", outer, [inner])
    town.close("dung", outer, seal="NP-2")
    assert record(office, inner, "dung").custodian.user == town.people["dung"].actor.user
    town.hand_bag("dung", "duc", outer, place=POST, seal="NP-2")
    assert record(office, inner, "dung").custodian.user == town.people["duc"].actor.user
    item = office.read(access.get_record, codes[0], actor=office.actors["an"])
    assert item.custodian.user == town.people["duc"].actor.user


def test_a_bag_has_a_timeline_of_its_own_that_holds(town: PostTown, office: Office) -> None:
    bag, codes = town.arrived(1)
    timeline = office.read(bag_trail.get_bag_timeline, bag, actor=office.actors["duc"])
    assert [str(event.kind) for event in timeline.events] == [
        "handover_taken",
        "handover_offered",
        "handover_taken",
        "handover_offered",
        "bag_closed",
        "bag_packed",
        "bag_started",
    ]
    assert all(event.is_verified for event in timeline.events)
    assert all(event.item is not None and event.item.code == bag for event in timeline.events)
    assert codes[0] not in {event.item.code for event in timeline.events if event.item}
    assert town.bag(bag).state is BagState.CLOSED
