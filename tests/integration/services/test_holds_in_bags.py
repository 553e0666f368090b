"""Holds and bags: what is held goes into no bag, a stopped bag stays, a stopped item is not answered."""

import pytest

from app.domain.bag import BagState
from app.services.incidents import holds
from app.services.incidents.holds import PlaceHold
from app.services.log.custody_check import compare_custody
from app.services.scans.scan_outcome import ScanOutcome
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.evidence import Mark
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST, PostTown
from tests.support.town import POST


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices."""
    return PostTown(writer, clock, signer)


def hold(town: PostTown, code: str, kind: str) -> None:
    command = PlaceHold(
        untrusted_hold=kind, untrusted_code=code, untrusted_reason="lost", untrusted_text="Báo mất"
    )
    actor = town.people["dung"].actor
    town.do(lambda uow: holds.place(uow, command, actor=actor, now=town.clock(), tools=town.tools))


def refusals(outcome: ScanOutcome) -> list[str]:
    return [line.refusal for line in outcome.lines]


@pytest.mark.parametrize("kind", ["quarantined", "stopped"])
def test_what_is_held_goes_into_no_bag_and_the_rest_does(town: PostTown, reader: Reader, kind: str) -> None:
    codes = [str(code) for code in town.register(3)]
    town.post(codes)
    town.pass_on("chien", "dung", codes, place=POST)
    bag = town.start("dung")
    hold(town, codes[1], kind)
    assert refusals(town.pack("dung", bag, codes)) == ["", "", kind, ""]
    assert town.bag(bag).pieces == 2
    assert reader.read(compare_custody).first is None


def test_a_stopped_bag_is_not_given_closed_or_opened(town: PostTown, reader: Reader) -> None:
    bag, _ = town.packed(1)
    hold(town, bag, "stopped")
    assert refusals(town.close("dung", bag)) == ["stopped"]
    offer = town.offer("dung", [bag], to=POST, place=POST)
    assert refusals(town.send("dung", offer)) == ["stopped"]
    assert town.bag(bag).state is BagState.OPEN
    assert reader.read(compare_custody).first is None


def test_a_stopped_item_of_an_opened_bag_is_answered_when_it_is_let_go(
    town: PostTown, reader: Reader
) -> None:
    bag, codes = town.arrived(2)
    hold(town, codes[0], "stopped")
    town.open_bag("giang", bag, witness="khanh")
    found = town.answer("giang", bag, dict.fromkeys(codes, Mark.RECEIVED))
    assert refusals(found) == ["", "stopped", ""]
    assert town.bag(bag).state is BagState.OPENED
    assert town.bag(bag).pieces == 1
    assert reader.read(compare_custody).first is None


def test_a_quarantined_item_stays_quarantined_while_its_bag_moves_on(town: PostTown, reader: Reader) -> None:
    bag, codes = town.arrived(1)
    hold(town, codes[0], "quarantined")
    town.open_bag("giang", bag, witness="khanh")
    assert refusals(town.answer("giang", bag, {codes[0]: Mark.RECEIVED})) == ["", ""]
    offer = town.offer("giang", codes, to=OTHER_POST, place=OTHER_POST)
    assert refusals(town.send("giang", offer)) == ["quarantined"]
    assert reader.read(compare_custody).first is None
