"""A log changes its key by an entry both keys sign, where the trust file says so, and never otherwise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.chain import EMPTY, ChainHead, extend
from audit.entry import EntryDraft, parse_entry
from audit.errors import BadEntry, MalformedEntry
from audit.kinds import EntryKind
from audit.rotation import END_BYTES, check_rotation, draft_rotation, key_behind, statement, verify_rotation
from audit.trust import Trust, TrustedKey
from audit.verify import Report, verify_bundle
from crypto.digest import b64encode
from crypto.errors import CryptoError
from crypto.signer import FileSigner
from tests.support import logs

OLD, NEW = logs.LOG, logs.signer("the next key")
ROTATION = draft_rotation(logs.ORIGIN, old=OLD, new=NEW)
BEFORE = [logs.created(), logs.enrolled(logs.GIVER, 1)]
AT = len(BEFORE)
AFTER = [logs.registered("RT000000005VN")]


def trust(until: int | None = AT + 1, first: int = AT + 1) -> Trust:
    return logs.trust(
        TrustedKey(public_key=OLD.public_key, first=0, until=until),
        TrustedKey(public_key=NEW.public_key, first=first, until=None),
    )


def seal(*parts: tuple[FileSigner, list[EntryDraft]]) -> list[bytes]:
    """Seal stretches of a log, each under its key."""
    head, stored = EMPTY, list[bytes]()
    for signer, drafts in parts:
        for draft in drafts:
            at = logs.STARTED_AT + timedelta(seconds=head.size)
            (entry,) = extend(head, [draft], at=at, signer=signer, item_heads={})
            head = ChainHead(size=entry.index + 1, leaf=entry.leaf)
            stored.append(entry.data)
    return stored


def verify(folder: Path, entries: list[bytes], trusted: Trust, header_by: FileSigner = NEW) -> Report:
    path = logs.write(folder / "log.kt1", logs.bundle(entries, log_signer=header_by))
    return verify_bundle(path, trusted, jobs=1)


def found(report: Report) -> tuple[int | None, str] | None:
    bad = report.first_bad
    return None if bad is None else (bad.index, bad.check)


def judged(entries: list[bytes], trusted: Trust) -> tuple[int | None, str] | None:
    """Hold each entry alone against the trust file."""
    try:
        for data in entries:
            check_rotation(parse_entry(data), trusted)
    except BadEntry as bad:
        return bad.index, bad.check
    return None


def test_a_rotated_log_holds_under_its_ranges(tmp_path: Path) -> None:
    entries = seal((OLD, [*BEFORE, ROTATION]), (NEW, AFTER))
    assert judged(entries, trust()) is None
    report = verify(tmp_path, entries, trust())
    assert found(report) is None
    assert report.log_signatures == len(entries)


def test_a_log_that_ends_with_the_rotation_is_headed_by_either_key(tmp_path: Path) -> None:
    entries = seal((OLD, [*BEFORE, ROTATION]))
    assert found(verify(tmp_path, entries, trust())) is None
    assert found(verify(tmp_path, entries, trust(), header_by=OLD)) is None


def test_the_old_key_counts_no_more(tmp_path: Path) -> None:
    entries = seal((OLD, [*BEFORE, ROTATION, *AFTER]))
    assert found(verify(tmp_path, entries, trust())) == (AT + 1, "key")


def test_the_new_key_does_not_count_before(tmp_path: Path) -> None:
    entries = seal((OLD, BEFORE), (NEW, [ROTATION, *AFTER]))
    assert judged(entries, trust()) == (AT, "key")
    assert found(verify(tmp_path, entries, trust())) == (AT, "key")


@pytest.mark.parametrize(
    ("until", "first"), [(None, AT + 1), (AT + 2, AT + 1), (AT + 1, AT + 2), (AT + 2, AT + 2)]
)
def test_the_trust_file_must_hand_over_at_the_same_entry(until: int | None, first: int) -> None:
    entries = seal((OLD, [*BEFORE, ROTATION]), (NEW, AFTER))
    assert judged(entries, trust(until, first)) == (AT, "key rotation")


def test_an_older_trust_file_does_not_know_the_new_key() -> None:
    entries = seal((OLD, [*BEFORE, ROTATION]))
    assert judged(entries, logs.trust()) == (AT, "key rotation")


def _signed(origin: str, old: FileSigner, new: FileSigner, by: FileSigner) -> str:
    return b64encode(by.sign(statement(origin, old=old.public_key, new=new.public_key)))


FORGERIES: dict[str, Callable[[], dict[str, str]]] = {
    "old key of nobody": lambda: {"old_signature": _signed(logs.ORIGIN, OLD, NEW, logs.STRANGER)},
    "new key not there": lambda: {"new_signature": _signed(logs.ORIGIN, OLD, NEW, OLD)},
    "another log's": lambda: {
        "old_signature": _signed("kt1.other/1", OLD, NEW, OLD),
        "new_signature": _signed("kt1.other/1", OLD, NEW, NEW),
    },
    "the other way round": lambda: {
        "old_signature": _signed(logs.ORIGIN, NEW, OLD, OLD),
        "new_signature": _signed(logs.ORIGIN, NEW, OLD, NEW),
    },
    "no signature": lambda: {"old_signature": ""},
    "another name": lambda: {"key": logs.STRANGER.key_id},
    "another key": lambda: {"public_key": logs.STRANGER.public_key.to_text()},
    "no key": lambda: {"public_key": "AAAA"},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_statement_that_does_not_hold_is_named(forgery: str) -> None:
    forged = replace(ROTATION, facts={**ROTATION.facts, **FORGERIES[forgery]()})
    entries = seal((OLD, [*BEFORE, forged]), (NEW, AFTER))
    assert judged(entries, trust()) == (AT, "key rotation")


def test_a_fact_left_out_is_named() -> None:
    for name in ("public_key", "old_signature", "new_signature"):
        facts = {key: value for key, value in ROTATION.facts.items() if key != name}
        entries = seal((OLD, [*BEFORE, replace(ROTATION, facts=facts)]), (NEW, AFTER))
        assert judged(entries, trust()) == (AT, "key rotation")


def test_the_statement_gives_the_key_that_takes_over() -> None:
    entry = parse_entry(seal((OLD, [*BEFORE, ROTATION]))[AT])
    assert verify_rotation(entry, logs.ORIGIN, OLD.public_key) == NEW.public_key
    with pytest.raises(CryptoError):
        verify_rotation(entry, logs.ORIGIN, logs.STRANGER.public_key)


def test_a_key_does_not_take_over_from_itself() -> None:
    with pytest.raises(MalformedEntry):
        draft_rotation(logs.ORIGIN, old=OLD, new=OLD)


def test_the_end_of_an_entry_names_the_key_that_follows() -> None:
    vault = EntryDraft(kind=EntryKind.KEY_ROTATED, facts={"key": "1a2b3c4d", "purpose": "vault", "values": 2})
    entries = seal((OLD, [*BEFORE, *AFTER, vault, ROTATION]))
    assert {key_behind(entry[-END_BYTES:]) for entry in entries[:3]} == {OLD.key_id}
    assert key_behind(entries[3]) == OLD.key_id
    assert key_behind(entries[4]) == NEW.key_id
    for end in (b"", entries[0][:-1], entries[0] + b"\n", entries[0][-100:], entries[4][-END_BYTES:]):
        with pytest.raises(MalformedEntry):
            key_behind(end)


def test_the_verifier_asks_it_of_every_log(tmp_path: Path) -> None:
    forged = replace(ROTATION, facts={**ROTATION.facts, "new_signature": ROTATION.facts["old_signature"]})
    assert found(verify(tmp_path, seal((OLD, [*BEFORE, forged]), (NEW, AFTER)), trust())) == (
        AT,
        "key rotation",
    )
    honest = seal((OLD, [*BEFORE, ROTATION]), (NEW, AFTER))
    assert found(verify(tmp_path, honest, trust(until=AT + 2))) == (AT, "key rotation")
    assert found(verify(tmp_path, honest[: AT + 1], logs.trust(), header_by=OLD)) == (AT, "key rotation")
