"""Possession is proven, and a witness stands by, where the policy in force asks: on both databases."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.grades import Grade, Secrecy
from app.domain.handover_policy import Demand, HandoverPolicy, sample_policy
from app.domain.ids import UserId
from app.services.scans.label_tails import MOST_WRONG, WINDOW
from app.services.scans.presence import take_nonce
from app.services.scans.scan_outcome import ScanOutcome
from app.storage.writer import Writer
from audit.entry import parse_entry
from audit.evidence import EntryMode, Take, TakeLine, TakeReason, Verdict, named_code
from crypto.signer import FileSigner
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST, PostTown
from tests.support.town import POST, SENDING

TYPED, SCANNED = EntryMode.TYPED, EntryMode.SCAN


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> PostTown:
    """Settle a town with three post offices, under the policy that is shipped."""
    return PostTown(writer, clock, signer)


def registered(town: PostTown, *secrecies: Secrecy) -> list[str]:
    return [
        str(town.register(grade=Grade(secrecy=one, express=False, appointed_at=None))[0]) for one in secrecies
    ]


def keyed(code: str, *, entry: EntryMode = TYPED) -> TakeLine:
    return TakeLine(code=code, entry=entry, verdict=Verdict.ACCEPT)


def tailed(town: PostTown, code: str) -> str:
    return f"{code}-{town.tools.label_keys.tail(code)}"


def offered(town: PostTown, codes: Sequence[str]) -> str:
    offer = town.offer("an", codes, to=POST)
    assert town.send("an", offer).status == "accepted"
    return offer.nonce


def key_in(town: PostTown, read: str, *, place: str = SENDING) -> None:
    """Key a code in by hand as Chiến, before Hạnh as its second reader."""
    act = town.key_in("chien", read, place=place, witness="hanh" if place == SENDING else "dung")
    chien, second = town.people["chien"].actor.user, UserId(act.witness or 0)
    town.do(
        lambda uow: uow.witness_tickets.add(
            act.nonce, named_code(read).upper(), actor=chien, witness=second, now=town.clock()
        )
    )
    assert refusals(town.send("chien", act)) == [""]


def taken(town: PostTown, nonce: str, *lines: TakeLine) -> list[str]:
    return refusals(town.send("chien", town.take("chien", nonce, lines, place=SENDING)))


def refusals(outcome: ScanOutcome) -> list[str]:
    return [line.refusal for line in outcome.lines]


def facts_of(outcome: ScanOutcome) -> dict[str, object]:
    return dict(parse_entry(outcome.entry.data).facts)


@pytest.mark.parametrize("secrecy", [Secrecy.B, Secrecy.C])
def test_a_secret_item_is_scanned_or_keyed_with_its_tail(town: PostTown, secrecy: Secrecy) -> None:
    (code,) = registered(town, secrecy)
    nonce = offered(town, [code])
    assert taken(town, nonce, keyed(code)) == ["possession_not_proven"]
    assert town.item(code).custodian.user == town.people["an"].actor.user
    key_in(town, tailed(town, code).lower())
    assert taken(town, nonce, keyed(tailed(town, code).lower())) == [""]
    assert town.item(code).custodian.user == town.people["chien"].actor.user


def test_scanning_proves_possession_and_so_does_the_whole_text_of_the_label(town: PostTown) -> None:
    scanned, pasted = registered(town, Secrecy.C, Secrecy.C)
    nonce = offered(town, [scanned, pasted])
    qr = town.tools.label_keys.qr_text(pasted)
    key_in(town, qr)
    assert taken(town, nonce, keyed(scanned, entry=SCANNED), keyed(qr)) == ["", ""]


def test_a_list_of_mixed_grades_is_taken_line_by_line(town: PostTown) -> None:
    top, secret, plain = registered(town, Secrecy.A, Secrecy.B, Secrecy.NONE)
    nonce = offered(town, [top, secret, plain])
    lines = (keyed(top, entry=SCANNED), keyed(secret), keyed(plain))
    key_in(town, plain)
    assert taken(town, nonce, *lines) == ["witness_required", "possession_not_proven", ""]


def test_what_is_refused_by_the_taker_needs_no_proof(town: PostTown) -> None:
    (code,) = registered(town, Secrecy.A)
    nonce = offered(town, [code])
    line = replace(keyed(code), verdict=Verdict.REFUSE, reason=TakeReason.NOT_PRESENT)
    assert taken(town, nonce, line) == [""]
    assert town.item(code).offer is None


def test_a_wrong_tail_is_refused_recorded_and_counted_until_nobody_may_key_one(town: PostTown) -> None:
    (code,) = registered(town, Secrecy.C)
    nonce = offered(town, [code])
    right = tailed(town, code)
    wrong = right[:-1] + ("0" if right[-1] != "0" else "2")
    for _ in range(MOST_WRONG):
        assert taken(town, nonce, keyed(wrong)) == ["tail_wrong"]
    assert taken(town, nonce, keyed(right)) == ["tail_locked"]
    town.clock.now += WINDOW + timedelta(seconds=1)  # type: ignore[attr-defined]
    key_in(town, right)
    assert taken(town, nonce, keyed(right)) == [""]


def test_a_locked_item_can_still_be_scanned(town: PostTown) -> None:
    (code,) = registered(town, Secrecy.C)
    nonce = offered(town, [code])
    for _ in range(MOST_WRONG):
        taken(town, nonce, keyed(f"{code}-00000"))
    assert taken(town, nonce, keyed(code, entry=SCANNED)) == [""]


def test_a_wrong_tail_of_one_item_locks_no_other(town: PostTown) -> None:
    guessed, other = registered(town, Secrecy.C, Secrecy.C)
    nonce = offered(town, [guessed, other])
    for _ in range(MOST_WRONG):
        taken(town, nonce, keyed(f"{guessed}-00000"))
    key_in(town, tailed(town, other))
    lines = (keyed(tailed(town, guessed)), keyed(tailed(town, other)))
    assert taken(town, nonce, *lines) == ["tail_locked", ""]


def witnessed(
    town: PostTown,
    nonce: str,
    code: str,
    witness: str,
    *,
    scan: str | None = None,
    after: timedelta | None = None,
) -> ScanOutcome:
    """Take a top secret item before a witness, whose ticket is for `scan`, and sent `after` a while."""
    take = town.take("chien", nonce, [keyed(code, entry=SCANNED)], place=SENDING, witness=witness)
    attest(town, take, witness, scan=scan)
    if after is not None:
        town.clock.now += after  # type: ignore[attr-defined]
    return town.send("chien", take)


def attest(town: PostTown, take: Take, witness: str, *, scan: str | None = None) -> None:
    ticket = take_nonce(scan or take.scan)
    town.attest("chien", witness, nonce=ticket, subject=take.nonce)


@pytest.mark.parametrize("witness", ["hanh", "dung"])
def test_a_top_secret_item_changes_hands_before_a_witness_who_is_named_in_the_entry(
    town: PostTown, witness: str
) -> None:
    (code,) = registered(town, Secrecy.A)
    outcome = witnessed(town, offered(town, [code]), code, witness)
    assert refusals(outcome) == [""]
    assert facts_of(outcome)["witness"] == int(town.people[witness].actor.user)


@pytest.mark.parametrize(
    ("witness", "expected"),
    [
        ("an", "witness_is_actor"),
        ("chien", "witness_is_actor"),
        ("binh", "witness_not_allowed"),
        ("giang", "witness_not_allowed"),
    ],
)
def test_a_witness_is_a_third_person_of_the_place_or_of_the_takers_unit(
    town: PostTown, witness: str, expected: str
) -> None:
    (code,) = registered(town, Secrecy.A)
    outcome = witnessed(town, offered(town, [code]), code, witness)
    assert refusals(outcome) == [expected]
    assert "witness" not in facts_of(outcome)
    assert town.item(code).custodian.user == town.people["an"].actor.user


def test_an_unknown_witness_is_refused(town: PostTown) -> None:
    (code,) = registered(town, Secrecy.A)
    nonce = offered(town, [code])
    take = town.take("chien", nonce, [keyed(code, entry=SCANNED)], place=SENDING)
    assert refusals(town.send("chien", replace(take, witness=9_999))) == ["witness_not_allowed"]


def test_a_witness_confirmed_for_another_scan_or_too_long_ago_is_not_there(town: PostTown) -> None:
    (code,) = registered(town, Secrecy.A)
    nonce = offered(town, [code])
    other = witnessed(town, nonce, code, "hanh", scan=str(uuid.uuid4()))
    late = witnessed(town, nonce, code, "hanh", after=timedelta(minutes=5, seconds=1))
    assert refusals(other) == refusals(late) == ["witness_not_present"]


def test_a_confirmation_is_good_for_one_scan(town: PostTown) -> None:
    first, second = registered(town, Secrecy.A, Secrecy.A)
    nonce = offered(town, [first, second])
    take = town.take("chien", nonce, [keyed(first, entry=SCANNED)], place=SENDING, witness="hanh")
    attest(town, take, "hanh")
    assert refusals(town.send("chien", take)) == [""]
    again = town.take("chien", nonce, [keyed(second, entry=SCANNED)], place=SENDING, witness="hanh")
    assert refusals(town.send("chien", again)) == ["witness_not_present"]


def test_a_witness_nobody_asked_for_is_not_confirmed_and_not_named(town: PostTown) -> None:
    (code,) = registered(town, Secrecy.C)
    nonce = offered(town, [code])
    take = town.take("chien", nonce, [keyed(code, entry=SCANNED)], place=SENDING, witness="hanh")
    outcome = town.send("chien", take)
    assert refusals(outcome) == [""]
    assert "witness" not in facts_of(outcome)


def packed(town: PostTown, *secrecies: Secrecy) -> str:
    """Close a bag at the first office over items of these grades."""
    codes = registered(town, *secrecies)
    town.pass_on("an", "chien", codes, place=SENDING)
    town.pass_on("chien", "dung", codes, place=POST)
    bag = town.start()
    assert town.pack("dung", bag, codes).status == "accepted"
    assert town.close("dung", bag).status == "accepted"
    return bag


def test_a_bag_is_asked_for_what_its_highest_grade_asks(town: PostTown) -> None:
    bag = packed(town, Secrecy.NONE, Secrecy.B)
    offer = town.offer("dung", [bag], to=POST)
    town.send("dung", offer)
    lines = [
        TakeLine(code=read, entry=TYPED, verdict=Verdict.ACCEPT, seal="NP-1001")
        for read in (bag, f"{bag}-{town.tools.label_keys.tail(bag)}")
    ]
    key_in(town, lines[1].code, place=POST)
    for line, expected in zip(lines, ("possession_not_proven", ""), strict=True):
        take = town.take("chien", offer.nonce, [line], place=POST)
        assert refusals(town.send("chien", take)) == [expected]


def test_a_bag_of_ordinary_items_may_be_keyed(town: PostTown) -> None:
    bag = packed(town, Secrecy.NONE)
    offer = town.offer("dung", [bag], to=POST)
    town.send("dung", offer)
    key_in(town, bag, place=POST)
    line = TakeLine(code=bag, entry=TYPED, verdict=Verdict.ACCEPT, seal="NP-1001")
    take = town.take("chien", offer.nonce, [line], place=POST)
    assert refusals(town.send("chien", take)) == [""]


def test_a_bag_in_a_bag_counts_with_what_is_in_it(town: PostTown) -> None:
    inner = packed(town, Secrecy.C)
    outer = town.start(asset="TUI-002", to=OTHER_POST)
    assert town.pack("dung", outer, [inner]).status == "accepted"
    assert town.close("dung", outer, seal="NP-1002").status == "accepted"
    offer = town.offer("dung", [outer], to=POST)
    town.send("dung", offer)
    line = TakeLine(code=outer, entry=TYPED, verdict=Verdict.ACCEPT, seal="NP-1002")
    take = town.take("chien", offer.nonce, [line], place=POST)
    assert refusals(town.send("chien", take)) == ["possession_not_proven"]


def publish(town: PostTown, **demands: frozenset[Demand]) -> HandoverPolicy:
    """Publish a version that counts an hour from now."""
    table = {secrecy: demands.get(secrecy.name, frozenset()) for secrecy in Secrecy}
    policy = replace(
        sample_policy(),
        version=1,
        source="13/QĐ-UBND",
        valid_from_at=town.clock() + timedelta(hours=1),
        demands=table,
    )
    by = town.people["an"].actor.user
    town.do(lambda uow: uow.policies.add(policy, published_by=by, now=town.clock()))
    return policy


def test_a_handover_follows_the_policy_in_force_at_its_own_time(town: PostTown) -> None:
    (code,) = registered(town, Secrecy.C)
    nonce = offered(town, [code])
    policy = publish(town)
    assert taken(town, nonce, keyed(code)) == ["possession_not_proven"]
    town.clock.now = policy.valid_from_at  # type: ignore[attr-defined]
    key_in(town, code)
    assert taken(town, nonce, keyed(code)) == [""]
