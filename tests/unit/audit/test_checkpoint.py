"""Checkpoints: real ones of other logs are read, and none counts that its own log has not signed."""

import json
from dataclasses import replace
from typing import Any

import pytest

from audit.checkpoint import (
    add_cosignatures,
    keep_signatures,
    open_checkpoint,
    read_head,
    sign_checkpoint,
)
from audit.cosign import make_signer, verifiers
from audit.errors import MalformedNote, NoteRefused
from audit.merkle import EMPTY_ROOT
from audit.note import NoteSignature, format_note, open_note, parse_note
from audit.tree_head import TreeHead
from audit.vkey import SignatureType, parse_vkey
from tests.house.tree import ROOT
from tests.support import tlog
from tests.support.logs import signer

FOREIGN: dict[str, Any] = json.loads((ROOT / "tests/vectors/foreign_tlog.json").read_text(encoding="utf-8"))
OURS: dict[str, Any] = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
LOG_KEYS = (tlog.LOG.key, tlog.LOG_PQ.key)
WITNESS_KEYS = [item.key for item in tlog.WITNESSES]
HEAD = tlog.head(7)
GOOD = tlog.note(7)


@pytest.mark.parametrize("vector", FOREIGN["real_checkpoints"], ids=lambda vector: vector["witness_type"])
def test_a_checkpoint_of_a_public_log_with_a_public_witness(vector: dict[str, Any]) -> None:
    witness = parse_vkey(vector["witness_vkey"])
    assert witness.type.name == vector["witness_type"]
    data = vector["note"].encode()
    assert parse_note(data).to_bytes() == data
    opened = open_note(data, verifiers([witness]))
    assert [item.time for item in opened.verified] == [vector["time"]]
    assert read_head(data).size == vector["size"]
    if "log_vkey" in vector:
        log = parse_vkey(vector["log_vkey"])
        checkpoint = open_checkpoint(data, log_keys=[log], witness_keys=[witness])
        assert checkpoint.head.size == vector["size"]
        assert checkpoint.find_cosignature(witness) is not None
    with pytest.raises(NoteRefused, match="does not hold"):
        open_note(data.replace(f"\n{vector['size']}\n".encode(), b"\n42\n"), verifiers([witness]))


def test_the_checkpoints_of_our_pages() -> None:
    log, pq = parse_vkey(OURS["vkeys"]["log"]), parse_vkey(OURS["vkeys"]["log_ml_dsa"])
    witnesses = [parse_vkey(text) for text in OURS["vkeys"]["witnesses"]]
    published = open_checkpoint(OURS["published"].encode(), log_keys=[log, pq], witness_keys=witnesses)
    assert published.log_types == {SignatureType.ED25519, SignatureType.ML_DSA_44}
    assert published.head.root.hex() == OURS["roots"][7]
    assert [item.time for item in published.cosignatures] == [OURS["time"] + n for n in (1, 2, 3)]
    assert keep_signatures(published, [log, *witnesses]).decode() == OURS["receipt_checkpoint"]
    assert keep_signatures(published, [log]).decode() == OURS["checkpoint"]
    alone = open_checkpoint(keep_signatures(published, [pq]), log_keys=[pq])
    assert alone.log_types == {SignatureType.ML_DSA_44}


def test_a_log_signs_in_both_ways() -> None:
    data = tlog.note(7, signers=(tlog.LOG, tlog.LOG_PQ))
    checkpoint = open_checkpoint(data, log_keys=LOG_KEYS)
    assert checkpoint.head == HEAD
    assert checkpoint.data == data
    assert checkpoint.log_types == {SignatureType.ED25519, SignatureType.ML_DSA_44}
    assert read_head(data) == HEAD


def test_either_signature_that_fails_sinks_the_checkpoint() -> None:
    other = tlog.note(7, "another", (tlog.LOG, tlog.LOG_PQ))
    lines = parse_note(tlog.note(7, signers=(tlog.LOG, tlog.LOG_PQ))).signatures
    strange = parse_note(other).signatures
    for mixed in ((lines[0], strange[1]), (strange[0], lines[1])):
        with pytest.raises(NoteRefused, match="does not hold"):
            open_checkpoint(format_note(HEAD.to_text(), mixed), log_keys=LOG_KEYS)


def test_a_witness_never_stands_in_for_the_log() -> None:
    only_witness = format_note(HEAD.to_text(), [tlog.W1.sign(HEAD, time=tlog.NOW)])
    with pytest.raises(NoteRefused, match="no known log"):
        open_checkpoint(only_witness, log_keys=LOG_KEYS, witness_keys=WITNESS_KEYS)
    with pytest.raises(NoteRefused, match="no known key"):
        open_checkpoint(only_witness, log_keys=LOG_KEYS)
    with pytest.raises(NoteRefused, match="no known key"):
        open_checkpoint(GOOD, log_keys=())


def test_one_log_never_speaks_for_another() -> None:
    foreign = make_signer("kt1.test/25", SignatureType.ED25519, signer("log 25"))
    data = format_note(HEAD.to_text(), [foreign.sign(HEAD, time=tlog.NOW)])
    with pytest.raises(NoteRefused, match="another log"):
        open_checkpoint(data, log_keys=[*LOG_KEYS, foreign.key])
    both = format_note(
        HEAD.to_text(), [tlog.LOG.sign(HEAD, time=tlog.NOW), foreign.sign(HEAD, time=tlog.NOW)]
    )
    with pytest.raises(NoteRefused, match="another log"):
        open_checkpoint(both, log_keys=[*LOG_KEYS, foreign.key])
    with pytest.raises(MalformedNote, match="named after"):
        sign_checkpoint(HEAD, [foreign], time=tlog.NOW)


def test_a_key_has_one_use() -> None:
    both = make_signer("x", SignatureType.ED25519_COSIGNATURE, signer("log"))
    with pytest.raises(NoteRefused, match="one key"):
        open_checkpoint(GOOD, log_keys=LOG_KEYS, witness_keys=[both.key])
    with pytest.raises(MalformedNote, match="log's key"):
        open_checkpoint(GOOD, log_keys=[tlog.W1.key])
    with pytest.raises(MalformedNote, match="witness's key"):
        open_checkpoint(GOOD, log_keys=LOG_KEYS, witness_keys=[tlog.LOG.key])
    with pytest.raises(MalformedNote, match="log's key"):
        sign_checkpoint(replace(HEAD, origin="witness1.test"), [tlog.W1], time=tlog.NOW)


def test_extension_lines_count_only_under_a_signature_that_covers_them() -> None:
    extended = replace(HEAD, extensions=("line",))
    covered = format_note(extended.to_text(), [tlog.LOG.sign(extended, time=tlog.NOW)])
    assert open_checkpoint(covered, log_keys=LOG_KEYS).head == extended
    bare = format_note(extended.to_text(), [tlog.LOG_PQ.sign(HEAD, time=tlog.NOW)])
    with pytest.raises(NoteRefused, match="extension lines"):
        open_checkpoint(bare, log_keys=LOG_KEYS)
    with pytest.raises(MalformedNote, match="no extension lines"):
        sign_checkpoint(extended, [tlog.LOG], time=tlog.NOW)


def test_the_empty_log_is_signed_under_the_root_of_nothing_only() -> None:
    empty = TreeHead(origin=tlog.ORIGIN, size=0, root=EMPTY_ROOT)
    data = sign_checkpoint(empty, [tlog.LOG], time=tlog.NOW)
    assert open_checkpoint(data, log_keys=LOG_KEYS).head == empty
    with pytest.raises(MalformedNote, match="root of nothing"):
        sign_checkpoint(replace(empty, root=HEAD.root), [tlog.LOG], time=tlog.NOW)
    with pytest.raises(MalformedNote, match="at least one signature"):
        sign_checkpoint(empty, [], time=tlog.NOW)


def test_cosignatures_are_added_once_each_and_stay_fresh() -> None:
    checkpoint = open_checkpoint(GOOD, log_keys=LOG_KEYS)
    for time in (tlog.NOW, tlog.NOW + 60, tlog.NOW + 30):
        line = tlog.W1.sign(HEAD, time=time).to_line().encode()
        checkpoint = add_cosignatures(checkpoint, line, witness_keys=WITNESS_KEYS)
    found = checkpoint.find_cosignature(tlog.W1.key)
    assert found is not None
    assert found.time == tlog.NOW + 60
    assert len(checkpoint.cosignatures) == 1
    again = open_checkpoint(checkpoint.data, log_keys=LOG_KEYS, witness_keys=WITNESS_KEYS)
    assert again.cosignatures == checkpoint.cosignatures
    assert checkpoint.find_cosignature(tlog.W2.key) is None


def test_what_a_witness_answers_is_verified() -> None:
    checkpoint = open_checkpoint(GOOD, log_keys=LOG_KEYS)
    other = tlog.head(8)
    good = tlog.W1.sign(HEAD, time=tlog.NOW).to_line()
    stranger = tlog.STRANGER.sign(HEAD, time=tlog.NOW).to_line()
    kept = add_cosignatures(checkpoint, (stranger + good).encode(), witness_keys=WITNESS_KEYS)
    assert b"stranger" not in kept.data
    wrong = tlog.W1.sign(other, time=tlog.NOW).to_line()
    for lines in (wrong, stranger, good + wrong):
        with pytest.raises(NoteRefused):
            add_cosignatures(checkpoint, lines.encode(), witness_keys=WITNESS_KEYS)
    for malformed in (b"", b"\xff\n", good.encode()[:-1], b"<html>\n", good.encode() + b"\n"):
        with pytest.raises(MalformedNote):
            add_cosignatures(checkpoint, malformed, witness_keys=WITNESS_KEYS)


def test_a_cosignature_without_a_time_counts_for_nobody() -> None:
    stamp = bytes(8)
    message = f"cosignature/v1\ntime 0\n{HEAD.to_text()}".encode()
    line = NoteSignature(
        name=tlog.W1.key.name, key_id=tlog.W1.key.key_id, signature=stamp + tlog.W1.signer.sign(message)
    )
    data = GOOD + line.to_line().encode()
    checkpoint = open_checkpoint(data, log_keys=LOG_KEYS, witness_keys=WITNESS_KEYS)
    assert len(checkpoint.cosignatures) == 1
    assert checkpoint.find_cosignature(tlog.W1.key) is None


@pytest.mark.parametrize("at", range(len(GOOD)))
def test_every_changed_byte_is_refused(at: int) -> None:
    changed = bytearray(GOOD)
    changed[at] ^= 1
    with pytest.raises((MalformedNote, NoteRefused)):
        open_checkpoint(bytes(changed), log_keys=LOG_KEYS)
