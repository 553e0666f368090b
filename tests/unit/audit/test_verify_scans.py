"""A server that lies with its own key about who scanned what: envelope, enrolment and offer contradict it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.chain import EMPTY, extend
from audit.entry import EntryDraft, ItemLine, Outcome, seal_entry
from audit.errors import MalformedEvidence
from audit.evidence import (
    Act,
    ActLine,
    EntryMode,
    EvidenceKind,
    Giver,
    Take,
    TakeReason,
    Verdict,
    evidence_payload,
    parse_evidence,
    sign_evidence,
)
from audit.kinds import EntryKind
from audit.verify import verify_bundle
from crypto.digest import leaf_hash
from tests.support import logs

CODE, OTHER = "RT000000005VN", "RT000000019VN"
OFFERED = logs.scanned(logs.offer([CODE]), logs.GIVER)
TAKEN = logs.scanned(logs.take([CODE]), logs.TAKER)
START = [logs.created(), logs.enrolled(logs.GIVER, 1), logs.enrolled(logs.TAKER, 2), logs.registered(CODE)]
COUNT = Act(
    log="",
    scan="00000000-0000-4000-8000-000000000018",
    at=datetime(2026, 11, 22, 7, 43, 6, tzinfo=UTC),
    device="",
    actor=1,
    place="24.BD",
    seq=18,
    nonce="18" * 16,
    kind=EvidenceKind.COUNT,
    subject="CA-24.BD-2026-7",
    entry=EntryMode.SCAN,
    witness=None,
    facts={"part": 1, "last": "yes"},
    lines=(ActLine(code=CODE, entry=EntryMode.SCAN),),
)
Judge = Callable[[list[EntryDraft]], tuple[int | None, str] | None]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Verify drafts sealed as a log; return where and which check, None for a good log."""

    def run(drafts: list[EntryDraft]) -> tuple[int | None, str] | None:
        path = logs.write(tmp_path / "log.kt1", logs.bundle(logs.seal(drafts)))
        found = verify_bundle(path, logs.trust(), jobs=1).first_bad
        return None if found is None else (found.index, found.check)

    return run


def recorded(draft: EntryDraft, **facts: int | str) -> EntryDraft:
    return replace(draft, facts={**draft.facts, **facts})


def test_the_honest_story_is_good(judge: Judge) -> None:
    assert judge([*START, OFFERED, TAKEN]) is None


def test_finding_8_a_scan_in_another_name_than_the_devices_owner(judge: Judge) -> None:
    said = replace(logs.offer([CODE]), actor=7)
    assert judge([*START, logs.scanned(said, logs.GIVER)]) == (4, "evidence")


def test_finding_8_an_entry_that_names_another_person_than_the_envelope(judge: Judge) -> None:
    assert judge([*START, recorded(OFFERED, actor=2)]) == (4, "evidence")


def test_finding_8_an_entry_that_names_another_scan_than_the_envelope(judge: Judge) -> None:
    other = recorded(OFFERED, scan="00000000-0000-4000-8000-000000000009")
    assert judge([*START, other]) == (4, "evidence")


@pytest.mark.parametrize("kept", [0, 1], ids=["none", "the first"])
def test_finding_8_a_signed_line_that_is_left_out(judge: Judge, kept: int) -> None:
    draft = logs.scanned(logs.offer([CODE, OTHER]), logs.GIVER)
    assert judge([*START, logs.registered(OTHER), draft]) is None
    assert judge([*START, logs.registered(OTHER), replace(draft, items=draft.items[:kept])]) == (
        5,
        "evidence",
    )


def test_finding_8_signed_lines_in_another_order(judge: Judge) -> None:
    draft = logs.scanned(logs.offer([CODE, OTHER]), logs.GIVER)
    swapped = replace(draft, items=draft.items[::-1])
    assert judge([*START, logs.registered(OTHER), swapped]) == (5, "evidence")


def test_finding_8_one_signed_taking_in_two_entries(judge: Judge) -> None:
    again = replace(TAKEN, items=(ItemLine(code=CODE, outcome=Outcome.REFUSED, refusal="not_offered"),))
    assert judge([*START, OFFERED, TAKEN, again]) == (6, "scan")


def test_finding_8_a_taking_that_no_offer_came_before(judge: Judge) -> None:
    assert judge([*START, TAKEN]) == (4, "item chain")


HANDED_IN = replace(logs.take([CODE]), giver=Giver(unit="24.BD", user=1))


def test_what_is_handed_in_needs_no_offer_but_the_logs_word_on_its_giver(judge: Judge) -> None:
    taken = logs.scanned(HANDED_IN, logs.TAKER)
    assert judge([*START, recorded(taken, giver=1)]) is None
    assert judge([*START, taken]) == (4, "evidence")
    assert judge([*START, recorded(taken, giver=3)]) == (4, "evidence")
    # Nobody there, and nothing taken: the entry has no word to give.
    refused = (ItemLine(code=CODE, outcome=Outcome.REFUSED, refusal="giver_not_present"),)
    assert judge([*START, replace(taken, items=refused)]) is None


def test_a_taking_that_answers_an_offer_names_no_giver_beside_it(judge: Judge) -> None:
    assert judge([*START, OFFERED, recorded(TAKEN, giver=1)]) == (5, "evidence")


def test_nothing_is_handed_in_while_it_is_offered_to_somebody(judge: Judge) -> None:
    taken = recorded(logs.scanned(HANDED_IN, logs.TAKER), giver=1)
    assert judge([*START, OFFERED, taken]) == (5, "item chain")


def test_finding_8_a_taking_over_another_offers_nonce(judge: Judge) -> None:
    other = logs.scanned(replace(logs.take([CODE]), nonce="ee" * 16), logs.TAKER)
    assert judge([*START, OFFERED, other]) == (5, "item chain")


def test_finding_8_an_offer_that_is_answered_twice(judge: Judge) -> None:
    again = logs.scanned(
        replace(logs.take([CODE], 3), nonce=TAKEN_NONCE, scan="00000000-0000-4000-8000-000000000003"),
        logs.TAKER,
    )
    assert judge([*START, OFFERED, TAKEN, again]) == (6, "item chain")


TAKEN_NONCE = logs.take([CODE]).nonce


def test_finding_8_a_refused_line_answers_the_offer_too(judge: Judge) -> None:
    taken = logs.take([CODE])
    line = replace(taken.lines[0], verdict=Verdict.REFUSE, reason=TakeReason.DAMAGED, seal="")
    refused = logs.scanned(replace(taken, lines=(line,)), logs.TAKER)
    later = logs.scanned(replace(logs.take([CODE], 3), nonce=taken.nonce), logs.TAKER)
    assert judge([*START, OFFERED, refused]) is None
    assert judge([*START, OFFERED, refused, later]) == (6, "item chain")


def test_finding_8_an_item_that_was_never_registered(judge: Judge) -> None:
    draft = logs.scanned(logs.offer([OTHER]), logs.GIVER)
    assert judge([*START, draft]) == (4, "item chain")


def test_finding_8_an_item_registered_twice(judge: Judge) -> None:
    assert judge([*START, logs.registered(CODE)]) == (4, "item chain")


def test_finding_8_a_known_item_refused_as_unknown(judge: Judge) -> None:
    line = ItemLine(code=CODE, outcome=Outcome.REFUSED, refusal="unknown_code")
    assert judge([*START, replace(OFFERED, items=(line,))]) == (4, "item chain")


def test_finding_8_an_unknown_code_may_be_registered_later(judge: Judge) -> None:
    line = ItemLine(code=OTHER, outcome=Outcome.REFUSED, refusal="unknown_code")
    early = logs.scanned(logs.offer([OTHER]), logs.GIVER, items=[line])
    assert judge([*START, early, logs.registered(OTHER)]) is None


def test_finding_8_a_device_enrolled_for_nobody(judge: Judge) -> None:
    assert judge([START[0], logs.enrolled(logs.GIVER, -5)]) == (1, "device")


def test_finding_8_two_envelopes_or_none(judge: Judge) -> None:
    both = replace(OFFERED, envelopes=(*OFFERED.envelopes, *TAKEN.envelopes))
    assert judge([*START, both]) == (4, "evidence")
    assert judge([*START, replace(logs.registered(OTHER), envelopes=OFFERED.envelopes)]) == (4, "evidence")


def test_finding_8_a_conflict_needs_its_first_scan_and_does_nothing(judge: Judge) -> None:
    second = logs.scanned(replace(logs.offer([CODE]), seq=9), logs.GIVER)
    conflict = replace(second, kind=EntryKind.SCAN_CONFLICT, items=())
    assert judge([*START, OFFERED, conflict]) is None
    assert judge([*START, conflict]) == (4, "scan")
    assert judge([*START, OFFERED, replace(conflict, items=OFFERED.items)]) == (5, "evidence")
    assert judge([*START, OFFERED, replace(conflict, envelopes=())]) == (5, "evidence")


def test_finding_8_time_that_goes_backwards(tmp_path: Path) -> None:
    entries = logs.seal(START)
    early = seal_entry(
        logs.registered(OTHER),
        index=4,
        prev=leaf_hash(entries[-1]),
        at=datetime(2026, 11, 22, tzinfo=UTC),
        signer=logs.LOG,
    )
    path = logs.write(tmp_path / "log.kt1", logs.bundle([*entries, early.data]))
    found = verify_bundle(path, logs.trust(), jobs=1).first_bad
    assert found is not None
    assert (found.index, found.check) == (4, "time")


def test_finding_8_time_that_goes_backwards_between_runs(tmp_path: Path) -> None:
    drafts = [logs.created(), *[logs.registered(f"RT{number:09d}VN") for number in range(1500)]]
    late, head, entries = datetime(2027, 1, 1, tzinfo=UTC), EMPTY, list[bytes]()
    for number, draft in enumerate(drafts):
        at = late if number < 1000 else logs.STARTED_AT
        (entry,) = extend(head, [draft], at=at, signer=logs.LOG, item_heads={})
        head = logs.follow(entry)
        entries.append(entry.data)
    path = logs.write(tmp_path / "log.kt1", logs.bundle(entries))
    assert sum(map(len, entries[:1000])) > 2**19, "the step back lies behind the first run"
    found = verify_bundle(path, logs.trust(), jobs=2).first_bad
    assert found is not None
    assert (found.index, found.check) == (1000, "time")


def test_finding_9_an_enrolment_the_key_did_not_sign(judge: Judge) -> None:
    stolen = recorded(START[1], proof=logs.enrolled(logs.STRANGER, 1).facts["proof"])  # type: ignore[arg-type]
    assert judge([START[0], stolen]) == (1, "device")


def test_finding_9_a_proof_for_another_owner_or_log(judge: Judge) -> None:
    assert judge([START[0], recorded(START[1], owner=2)]) == (1, "device")
    elsewhere = logs.enrolled(logs.GIVER, 1, origin="kt1.test/25")
    assert judge([START[0], elsewhere]) == (1, "device")


@pytest.mark.parametrize("proof", ["", "AAAA", "%"])
def test_finding_9_a_proof_that_is_no_signature(judge: Judge, proof: str) -> None:
    assert judge([START[0], recorded(START[1], proof=proof)]) == (1, "device")


@pytest.mark.parametrize("year", ["0001", "1999", "2201", "9999"])
def test_finding_3_a_year_no_device_can_live_in_is_refused(year: str) -> None:
    payload = evidence_payload(logs.take([CODE])).replace(b'"at":"2026', b'"at":"' + year.encode())
    with pytest.raises(MalformedEvidence, match="at: the year must be 2000 to 2200"):
        parse_evidence(payload)


@pytest.mark.parametrize("year", ["2000", "2200"])
def test_finding_3_a_clock_that_is_wrong_by_decades_is_still_read(year: str) -> None:
    payload = evidence_payload(logs.take([CODE])).replace(b'"at":"2026', b'"at":"' + year.encode())
    assert isinstance(parse_evidence(payload), Take)


def test_a_count_is_of_the_shift_that_the_device_signed_for(judge: Judge) -> None:
    said = replace(COUNT, device=logs.GIVER.key_id, log=logs.offer([CODE]).log)
    draft = EntryDraft(
        kind=EntryKind.SHIFT_COUNTED,
        facts={"actor": 1, "scan": said.scan, "shift": said.subject},
        items=(ItemLine(code=CODE, outcome=Outcome.ACCEPTED),),
        envelopes=(sign_evidence(said, logs.GIVER),),
    )
    assert judge([*START, draft]) is None
    assert judge([*START, recorded(draft, shift="CA-24.BD-2026-8")]) == (4, "evidence")
    # The shift is no item, and what was counted is all there.
    named = (ItemLine(code=said.subject, outcome=Outcome.ACCEPTED), *draft.items)
    assert judge([*START, replace(draft, items=named)]) == (4, "evidence")
    assert judge([*START, replace(draft, items=())]) == (4, "evidence")


def test_a_count_into_a_muster_is_of_the_muster_that_the_device_signed_for(judge: Judge) -> None:
    said = replace(COUNT, device=logs.GIVER.key_id, log=logs.offer([CODE]).log, subject="KK-24.BD-2026-1")
    draft = EntryDraft(
        kind=EntryKind.MUSTER_COUNTED,
        facts={"actor": 1, "scan": said.scan, "muster": said.subject},
        items=(ItemLine(code=CODE, outcome=Outcome.ACCEPTED),),
        envelopes=(sign_evidence(said, logs.GIVER),),
    )
    assert judge([*START, draft]) is None
    assert judge([*START, recorded(draft, muster="KK-24.BD-2026-2")]) == (4, "evidence")
