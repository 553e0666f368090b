"""A server that lies with its own key is found out where it contradicts itself or the devices."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.bundle import BundleReader, write_bundle
from audit.entry import EntryDraft, ItemLine, Outcome, seal_entry
from audit.errors import CannotVerify, MalformedBundle
from audit.trust import RevokedDevice, TrustedKey
from audit.verify import Finding, Report, _runs, verify_bundle
from crypto.digest import leaf_hash
from tests.support import logs

CODE, OTHER = "RT000000005VN", "RT000000019VN"
OFFERED = logs.scanned(logs.offer([CODE]), logs.GIVER)
TAKEN = logs.scanned(logs.take([CODE]), logs.TAKER)
START = [logs.created(), logs.enrolled(logs.GIVER, 1), logs.enrolled(logs.TAKER, 2), logs.registered(CODE)]
Verify = Callable[..., Report]


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    def run(entries: list[bytes], *keys: TrustedKey, jobs: int = 1, **options: str) -> Report:
        path = logs.write(tmp_path / "log.kt1", logs.bundle(entries))
        return verify_bundle(path, logs.trust(*keys, **options), jobs=jobs)

    return run


def bad(report: Report) -> tuple[int | None, str]:
    assert isinstance(report.first_bad, Finding)
    return report.first_bad.index, report.first_bad.check


def lying(drafts: list[EntryDraft]) -> list[bytes]:
    """Seal drafts with the item links they state, right or wrong."""
    stored: list[bytes] = []
    for index, draft in enumerate(drafts):
        prev = leaf_hash(stored[-1]) if stored else bytes(32)
        sealed = seal_entry(draft, index=index, prev=prev, at=logs.STARTED_AT, signer=logs.LOG)
        stored.append(sealed.data)
    return stored


def test_a_device_not_enrolled(verify: Verify) -> None:
    assert bad(verify(logs.seal([START[0], START[2], START[3], OFFERED]))) == (3, "device")


def test_a_device_enrolled_only_later(verify: Verify) -> None:
    assert bad(verify(logs.seal([START[0], START[3], OFFERED, START[1]]))) == (2, "device")


def test_a_device_revoked_before(verify: Verify) -> None:
    assert bad(verify(logs.seal([*START, logs.revoked(logs.GIVER), OFFERED]))) == (5, "device")


def test_old_evidence_of_a_revoked_device_stays_good(verify: Verify) -> None:
    report = verify(logs.seal([*START, OFFERED, logs.revoked(logs.GIVER)]))
    assert report.first_bad is None
    assert (report.entries, report.device_signatures) == (6, 1)


def test_a_device_enrolled_twice(verify: Verify) -> None:
    assert bad(verify(logs.seal([*START, logs.enrolled(logs.GIVER, 9)]))) == (4, "device")


def test_a_device_revoked_twice(verify: Verify) -> None:
    gone = logs.revoked(logs.GIVER)
    assert bad(verify(logs.seal([*START, gone, gone]))) == (5, "device")


def test_a_device_named_after_another_key(verify: Verify) -> None:
    facts = {**logs.enrolled(logs.GIVER, 1).facts, "public_key": logs.STRANGER.public_key.to_text()}
    assert bad(verify(logs.seal([START[0], replace(START[1], facts=facts)]))) == (1, "device")


def test_a_device_signature_that_does_not_fit(verify: Verify) -> None:
    (envelope,) = OFFERED.envelopes
    forged = replace(envelope, signature=bytes(64))
    draft = replace(OFFERED, envelopes=(forged,))
    assert bad(verify(logs.seal([*START, draft]))) == (4, "device signature")


def test_an_item_the_device_never_signed_for(verify: Verify) -> None:
    more = (*OFFERED.items, ItemLine(code=OTHER, outcome=Outcome.ACCEPTED))
    assert bad(verify(logs.seal([*START, replace(OFFERED, items=more)]))) == (4, "evidence")


def test_an_offer_reported_as_a_taking(verify: Verify) -> None:
    draft = replace(TAKEN, envelopes=OFFERED.envelopes)
    assert bad(verify(logs.seal([*START, draft]))) == (4, "evidence")


def test_finding_10_evidence_that_was_said_to_another_log(verify: Verify) -> None:
    elsewhere = logs.scanned(replace(logs.offer([CODE]), log="kt1.test/25"), logs.GIVER)
    report = verify(logs.seal([*START, elsewhere]))
    assert bad(report) == (4, "evidence")
    assert report.first_bad is not None
    assert "another log" in report.first_bad.detail


def test_an_entry_left_out_of_its_items_chain(verify: Verify) -> None:
    entries = lying([*START, *_linked(OFFERED, "ab" * 32)])
    assert bad(verify(entries)) == (4, "item chain")


def test_an_item_that_appears_twice_for_the_first_time(verify: Verify) -> None:
    assert bad(verify(lying([*START, logs.registered(CODE)]))) == (4, "item chain")


def test_a_first_entry_with_a_predecessor(verify: Verify) -> None:
    assert bad(verify(lying([START[0], *_linked(logs.registered(CODE), "ab" * 32)]))) == (1, "item chain")


def test_an_unknown_code_with_a_past(verify: Verify) -> None:
    line = ItemLine(code=CODE, outcome=Outcome.REFUSED, refusal="unknown_code", prev="ab" * 32)
    assert bad(verify(lying([*START, replace(OFFERED, items=(line,))]))) == (4, "item chain")


def test_one_item_twice_in_one_list(verify: Verify) -> None:
    evidence = logs.offer([CODE, CODE + "|k1|ABCDEFGHIJKLMNOP"])
    refused = ItemLine(code=CODE, outcome=Outcome.REFUSED, refusal="already_offered")
    draft = logs.scanned(evidence, logs.GIVER, items=[*OFFERED.items, refused])
    report = verify(logs.seal([*START, draft, TAKEN]))
    assert report.first_bad is None


def _linked(draft: EntryDraft, prev: str) -> list[EntryDraft]:
    return [replace(draft, items=tuple(replace(item, prev=prev) for item in draft.items))]


def test_a_log_without_a_beginning(verify: Verify) -> None:
    assert bad(verify(logs.seal(START[1:]))) == (0, "beginning")


def test_a_log_with_two_beginnings(verify: Verify) -> None:
    assert bad(verify(logs.seal([START[0], START[0]]))) == (1, "beginning")


def test_another_log_under_our_header(tmp_path: Path) -> None:
    other = EntryDraft(kind=START[0].kind, facts={**START[0].facts, "origin": "elsewhere"})
    path = logs.write(tmp_path / "log.kt1", logs.bundle(logs.seal([other])))
    assert bad(verify_bundle(path, logs.trust(), jobs=1)) == (0, "beginning")


def test_a_header_of_another_log(verify: Verify) -> None:
    assert bad(verify(logs.seal(START), origin="elsewhere")) == (None, "origin")


def test_a_key_counts_only_for_its_range(verify: Verify) -> None:
    def key(first: int, until: int | None) -> TrustedKey:
        return TrustedKey(public_key=logs.LOG.public_key, first=first, until=until)

    entries = logs.seal(START)
    assert verify(entries, key(0, 4)).first_bad is None
    assert bad(verify(entries, key(0, 3))) == (None, "key")
    assert bad(verify(entries, key(1, None))) == (0, "key")
    assert (
        bad(verify(entries, TrustedKey(public_key=logs.STRANGER.public_key, first=0, until=None)))[0] is None
    )


def test_the_earliest_of_several_bad_entries_is_named(verify: Verify) -> None:
    entries = lying([*START, *_linked(OFFERED, "ab" * 32), TAKEN, logs.registered(OTHER)])
    entries[6] = entries[6].replace(b"24.UBND", b"24.UBNX")
    assert bad(verify(entries)) == (4, "item chain")


def test_a_long_log_by_several_processes(verify: Verify) -> None:
    entries = logs.seal(logs.honest_drafts(220))
    assert sum(map(len, entries)) > 2**19, "long enough to be cut into runs"
    report = verify(entries, jobs=2)
    assert report.first_bad is None
    assert (report.entries, report.signatures, report.items) == (663, 663 + 440, 660)
    for k in (600,):
        entry = entries[k]
        tampered = [*entries[:k], entry[:-10] + bytes([entry[-10] ^ 1]) + entry[-9:], *entries[k + 1 :]]
        assert bad(verify(tampered, jobs=2))[0] == k


def test_runs_are_joined_where_they_meet(verify: Verify, tmp_path: Path) -> None:
    """The last entry of a run and the first of the next are each rewritten by the log itself."""
    entries = logs.seal([*START, *[logs.registered(f"RT{n:09d}VN") for n in range(1000, 2000)]])
    path = logs.write(tmp_path / "whole", logs.bundle(entries))
    with path.open("rb") as stream:
        header = BundleReader(stream).header
    meeting = [run.first for run, _ in _runs(path, header)][1]
    for k in (meeting - 1, meeting):
        draft = logs.registered(f"RT{k + 996:09d}VN")
        prev = leaf_hash(entries[k - 1])
        at = logs.STARTED_AT + timedelta(seconds=k - 1)
        rewritten = seal_entry(draft, index=k, prev=prev, at=at, signer=logs.LOG).data
        assert bad(verify([*entries[:k], rewritten, *entries[k + 1 : k + 3]])) == (k, "chain")


@pytest.mark.parametrize("data", [b"", b"kt1-bundle/1\n", b"kt1-bundle/1\n{}\n", b"PK\x03\x04", b"\n" * 5000])
def test_what_is_no_bundle_cannot_be_checked(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CannotVerify):
        verify_bundle(logs.write(tmp_path / "x", data), logs.trust())


def test_an_empty_log_is_not_good(tmp_path: Path) -> None:
    with pytest.raises(CannotVerify, match="nothing was checked"):
        verify_bundle(logs.write(tmp_path / "x", logs.bundle([])), logs.trust())


def test_a_missing_file_cannot_be_checked(tmp_path: Path) -> None:
    with pytest.raises(CannotVerify, match="cannot read"):
        verify_bundle(tmp_path / "none", logs.trust())


def test_a_bundle_is_not_written_of_other_entries() -> None:
    entries = logs.seal(START)
    for wrong, size in ((entries[:-1], len(entries)), (entries[:-1], len(entries) - 1)):
        with pytest.raises(MalformedBundle):
            write_bundle(
                io.BytesIO(),
                wrong,
                origin=logs.ORIGIN,
                size=size,
                head=leaf_hash(entries[-1]),
                at=logs.STARTED_AT,
                signer=logs.LOG,
            )


def test_the_trust_file_revokes_a_device_by_size(tmp_path: Path) -> None:
    """Old evidence stays good, later evidence fails, though the log itself hides the revocation."""
    entries = logs.seal([*START, OFFERED, TAKEN])
    path = logs.write(tmp_path / "log.kt1", logs.bundle(entries))

    def judge(until: int) -> Finding | None:
        revoked = (RevokedDevice(key_id=logs.GIVER.key_id, until=until),)
        return verify_bundle(path, replace(logs.trust(), revoked_devices=revoked), jobs=1).first_bad

    assert judge(5) is None
    found = judge(4)
    assert found is not None
    assert (found.index, found.check) == (4, "device")
