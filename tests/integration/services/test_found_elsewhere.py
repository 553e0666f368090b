"""A thing that lies in one bag by the log and is found in another: it is in one hand, and both bags end."""

import pytest

from app.domain.bag import BagState
from app.domain.decision import Refusal
from app.services.items import past_custody
from app.services.log import custody_check
from app.services.scans import carried
from app.services.scans.scan_outcome import ScanOutcome, ScanStatus
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.bag_rides import Ride, find_rides
from audit.entry import Entry, parse_entry
from audit.evidence import EvidenceKind, Mark
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST, PostTown, plain
from tests.support.town import POST


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices."""
    return PostTown(writer, clock, signer)


def refusals(outcome: ScanOutcome) -> list[str]:
    return [line.refusal for line in outcome.lines]


def sent(town: PostTown, number: int, count: int, *, asset: str = "") -> tuple[str, list[str]]:
    """Bring a closed bag with items into the hands of the other office's clerk."""
    codes = [str(code) for code in town.register(count)]
    town.post(codes)
    town.pass_on("chien", "dung", codes, place=POST)
    bag = town.start(asset=asset or f"TUI-{number}")
    town.pack("dung", bag, codes)
    town.close("dung", bag, seal=f"NP-{number}")
    town.hand_bag("dung", "duc", bag, place=POST, seal=f"NP-{number}")
    town.hand_bag("duc", "giang", bag, place=OTHER_POST, seal=f"NP-{number}")
    return bag, codes


def held_by(town: PostTown, name: str) -> dict[str, str]:
    """Return what a person has in hand by the list of holdings, each code with the bag it lies in."""
    actor, now = town.people[name].actor, town.clock()
    asked = {"holder": "user", "value": name}
    found = town.do(lambda uow: past_custody.list_holdings_at(uow, asked, actor=actor, now=now))
    return {thing.code: thing.bag for thing in found.things}


def entries_of(town: PostTown, code: str) -> list[Entry]:
    rows = town.do(lambda uow: uow.audit.list_for_code(code))
    return [parse_entry(row.data) for row in rows]


def test_the_bag_that_lost_it_is_answered_to_its_end(town: PostTown, reader: Reader) -> None:
    (one, codes), (two, others) = sent(town, 1, 2), sent(town, 2, 1)
    town.open_bag("giang", two, witness="khanh", seal="NP-2")
    found = town.answer("giang", two, {codes[0]: Mark.EXCESS, others[0]: Mark.RECEIVED})
    assert found.status is ScanStatus.ACCEPTED
    town.pass_on("giang", "khanh", codes[:1], place=OTHER_POST)
    town.open_bag("giang", one, witness="khanh", seal="NP-1")
    # It is on this bag's list and not in it: the answer says so, and takes it from nobody.
    last = town.answer("giang", one, {codes[1]: Mark.RECEIVED, codes[0]: Mark.MISSING})
    assert refusals(last) == ["", "", ""]
    assert town.bag(one).state is BagState.EMPTIED
    assert town.item(codes[0]).custodian == town.people_custodian("khanh")
    assert refusals(town.answer("giang", two, {others[0]: Mark.RECEIVED}))[0] == Refusal.BAG_NOT_OPENED
    assert reader.read(custody_check.compare_custody).first is None


def test_it_is_held_by_the_finder_and_by_nobody_else(town: PostTown) -> None:
    (one, codes), (two, others) = sent(town, 1, 2), sent(town, 2, 1)
    town.open_bag("giang", two, witness="khanh", seal="NP-2")
    town.answer("giang", two, {codes[0]: Mark.EXCESS, others[0]: Mark.RECEIVED})
    assert held_by(town, "giang") == {one: "", codes[0]: "", codes[1]: one, others[0]: ""}
    town.pass_on("giang", "khanh", codes[:1], place=OTHER_POST)
    assert held_by(town, "khanh") == {codes[0]: ""}
    assert codes[0] not in held_by(town, "giang")


def test_what_becomes_of_the_bag_it_left_is_no_event_of_it(town: PostTown, reader: Reader) -> None:
    (one, codes), (two, _) = sent(town, 1, 2), sent(town, 2, 1)
    town.open_bag("giang", two, witness="khanh", seal="NP-2")
    town.answer("giang", two, {codes[0]: Mark.EXCESS})
    found = max(entry.index for entry in entries_of(town, codes[0]))
    town.open_bag("giang", one, witness="khanh", seal="NP-1")
    town.answer("giang", one, {codes[0]: Mark.MISSING})
    actor = town.people["giang"].actor
    events = reader.read(
        lambda uow: carried.list_carried(
            uow, codes[0], after=0, before=1 << 40, actor=actor, tools=town.tools
        )
    )
    assert events
    assert max(one.event.index for one in events) < found
    rides = find_rides(codes[0], lambda code: entries_of(town, code))
    assert [ride.bag for ride in rides] == [one]
    assert rides[0] == Ride(bag=one, first=rides[0].first, last=found)


def test_what_was_found_elsewhere_by_mistake_is_found_again_where_it_is(
    town: PostTown, reader: Reader
) -> None:
    (one, codes), (two, _) = sent(town, 1, 1), sent(town, 2, 1)
    town.open_bag("giang", two, witness="khanh", seal="NP-2")
    town.answer("giang", two, {codes[0]: Mark.EXCESS})
    town.open_bag("giang", one, witness="khanh", seal="NP-1")
    assert refusals(town.answer("giang", one, {codes[0]: Mark.RECEIVED})) == ["", ""]
    assert refusals(town.answer("giang", one, {codes[0]: Mark.RECEIVED}))[0] == Refusal.BAG_NOT_OPENED
    assert town.bag(one).state is BagState.EMPTIED
    assert town.item(codes[0]).custodian == town.people_custodian("giang")
    assert reader.read(custody_check.compare_custody).first is None


def test_an_open_bag_is_closed_without_what_was_found_elsewhere(town: PostTown, reader: Reader) -> None:
    bag, codes = sent(town, 1, 3)
    town.open_bag("giang", bag, witness="khanh", seal="NP-1")
    town.answer("giang", bag, dict.fromkeys(codes[:2], Mark.RECEIVED))
    back = town.start("giang", to=POST, asset="TUI-9")
    town.pack("giang", back, codes[:2])
    other, _ = sent(town, 2, 1)
    town.open_bag("giang", other, witness="khanh", seal="NP-2")
    town.answer("giang", other, {codes[0]: Mark.EXCESS})
    # Nobody signs that something lies in a bag for which another place answers.
    assert refusals(town.close("giang", back, seal="NP-3")) == [Refusal.CONTENTS_DIFFER]
    out = town.send("giang", town.act("giang", EvidenceKind.UNPACK, back, lines=plain(codes[:1])))
    assert refusals(out) == ["", ""]
    assert town.item(codes[0]).bag is None
    assert town.bag(back).pieces == 1
    again = town.send("giang", town.act("giang", EvidenceKind.UNPACK, back, lines=plain(codes[:1])))
    assert refusals(again) == ["", Refusal.NOT_IN_THIS_BAG]
    assert reader.read(custody_check.compare_custody).first is None
