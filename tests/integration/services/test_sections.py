"""Control 8, the absent half: a section where nobody is stands closed, and nothing changes hands there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.domain.access import Role
from app.domain.bag import contents_digest
from app.domain.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.domain.incident import IncidentKind
from app.domain.section import Closing, SafeSeal, SectionState
from app.services.log import custody_check
from app.services.scans.scan_outcome import ScanOutcome, ScanStatus
from app.services.shifts import sections
from app.services.shifts.sections import CloseSection
from app.storage.engine import Engines
from app.storage.reader import Reader
from app.storage.writer import Writer
from audit.evidence import EvidenceKind, TakeReason, Verdict, sign_evidence
from audit.kinds import EntryKind
from crypto.signer import FileSigner
from crypto.timestamps import format_at
from tests.support.counter import agree, bring
from tests.support.databases import SteppingClock
from tests.support.post_town import OTHER_POST
from tests.support.section_town import (
    SEAL,
    close,
    entries,
    forward,
    lock_away,
    page,
    raise_late,
    reopen,
    safe,
)
from tests.support.shift_town import ShiftTown, hire
from tests.support.town import POST, accept

HOURS = timedelta(hours=3)


@pytest.fixture
def town(writer: Writer, clock: SteppingClock, signer: FileSigner) -> ShiftTown:
    """Settle a town with a second clerk at the first office and an auditor."""
    town = ShiftTown(writer, clock, signer)
    hire(town, "hoa", Role.CLERK)
    hire(town, "kiem", Role.AUDITOR)
    return town


def refusals(outcome: ScanOutcome) -> set[str]:
    return {line.refusal for line in outcome.lines}


def conflict(town: ShiftTown, *, hours: float = 2, **changes: str) -> str:
    with pytest.raises(Conflict) as caught:
        close(town, hours=hours, **changes)
    return str(caught.value.code)


def problems(town: ShiftTown, *, hours: float = 2, **changes: str) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        close(town, hours=hours, **changes)
    return {(one.field, str(one.code)) for one in caught.value.problems}


def incident_kinds(town: ShiftTown) -> list[str]:
    return [str(entry.facts["kind"]) for entry in entries(town, EntryKind.INCIDENT_OPENED)]


def test_control_8_a_closed_section_refuses_every_handover_and_takes_it_when_somebody_is_back(
    town: ShiftTown, reader: Reader
) -> None:
    held = town.in_hand(1)
    carried = [str(code) for code in town.register(2)]
    town.post(carried)
    closing = lock_away(town, instead=OTHER_POST)
    # To it, and from it.
    refused = town.send("chien", town.offer("chien", carried, to=POST, place=POST))
    assert refusals(refused) == {"section_closed"}
    assert refusals(town.send("dung", town.offer("dung", held, to=POST, to_user="chien", place=POST))) == {
        "section_closed"
    }
    # Whoever is turned away is told why, until when, and where to go.
    assert refused.closed is not None
    assert refused.closed.closing.code == closing.code
    assert refused.closed.instead is not None
    assert refused.closed.instead.code == OTHER_POST
    assert [town.item(code).custodian.user for code in carried] == [town.people["chien"].actor.user] * 2
    assert town.pass_on("chien", "giang", carried[:1], place=OTHER_POST).status is ScanStatus.ACCEPTED
    reopen(town, closing, seal=SEAL)
    assert town.pass_on("chien", "dung", carried[1:], place=POST).status is ScanStatus.ACCEPTED
    assert reader.read(custody_check.compare_custody).first is None


def test_control_8_a_closed_section_says_who_why_since_when_and_until_when_in_the_log(
    town: ShiftTown,
) -> None:
    codes = town.in_hand(2)
    closing = lock_away(town, reason="other", note="Đưa xe đi bảo dưỡng", instead=OTHER_POST)
    reopen(town, closing, by="hoa", seal="NP-0031")
    [closed] = entries(town, EntryKind.SECTION_CLOSED)
    [reopened] = entries(town, EntryKind.SECTION_REOPENED)
    assert closing.code == f"DQ-{POST}-2026-1"
    assert closed.facts["reason"] == "other"
    assert closed.facts["note"] == "Đưa xe đi bảo dưỡng"
    assert closed.facts["instead"] == OTHER_POST
    assert closed.facts["things"] == 2
    assert closed.facts["digest"] == contents_digest(codes)
    assert closed.facts["actor"] == int(town.people["dung"].actor.user)
    assert reopened.facts["actor"] == int(town.people["hoa"].actor.user)
    assert reopened.facts["seal_state"] == "intact"


def test_a_section_does_not_close_over_a_thing_that_is_half_given_away(town: ShiftTown) -> None:
    codes = town.in_hand(1)
    number = safe(town)
    offer = town.offer("dung", codes, to=POST, to_user="chien", place=POST)
    town.send("dung", offer)
    assert conflict(town, access_key=number, seal=SEAL) == "section_offered"
    town.send("dung", town.recall("dung", offer.nonce, codes))
    assert close(town, access_key=number, seal=SEAL).things == 1


def test_the_day_ends_only_with_every_shift_balanced(town: ShiftTown) -> None:
    codes = town.in_hand(1)
    shift = town.open_shift()
    number = safe(town)
    assert conflict(town, reason="end_of_day", access_key=number, seal=SEAL) == "section_shift_open"
    town.count("dung", shift, codes)
    town.countersign("dung", shift, nonce="8" * 32)
    assert close(town, reason="end_of_day", hours=16, access_key=number, seal=SEAL).things == 1


def test_nobody_closes_a_section_out_of_a_count(town: ShiftTown) -> None:
    shift = town.open_shift()
    town.begin_count(shift)
    assert conflict(town) == "section_counting"


def test_the_reason_is_of_the_list_and_the_return_is_promised(town: ShiftTown) -> None:
    assert problems(town, reason="") == {("reason", "required")}
    assert problems(town, reason="vui") == {("reason", "not_a_choice")}
    assert problems(town, reason="other") == {("note", "required")}
    assert problems(town, expected="") == {("expected", "required")}
    assert problems(town, expected="sớm") == {("expected", "not_a_time")}
    assert problems(town, hours=-1) == {("expected", "not_in_future")}
    assert problems(town, hours=24 * 40) == {("expected", "out_of_range")}
    assert problems(town, instead="24.XXX") == {("instead", "unknown_unit")}
    assert problems(town, instead=POST) == {("instead", "same_unit")}
    assert problems(town, colour="đỏ") == {("colour", "unknown_field")}
    close(town, "giang")
    assert problems(town, instead=OTHER_POST) == {("instead", "section_closed_too")}


def test_only_the_clerks_of_an_office_close_and_reopen_its_section(town: ShiftTown) -> None:
    closing = close(town)
    for name in ("chien", "kiem", "an"):
        with pytest.raises(NotPermitted):
            close(town, name)
        with pytest.raises(NotPermitted):
            reopen(town, closing, by=name)
    with pytest.raises(NotFound):
        reopen(town, closing, by="giang")
    assert reopen(town, closing, by="hoa").reopened_by == town.people["hoa"].actor.user
    with pytest.raises(Conflict, match="section_open"):
        reopen(town, closing)


def test_of_two_closings_at_once_one_stands(
    town: ShiftTown, engines: Engines, signer: FileSigner, clock: SteppingClock
) -> None:
    """Each through a writer of its own, as two processes of one installation would."""
    other = Writer(engines.write, signer, clock)
    try:
        for _ in range(3):
            with ThreadPoolExecutor(2) as pool:
                sent = [
                    pool.submit(try_to_close, town, name, by=one)
                    for name, one in (("dung", town.writer), ("hoa", other))
                ]
                found = [one.result() for one in sent]
            [closing] = [one for one in found if isinstance(one, Closing)]
            assert "section_closed_already" in found
            reopen(town, closing)
    finally:
        other.stop()
    assert [entry.facts["closing"] for entry in entries(town, EntryKind.SECTION_CLOSED)] == [
        f"DQ-{POST}-2026-{number}" for number in (1, 2, 3)
    ]


def lines_of(town: ShiftTown, closing: Closing) -> frozenset[str]:
    return town.do(lambda uow: uow.sections.list_lines(closing))


def try_to_close(town: ShiftTown, name: str, *, by: Writer, **changes: str) -> Closing | str:
    actor = town.people[name].actor
    expected = format_at(town.clock() + timedelta(hours=2))
    form = {"reason": "break", "note": "", "expected": expected, "instead": "", "access_key": "", "seal": ""}
    command = CloseSection(untrusted=form | changes)
    try:
        return by.submit(lambda uow: sections.close_section(uow, command, actor=actor, now=town.clock()))
    except Conflict as error:
        return str(error.code)


def test_a_closing_lists_what_is_in_hand_at_its_place_in_the_log_while_others_scan(
    town: ShiftTown, engines: Engines, signer: FileSigner, clock: SteppingClock
) -> None:
    """A take and a closing at once: before the closing it is on its list, after it it came late."""
    other = Writer(engines.write, signer, clock)
    number = safe(town)
    held = town.in_hand(1)
    try:
        for round_ in range(3):
            [code] = [str(code) for code in town.register(1)]
            town.post([code])
            offer = town.offer("chien", [code], to=POST, place=POST)
            town.send("chien", offer)
            take = sign_evidence(
                town.take("dung", offer.nonce, accept([code]), place=POST), town.people["dung"].device
            )
            with ThreadPoolExecutor(2) as pool:
                taken = pool.submit(town.hand_in, "dung", take)
                made = pool.submit(
                    try_to_close, town, "hoa", by=other, access_key=number, seal=f"np-004{round_}"
                )
                outcome, closing = taken.result(), made.result()
            assert isinstance(closing, Closing)
            listed = lines_of(town, closing)
            index = next(
                entry.index
                for entry in entries(town, EntryKind.SECTION_CLOSED)
                if entry.facts["closing"] == closing.code
            )
            # Signed before the closing, it counts on either side of it.
            assert outcome.status is ScanStatus.ACCEPTED
            held += [code]
            assert listed == (set(held) if outcome.entry.index < index else set(held) - {code})
            reopen(town, closing, seal=f"np-004{round_}")
    finally:
        other.stop()


def test_closing_while_something_is_offered_to_it_leaves_it_with_the_giver_until_somebody_is_back(
    town: ShiftTown,
) -> None:
    codes = [str(code) for code in town.register(2)]
    town.post(codes)
    offer = town.offer("chien", codes, to=POST, place=POST)
    town.send("chien", offer)
    closing = close(town)
    assert page(town, closing).waiting == 2
    take = town.take("hoa", offer.nonce, accept(codes), place=POST)
    assert refusals(town.send("hoa", take)) == {"section_closed"}
    # Also turning a line down is an answer that nobody at a closed counter gives.
    [line] = accept(codes[:1])
    no = type(line)(code=line.code, entry=line.entry, verdict=Verdict.REFUSE, reason=TakeReason.DAMAGED)
    assert refusals(town.send("hoa", town.take("hoa", offer.nonce, [no], place=POST))) == {"section_closed"}
    # The giver may go elsewhere with one, and waits with the other.
    assert town.send("chien", town.recall("chien", offer.nonce, codes[:1])).status is ScanStatus.ACCEPTED
    assert town.pass_on("chien", "giang", codes[:1], place=OTHER_POST).status is ScanStatus.ACCEPTED
    reopen(town, closing)
    late = town.take("hoa", offer.nonce, accept(codes[1:]), place=POST)
    assert town.send("hoa", late).status is ScanStatus.ACCEPTED


def test_nothing_is_handed_in_at_a_closed_counter(town: ShiftTown) -> None:
    codes = [str(code) for code in town.register(1)]
    closing = close(town)
    brought = bring(town, "dung", "an", accept(codes, check=None))
    agree(town, "dung", brought)
    assert refusals(town.send("dung", brought)) == {"section_closed"}
    reopen(town, closing)
    again = bring(town, "dung", "an", accept(codes, check=None))
    agree(town, "dung", again)
    # From here on the rules of the counter rule, and ask for the letter.
    assert refusals(town.send("dung", again)) == {"giver_letter_missing"}


def test_scans_signed_before_the_closing_count_though_they_come_after_it(town: ShiftTown) -> None:
    codes = [str(code) for code in town.register(1)]
    town.post(codes)
    offer = town.offer("chien", codes, to=POST, place=POST)
    take = town.take("dung", offer.nonce, accept(codes), place=POST)
    forward(town, timedelta(minutes=20))
    closing = close(town)
    came = town.send("chien", offer)
    assert (came.status, came.notice) == (ScanStatus.ACCEPTED, "came_late")
    assert town.send("dung", take).status is ScanStatus.ACCEPTED
    # It is in the section's hands and not in its safe: the page of the closing says so.
    assert (page(town, closing).things, page(town, closing).astray) == (0, 1)
    # What was signed while the section was closed is refused, however late it comes.
    assert refusals(town.send("dung", town.offer("dung", codes, to=POST, to_user="chien", place=POST))) == {
        "section_closed"
    }


def test_a_scan_that_was_answered_before_the_closing_gets_the_same_receipt_again(town: ShiftTown) -> None:
    codes = [str(code) for code in town.register(1)]
    town.post(codes)
    offer = town.offer("chien", codes, to=POST, place=POST)
    town.send("chien", offer)
    close(town)
    assert town.send("chien", offer).status is ScanStatus.DUPLICATE


def test_a_bag_is_neither_handed_over_nor_opened_at_a_closed_section(town: ShiftTown) -> None:
    own, codes = town.packed(1)
    closing = lock_away(town)
    assert refusals(town.close("dung", own)) == {"section_closed"}
    assert refusals(town.pack("dung", own, codes)) == {"section_closed"}
    # To look at a seal, and to count, moves nothing.
    checked = town.act("dung", EvidenceKind.CHECK_SEAL, own, facts={"seal": "NP-1001"})
    assert "section_closed" not in refusals(town.send("dung", checked))
    reopen(town, closing, seal=SEAL)
    assert town.close("dung", own, seal="NP-1002").status is ScanStatus.ACCEPTED
    closing = lock_away(town, seal="np-0032")
    assert refusals(town.send("dung", town.offer("dung", [own], to=POST, to_user="duc", place=POST))) == {
        "section_closed"
    }


def test_a_return_that_does_not_come_is_shown_and_opens_the_incident_closed_office_once(
    town: ShiftTown,
) -> None:
    codes = town.in_hand(1)
    closing = lock_away(town, hours=2)
    assert raise_late(town) == 0
    forward(town, timedelta(hours=2, minutes=1))
    assert page(town, closing).state is SectionState.OVERDUE
    # Within the hour somebody may still come.
    assert raise_late(town) == 0
    forward(town, timedelta(hours=1))
    assert raise_late(town) == 1
    assert raise_late(town) == 0
    assert incident_kinds(town) == [IncidentKind.CLOSED_OFFICE]
    [overdue] = entries(town, EntryKind.SECTION_OVERDUE)
    [opened] = entries(town, EntryKind.INCIDENT_OPENED)
    assert overdue.facts["incident"] == opened.facts["incident"]
    assert "actor" not in overdue.facts
    assert {item.code for item in opened.items} == set(codes)
    # Coming back late opens it as any day; the incident is worked off by people.
    assert reopen(town, closing, seal=SEAL).seal_state is SafeSeal.INTACT


def test_whoever_comes_back_in_time_opens_no_incident(town: ShiftTown) -> None:
    closing = close(town)
    forward(town, timedelta(hours=2, minutes=30))
    reopen(town, closing)
    forward(town, HOURS)
    assert raise_late(town) == 0


def test_closings_are_numbered_per_office_and_year_without_gaps(town: ShiftTown) -> None:
    first = close(town)
    reopen(town, first)
    with pytest.raises(InvalidInput):
        close(town, reason="")
    second = close(town)
    assert (first.code, second.code) == (f"DQ-{POST}-2026-1", f"DQ-{POST}-2026-2")
    assert close(town, "giang").code == f"DQ-{OTHER_POST}-2026-1"
