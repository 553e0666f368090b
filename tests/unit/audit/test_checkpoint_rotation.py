"""A log changes its checkpoint keys by an entry that all four keys sign, where the trust file says so."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.__main__ import main
from audit.checkpoint_rotation import (
    CheckpointRotation,
    check_checkpoint_rotation,
    check_checkpoint_rotations,
    draft_checkpoint_rotation,
    verify_checkpoint_rotation,
)
from audit.cosign import CheckpointSigner
from audit.entry import EntryDraft, parse_entry
from audit.errors import BadEntry, CannotVerify, MalformedEntry
from audit.kinds import EntryKind
from audit.receipt import verify_receipt
from audit.trust import CheckpointKey, Trust
from audit.trust_file import format_trust, parse_trust
from audit.verify import Depth, Report, verify_bundle
from audit.verify_tree import TreeJob, verify_tree
from audit.vkey import SignatureType, VerifierKey, parse_vkey
from crypto.canonical import JsonValue
from crypto.digest import b64encode
from crypto.errors import CryptoError
from crypto.keys import PublicKey
from crypto.mldsa import MlDsaSigningKey
from crypto.time_token import read_certificates
from crypto.timestamping import Authority
from tests.house.tree import ROOT
from tests.support import logs, tlog, trees
from tests.support.time_authority import TimeAuthority
from tests.support.trees import NEW_KEYS, OLD_KEYS

VECTORS: dict[str, Any] = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
VECTOR: dict[str, Any] = VECTORS["checkpoint_rotation"]
BEFORE = logs.honest_drafts(2)
AT = len(BEFORE)
FIRST = AT + 1
ROTATION = draft_checkpoint_rotation(logs.ORIGIN, first=FIRST, old=OLD_KEYS, new=NEW_KEYS)
AFTER = [logs.registered(f"RT{number:09d}VN") for number in range(500, 504)]
ENTRIES = logs.seal([*BEFORE, ROTATION, *AFTER])
DEPTHS = list(Depth)


def verify(
    folder: Path,
    entries: Sequence[bytes],
    trust: Trust,
    *,
    by: Sequence[CheckpointSigner] = NEW_KEYS,
    **more: Any,
) -> Report:
    """Publish these entries under a checkpoint by these keys, and verify the tree."""
    tree = trees.publish(folder / "log", entries, note=trees.checkpoint(entries, signers=by))
    return verify_tree(TreeJob(folder=tree, trust=trust, jobs=1, **more))


def exported(folder: Path, entries: Sequence[bytes], trust: Trust, depth: Depth) -> Report:
    return verify_bundle(logs.write(folder / "log.kt1", logs.bundle(entries)), trust, jobs=1, depth=depth)


def bad(report: Report) -> tuple[int | None, str] | None:
    found = report.first_bad
    return None if found is None else (found.index, found.check)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_log_with_a_handover_in_it_is_good_in_both_forms(tmp_path: Path, depth: Depth) -> None:
    for report in (
        verify(tmp_path, ENTRIES, trees.trust_after(FIRST), depth=depth),
        exported(tmp_path, ENTRIES, trees.trust_after(FIRST), depth),
    ):
        assert bad(report) is None
        assert (report.entries, report.rotations) == (len(ENTRIES), 1)


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_last_tree_of_the_old_keys_and_the_first_of_the_new_ones(tmp_path: Path, depth: Depth) -> None:
    trust = trees.trust_after(FIRST)
    assert bad(verify(tmp_path / "a", ENTRIES[:AT], trust, by=OLD_KEYS, depth=depth)) is None
    assert bad(verify(tmp_path / "b", ENTRIES[:FIRST], trust, by=NEW_KEYS, depth=depth)) is None
    for name, size, by in (("c", AT, NEW_KEYS), ("d", FIRST, OLD_KEYS), ("e", len(ENTRIES), OLD_KEYS)):
        report = verify(tmp_path / name, ENTRIES[:size], trust, by=by, depth=depth)
        assert report.first_bad is not None
        assert (report.first_bad.check, report.first_bad.path) == ("checkpoint key", "checkpoint")
        assert f"{by[0].key.key_id.hex()} counts under trees of" in report.first_bad.detail
        assert f"not under one of {size}" in report.first_bad.detail


def test_one_new_key_beside_one_old_one_is_not_enough(tmp_path: Path) -> None:
    for by in ((trees.NEXT_ED, trees.PQ), (trees.ED, trees.NEXT_PQ)):
        report = verify(tmp_path, ENTRIES, trees.trust_after(FIRST), by=by)
        assert bad(report) == (None, "checkpoint signature")


def test_earlier_checkpoints_of_the_old_keys_stay_good_and_later_ones_do_not(tmp_path: Path) -> None:
    kept = logs.write(tmp_path / "old", trees.checkpoint(ENTRIES[:AT], signers=OLD_KEYS))
    trust = trees.trust_after(FIRST)
    assert bad(verify(tmp_path, ENTRIES, trust, earlier=(kept,))) is None
    kept.write_bytes(trees.checkpoint(ENTRIES[:FIRST], signers=OLD_KEYS))
    report = verify(tmp_path, ENTRIES, trust, earlier=(kept,))
    assert bad(report) == (None, "checkpoint key")


def test_time_stamps_over_old_checkpoints_stay_good_and_over_later_ones_of_old_keys_do_not(
    tmp_path: Path,
) -> None:
    authority = TimeAuthority(tmp_path / "tsa")
    asks = Authority.load(authority.both)
    trust = replace(trees.trust_after(FIRST), time_authorities=read_certificates(authority.both.read_bytes()))
    for size, verdict in ((AT, None), (FIRST, (None, "checkpoint key"))):
        stamped = logs.write(tmp_path / "a.checkpoint", trees.checkpoint(ENTRIES[:size], signers=OLD_KEYS))
        token = logs.write(tmp_path / "a.tsr", authority.reply(asks.make_request(stamped.read_bytes())))
        report = verify(tmp_path, ENTRIES, trust, tokens=(token,))
        assert bad(report) == verdict
        assert report.tokens == (1 if verdict is None else 0)


def test_receipts_of_the_old_keys_stay_good_and_later_ones_do_not(tmp_path: Path) -> None:
    entry, trust = logs.write(tmp_path / "entry", ENTRIES[5]), trees.trust_after(FIRST)
    for size, by, good in (
        (AT, trees.ED, True),
        (FIRST, trees.NEXT_ED, True),
        (FIRST, trees.ED, False),
        (AT, trees.NEXT_ED, False),
    ):
        note = trees.checkpoint(ENTRIES[:size], signers=(by,))
        proof = logs.write(tmp_path / "p.tlog-proof", trees.receipt(ENTRIES[:size], 5, note=note))
        if good:
            assert verify_receipt(proof, entry, trust).size == size
            continue
        with pytest.raises(BadEntry, match="counts under trees of") as found:
            verify_receipt(proof, entry, trust)
        assert found.value.check == "checkpoint key"


def test_a_receipt_of_the_handover_itself_is_held_against_the_trust_file(tmp_path: Path) -> None:
    entry = logs.write(tmp_path / "entry", ENTRIES[AT])
    note = trees.checkpoint(ENTRIES, signers=(trees.NEXT_ED,))
    proof = logs.write(tmp_path / "p.tlog-proof", trees.receipt(ENTRIES, AT, note=note))
    assert verify_receipt(proof, entry, trees.trust_after(FIRST)).kind == "key_rotated"
    with pytest.raises(BadEntry) as found:
        verify_receipt(proof, entry, trees.trust_after(FIRST, last=AT - 1))
    assert (found.value.index, found.value.check) == (AT, "checkpoint key rotation")


def test_an_older_trust_file_knows_nothing_of_the_new_keys(tmp_path: Path) -> None:
    with pytest.raises(CannotVerify, match="not signed by any key of the trust file"):
        verify(tmp_path, ENTRIES, trees.trust())
    assert bad(exported(tmp_path, ENTRIES, trees.trust(), Depth.FULL)) == (AT, "checkpoint key rotation")


def test_a_trust_file_that_knows_no_checkpoint_key_still_asks_for_the_four_signatures(tmp_path: Path) -> None:
    assert bad(exported(tmp_path, ENTRIES, logs.trust(), Depth.FULL)) is None
    forged = logs.seal([*BEFORE, _changed(lambda facts: _resign(facts, "old", 0, trees.NEXT_ED)), *AFTER])
    assert bad(exported(tmp_path, forged, logs.trust(), Depth.FULL)) == (AT, "checkpoint key rotation")


Facts = dict[str, Any]


def _changed(change: Callable[[Facts], object]) -> EntryDraft:
    facts: Facts = json.loads(json.dumps(dict(ROTATION.facts)))
    change(facts)
    return replace(ROTATION, facts=facts)


def _resign(facts: Facts, side: str, which: int, by: CheckpointSigner) -> None:
    """Put a signature over the true statement, by another key."""
    said = CheckpointRotation(
        origin=logs.ORIGIN,
        first=FIRST,
        old=tuple(one.key for one in OLD_KEYS),
        new=tuple(one.key for one in NEW_KEYS),
    ).statement()
    facts[side][which]["signature"] = b64encode(by.signer.sign(said))


def _swap(facts: Facts) -> None:
    facts["old"], facts["new"] = facts["new"], facts["old"]


FORGERIES: dict[str, Callable[[Facts], object]] = {
    "the old Ed25519 key did not sign": lambda facts: facts["old"][0].update(signature=""),
    "the old ML-DSA key did not sign": lambda facts: facts["old"][1].update(signature=""),
    "the new Ed25519 key did not sign": lambda facts: facts["new"][0].update(signature=""),
    "the new ML-DSA key did not sign": lambda facts: facts["new"][1].update(signature=""),
    "a stranger signed for the old key": lambda facts: _resign(facts, "old", 0, tlog.STRANGER_LOG),
    "the old key signed for the new one": lambda facts: _resign(facts, "new", 0, trees.ED),
    "the new ML-DSA key signed for the old one": lambda facts: _resign(facts, "old", 1, trees.NEXT_PQ),
    "one old key is left out": lambda facts: facts["old"].pop(),
    "one new key is left out": lambda facts: facts["new"].pop(0),
    "the keys stand in the wrong order": lambda facts: facts["new"].reverse(),
    "the other way round": _swap,
    "the old key stays": lambda facts: facts["new"].__setitem__(0, facts["old"][0]),
    "the boundary is one too early": lambda facts: facts.update(first=FIRST - 1),
    "the boundary is one too late": lambda facts: facts.update(first=FIRST + 1),
    "the boundary is no number": lambda facts: facts.update(first=str(FIRST)),
    "no boundary": lambda facts: facts.pop("first"),
    "another name of the new key": lambda facts: facts.update(key=logs.STRANGER.key_id),
    "a key of another log": lambda facts: facts["new"][0].update(
        vkey=tlog.named(trees.NEXT_ED, "kt1.other/1").key.to_text()
    ),
    "a witness's key": lambda facts: facts["new"][0].update(
        vkey=VerifierKey(
            logs.ORIGIN, SignatureType.ED25519_COSIGNATURE, logs.signer("next checkpoints").public_key
        ).to_text()
    ),
    "no key": lambda facts: facts["old"][0].update(vkey="AAAA"),
    "a surplus field": lambda facts: facts["old"][0].update(more=""),
    "no list": lambda facts: facts.update(old=""),
}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_handover_is_named_in_both_forms_and_depths(
    tmp_path: Path, forgery: str, depth: Depth
) -> None:
    """Whoever has the key of entries but not the four keys."""
    entries = logs.seal([*BEFORE, _changed(FORGERIES[forgery]), *AFTER])
    trust = trees.trust_after(FIRST)
    assert bad(verify(tmp_path, entries, trust, depth=depth)) == (AT, "checkpoint key rotation")
    assert bad(exported(tmp_path, entries, trust, depth)) == (AT, "checkpoint key rotation")


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    ("first", "last"),
    [(FIRST + 1, None), (FIRST - 1, None), (FIRST, FIRST), (FIRST, AT - 1), (FIRST + 1, AT)],
)
def test_a_trust_file_that_hands_over_one_entry_off_is_named(
    tmp_path: Path, depth: Depth, first: int, last: int | None
) -> None:
    trust = trees.trust_after(first, last=last)
    assert bad(exported(tmp_path, ENTRIES, trust, depth)) == (AT, "checkpoint key rotation")


@pytest.mark.parametrize("depth", DEPTHS)
def test_keys_that_no_entry_handed_over_to_do_not_count(tmp_path: Path, depth: Depth) -> None:
    """The trust file came from whoever left the entry out."""
    silent = logs.seal([*BEFORE, *AFTER])
    assert bad(verify(tmp_path, silent, trees.trust_after(FIRST), depth=depth)) == (
        AT,
        "checkpoint key rotation",
    )


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_second_handover_must_come_from_the_keys_of_the_first(tmp_path: Path, depth: Depth) -> None:
    """Whoever stole the first keys hands over once more, to keys of their own."""
    again = draft_checkpoint_rotation(
        logs.ORIGIN, first=FIRST + 1, old=OLD_KEYS, new=(tlog.STRANGER_LOG, trees.NEXT_PQ)
    )
    entries = logs.seal([*BEFORE, ROTATION, again, *AFTER])
    assert bad(exported(tmp_path, entries, trees.trust_after(FIRST), depth)) == (
        FIRST,
        "checkpoint key rotation",
    )


def test_two_keys_that_share_one_key_id_never_hand_over() -> None:
    """Four bytes collide for whoever tries, and a line of one key would be held against the other."""
    twin = VerifierKey(logs.ORIGIN, SignatureType.ED25519, logs.STRANGER.public_key)
    object.__setattr__(twin, "key_id", trees.ED.key.key_id)
    with pytest.raises(MalformedEntry, match="share one key ID"):
        CheckpointRotation(
            origin=logs.ORIGIN,
            first=FIRST,
            old=tuple(one.key for one in OLD_KEYS),
            new=(twin, trees.NEXT_PQ.key),
        )


def test_a_key_does_not_take_over_from_itself() -> None:
    with pytest.raises(MalformedEntry, match="itself"):
        draft_checkpoint_rotation(logs.ORIGIN, first=FIRST, old=OLD_KEYS, new=(trees.NEXT_ED, trees.PQ))


def test_a_damaged_handover_is_no_entry_and_one_elsewhere_is_out_of_place() -> None:
    trust = trees.trust_after(FIRST)
    with pytest.raises(BadEntry) as found:
        check_checkpoint_rotations([*ENTRIES[:AT], ENTRIES[AT][:-1]], 0, trust)
    assert (found.value.index, found.value.check) == (AT, "form")
    with pytest.raises(BadEntry) as found:
        check_checkpoint_rotations([ENTRIES[AT]], AT - 1, trust)
    assert (found.value.index, found.value.check) == (AT - 1, "index")
    assert check_checkpoint_rotations(ENTRIES, 0, trust) == [FIRST]


def test_the_vaults_rotation_hands_nothing_over() -> None:
    facts: dict[str, JsonValue] = {"key": "1a2b3c4d", "purpose": "vault", "values": 2}
    (entry,) = logs.seal([EntryDraft(kind=EntryKind.KEY_ROTATED, facts=facts)])
    assert check_checkpoint_rotation(parse_entry(entry), trees.trust_after(FIRST)) is None


def test_the_known_answer_is_verified_and_its_statement_is_ours() -> None:
    entry = parse_entry(VECTOR["entry"].encode())
    rotation = verify_checkpoint_rotation(entry, "kt1.example/24")
    assert rotation.statement().decode() == VECTOR["statement"]
    keys = [
        CheckpointKey(key=parse_vkey(item["vkey"]), first=item["first"], last=item["last"])
        for item in VECTOR["checkpoint_keys"]
    ]
    assert [item.key for item in keys] == [*rotation.old, *rotation.new]
    trust = replace(logs.trust(origin="kt1.example/24"), checkpoint_keys=tuple(keys))
    assert parse_trust(format_trust(trust)) == trust
    assert check_checkpoint_rotation(entry, trust) == 7
    with pytest.raises((MalformedEntry, CryptoError)):
        verify_checkpoint_rotation(entry, "kt1.example/25")


def test_our_facts_are_those_of_the_known_answer() -> None:
    """Ed25519 signatures are the same bytes; ML-DSA ones are randomised and only hold."""
    seeds = VECTOR["seeds"]
    fresh = MlDsaSigningKey.from_seed(bytes.fromhex(seeds["ml_dsa"])).public_key
    entry = parse_entry(VECTOR["entry"].encode())
    named = verify_checkpoint_rotation(entry, "kt1.example/24")
    assert named.new[1].public_key == fresh
    assert isinstance(named.new[0].public_key, PublicKey)
    assert entry.facts.keys() == ROTATION.facts.keys()
    assert entry.facts["key"] == named.new[0].public_key.key_id


def test_the_command_says_that_keys_were_handed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = trees.publish(tmp_path / "log", ENTRIES, note=trees.checkpoint(ENTRIES, signers=NEW_KEYS))
    trust = logs.write(tmp_path / "trust.json", format_trust(trees.trust_after(FIRST)))
    assert main(["verify", str(tree), "--trust", str(trust)]) == 0
    assert "rotations    1 of checkpoint keys" in capsys.readouterr().out
