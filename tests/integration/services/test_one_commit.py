"""Use cases that share one commit see each other: what one has just changed, the next one rules by."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.access import Role
from app.domain.decision import Refusal
from app.domain.errors import Conflict, ConflictCode, InvalidInput
from app.domain.ids import ConsignmentCode
from app.services.bags import bag_tags
from app.services.bags.bag_tags import PrintTag
from app.services.items import redirects
from app.services.items.redirects import RedirectItem
from app.services.people import accounts
from app.services.people.accounts import ChangeAccount
from app.services.scans import handover
from app.services.scans.scan_outcome import ScanOutcome
from app.storage.uow import UnitOfWork
from app.storage.writer import Writer
from audit.evidence import Evidence, Purpose, sign_evidence
from crypto.envelope import Envelope
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import ELSEWHERE, POST, RECEIVING, accept


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with an administrator."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "quan", Role.ADMINISTRATOR)
    return town


def in_one_commit(town: ShiftTown, *use_cases: Callable[[UnitOfWork], object]) -> list[object]:
    """Run use cases in one transaction, each in its frame, as a group of the writer does."""

    def run(uow: UnitOfWork) -> list[object]:
        return [_outcome(uow, use_case) for use_case in use_cases]

    return town.do(run)


def _outcome(uow: UnitOfWork, use_case: Callable[[UnitOfWork], object]) -> object:
    try:
        with uow.savepoint():
            return use_case(uow)
    except Exception as error:  # noqa: BLE001  # the outcome under test
        return error


def read_ahead(envelope: Envelope) -> Callable[[UnitOfWork], object]:
    """Word what the writer does before any use case of a group is run."""
    return lambda uow: uow.prefetch(handover.read_ahead(envelope))


def scanned(
    town: ShiftTown, name: str, scan: Evidence
) -> tuple[Envelope, Callable[[UnitOfWork], ScanOutcome]]:
    """Sign a scan, and word its receiving."""
    envelope, actor = sign_evidence(scan, town.people[name].device), town.people[name].actor
    return envelope, lambda uow: handover.receive(
        uow, envelope, actor=actor, now=town.clock(), tools=town.tools
    )


def closing(town: ShiftTown, name: str, *, active: bool = False) -> Callable[[UnitOfWork], object]:
    """Word the closing of an account."""
    member = town.people[name]
    form = {"full_name": member.full_name, "role": str(member.actor.role), "unit": member.unit}
    command = ChangeAccount(user=member.actor.user, untrusted=form, active=active)
    actor = town.people["quan"].actor
    return lambda uow: accounts.change_account(uow, command, actor=actor, now=town.clock(), tools=town.tools)


def test_whoever_was_closed_in_the_same_commit_takes_nothing_any_more(town: ShiftTown) -> None:
    codes = town.in_hand(1)
    offer = town.offer("dung", codes, place=POST)
    town.send("dung", offer)
    envelope, take = scanned(town, "duc", town.take("duc", offer.nonce, accept(codes), place=POST))
    _, _, outcome = in_one_commit(town, read_ahead(envelope), closing(town, "duc"), take)
    assert isinstance(outcome, ScanOutcome)
    assert [line.refusal for line in outcome.lines] == [Refusal.ROLE_NOT_ALLOWED]
    assert town.item(codes[0]).custodian == town.people_custodian("dung")


def test_whoever_took_something_in_the_same_commit_is_not_closed(town: ShiftTown) -> None:
    codes = town.in_hand(1)
    offer = town.offer("dung", codes, place=POST)
    town.send("dung", offer)
    _, take = scanned(town, "duc", town.take("duc", offer.nonce, accept(codes), place=POST))
    _, refused = in_one_commit(town, take, closing(town, "duc"))
    assert isinstance(refused, InvalidInput)
    # Whoever gave it away in the same commit holds nothing any more.
    offer = town.offer("duc", codes, place=POST)
    town.send("duc", offer)
    _, take = scanned(town, "chien", town.take("chien", offer.nonce, accept(codes), place=POST))
    _, closed = in_one_commit(town, take, closing(town, "duc"))
    assert closed is None


def test_a_bag_taken_in_the_same_commit_keeps_an_account_open(town: ShiftTown) -> None:
    bag, _ = town.packed(1)
    town.close("dung", bag)
    offer = town.offer("dung", [bag], place=POST)
    town.send("dung", offer)
    lines = [replace(line, seal="NP-1001", check=None) for line in accept([bag])]
    _, take = scanned(town, "duc", town.take("duc", offer.nonce, lines, place=POST))
    _, refused = in_one_commit(town, take, closing(town, "duc"))
    assert isinstance(refused, InvalidInput)


def test_an_item_redirected_in_the_same_commit_is_not_delivered_to_its_old_address(town: ShiftTown) -> None:
    codes = town.in_hand(1, "duc")
    offer = town.offer("duc", codes, place=POST, to_user="chien")
    recall = town.recall("duc", offer.nonce, codes)
    command = RedirectItem(
        code=ConsignmentCode(codes[0]), untrusted_unit=ELSEWHERE, untrusted_reason="wrong_unit"
    )
    sender = town.people["an"].actor

    def redirect(uow: UnitOfWork) -> object:
        return redirects.redirect(uow, command, actor=sender, now=town.clock())

    late = town.offer("duc", codes, to=RECEIVING, place=RECEIVING, purpose=Purpose.DELIVERY)
    steps = [scanned(town, "duc", scan)[1] for scan in (offer, recall)]
    *_, outcome = in_one_commit(town, *steps, redirect, scanned(town, "duc", late)[1])
    assert isinstance(outcome, ScanOutcome)
    assert [line.refusal for line in outcome.lines] == [Refusal.WRONG_RECIPIENT]
    assert town.item(codes[0]).recipient_unit == town.units[ELSEWHERE]
    assert town.item(codes[0]).offer is None


def test_a_tag_printed_twice_in_one_commit_needs_its_reason_the_second_time(town: ShiftTown) -> None:
    bag = town.start()
    actor = town.people["dung"].actor

    def print_tag(uow: UnitOfWork) -> object:
        return bag_tags.print_tag(uow, PrintTag(code=bag), actor=actor, now=town.clock(), tools=town.tools)

    _, second = in_one_commit(town, print_tag, print_tag)
    assert isinstance(second, Conflict)
    assert second.code == ConflictCode.LABEL_REASON_REQUIRED
