"""Two at once, late, out of order, by a wrong clock: each is answered; nothing is lost or doubled."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.domain.decision import Refusal
from app.domain.device_clock import ClockNotice
from app.http.texts import has_text
from app.services.log import custody_check
from app.services.scans.scan_outcome import ScanOutcome, ScanStatus
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import EvidenceKind, sign_evidence
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import PostTown, plain
from tests.support.town import POST, accept


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices."""
    return PostTown(writer, clock, signer)


def answered(outcome: ScanOutcome) -> list[str]:
    """Return the refusals of an outcome that was recorded and whose every refusal has a text."""
    entry = parse_entry(outcome.entry.data)
    assert [line.refusal for line in entry.items] == [line.refusal for line in outcome.lines]
    assert all(has_text(f"refusal.{line.refusal}") for line in outcome.lines if line.refusal)
    return [line.refusal for line in outcome.lines]


def test_an_item_taken_by_two_receivers_at_once_goes_to_one_and_the_other_is_told(
    town: PostTown, reader: Reader
) -> None:
    for _ in range(5):
        code = str(town.register(1)[0])
        offer = town.offer("an", [code], to=POST)
        town.send("an", offer)
        takes = {
            name: sign_evidence(
                town.take(name, offer.nonce, accept([code]), place=offer.place), town.people[name].device
            )
            for name in ("chien", "duc")
        }
        with ThreadPoolExecutor(2) as pool:
            sent = {name: pool.submit(town.hand_in, name, takes[name]) for name in takes}
            outcomes = {name: one.result() for name, one in sent.items()}
        (winner,) = [name for name, outcome in outcomes.items() if answered(outcome) == [""]]
        (loser,) = {"chien", "duc"} - {winner}
        assert answered(outcomes[loser]) == [Refusal.NOT_OFFERED]
        assert town.item(code).custodian == town.people_custodian(winner)
        # Sent again, each gets its first receipt: nothing is doubled.
        assert town.hand_in(winner, takes[winner]).entry.index == outcomes[winner].entry.index
        assert town.hand_in(loser, takes[loser]).entry.index == outcomes[loser].entry.index
    assert reader.read(custody_check.compare_custody).first is None


def test_a_take_that_arrives_before_its_offer_is_recorded_and_the_next_one_succeeds(town: PostTown) -> None:
    code = str(town.register(1)[0])
    offer = town.offer("an", [code], to=POST)
    early = town.send("chien", town.take("chien", offer.nonce, accept([code]), place=offer.place))
    assert answered(early) == [Refusal.NOT_OFFERED]
    assert town.item(code).custodian == town.people_custodian("an")
    assert answered(town.send("an", offer)) == [""]
    again = town.send("chien", town.take("chien", offer.nonce, accept([code]), place=offer.place))
    assert answered(again) == [""]


def test_acts_that_arrive_out_of_order_are_recorded_and_change_nothing(
    town: PostTown, reader: Reader
) -> None:
    bag, codes = town.packed(2)
    packed_late = town.act("dung", EvidenceKind.PACK, bag, lines=plain(codes))
    early = town.send("giang", town.act("giang", EvidenceKind.CHECK_SEAL, bag, facts={"seal": "NP-1001"}))
    assert answered(early)[0] in set(Refusal)
    assert town.close("dung", bag).status is ScanStatus.ACCEPTED
    late = town.send("dung", packed_late)
    assert answered(late)[0] == Refusal.BAG_NOT_OPEN
    assert town.bag(bag).pieces == 2
    assert reader.read(custody_check.compare_custody).first is None


def test_an_offer_made_offline_yesterday_finds_the_item_gone_and_says_so(
    town: PostTown, clock: SteppingClock
) -> None:
    code = str(town.register(1)[0])
    town.post([code])
    kept = town.offer("chien", [code], to=POST, place=POST)
    assert town.pass_on("chien", "dung", [code], place=POST).status is ScanStatus.ACCEPTED
    clock.now += timedelta(days=1)
    late = town.send("chien", kept)
    assert answered(late) == [Refusal.WRONG_CUSTODIAN]
    assert late.notice is ClockNotice.CAME_LATE
    assert town.item(code).custodian == town.people_custodian("dung")


@pytest.mark.parametrize(
    ("skew", "notice"),
    [
        (timedelta(days=1), ClockNotice.CLOCK_AHEAD),
        (timedelta(days=-1), ClockNotice.CAME_LATE),
        (timedelta(minutes=1), None),
    ],
)
def test_a_clock_that_is_a_day_wrong_loses_no_scan_and_is_told(
    town: PostTown, clock: SteppingClock, skew: timedelta, notice: ClockNotice | None
) -> None:
    code = str(town.register(1)[0])
    before = clock.now
    clock.now += skew
    offer = town.offer("an", [code], to=POST)
    clock.now = before
    outcome = town.send("an", offer)
    assert answered(outcome) == [""]
    assert outcome.notice is notice
    # The log's own time is the server's, whatever the device says.
    assert parse_entry(outcome.entry.data).at - before < timedelta(minutes=1)
    assert notice is None or has_text(f"clock_notice.{notice}")
