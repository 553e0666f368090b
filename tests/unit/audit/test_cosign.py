"""What each type of signature covers, byte for byte, and what it therefore refuses."""

import json
from dataclasses import replace
from typing import Any

import pytest

from audit.cosign import (
    CheckpointSigner,
    CheckpointVerifier,
    cosignature_message,
    make_signer,
    subtree_message,
)
from audit.errors import MalformedNote
from audit.tree_head import TreeHead, parse_tree_head
from audit.vkey import SignatureType
from crypto.errors import BadSignature
from tests.house.tree import ROOT
from tests.support import tlog
from tests.support.logs import signer

OURS: dict[str, Any] = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
HEAD = tlog.head(7)
ALL = (tlog.LOG, tlog.LOG_PQ, tlog.W1)
TIMED = (tlog.LOG_PQ, tlog.W1)


def by_type(item: CheckpointSigner) -> str:
    return item.key.type.name


def text_of_vectors() -> str:
    text: str = OURS["checkpoint"].split("\n\n")[0] + "\n"
    return text


def test_the_signed_messages_of_our_pages() -> None:
    text = text_of_vectors()
    head = parse_tree_head(text)
    assert cosignature_message(text, OURS["time"]).hex() == OURS["cosignature_message"]
    assert subtree_message(head.origin, OURS["time"], head).hex() == OURS["subtree_message"]


@pytest.mark.parametrize("item", ALL, ids=by_type)
def test_a_signature_holds_and_gives_its_time(item: CheckpointSigner) -> None:
    line = item.sign(HEAD, time=tlog.NOW)
    time = CheckpointVerifier(item.key).verify(HEAD.to_text(), line.signature)
    assert time == (None if item is tlog.LOG else tlog.NOW)
    assert (line.name, line.key_id) == (item.key.name, item.key.key_id)


@pytest.mark.parametrize("item", ALL, ids=by_type)
@pytest.mark.parametrize(
    "changed", [{"size": 8}, {"origin": "kt1.test/25"}, {"root": bytes(32)}], ids=["size", "origin", "root"]
)
def test_it_covers_every_line_of_the_head(item: CheckpointSigner, changed: dict[str, Any]) -> None:
    line = item.sign(HEAD, time=tlog.NOW)
    with pytest.raises(BadSignature):
        CheckpointVerifier(item.key).verify(replace(HEAD, **changed).to_text(), line.signature)


@pytest.mark.parametrize("item", TIMED, ids=by_type)
def test_it_covers_its_time(item: CheckpointSigner) -> None:
    signature = item.sign(HEAD, time=tlog.NOW).signature
    for stamp in (bytes(8), (tlog.NOW + 1).to_bytes(8, "big"), b"\xff" * 8):
        with pytest.raises(BadSignature):
            CheckpointVerifier(item.key).verify(HEAD.to_text(), stamp + signature[8:])


@pytest.mark.parametrize("item", ALL, ids=by_type)
def test_a_signature_of_another_length_is_none(item: CheckpointSigner) -> None:
    signature = item.sign(HEAD, time=tlog.NOW).signature
    for wrong in (b"", signature[:7], signature[:-1], signature + b"\0"):
        with pytest.raises(BadSignature):
            CheckpointVerifier(item.key).verify(HEAD.to_text(), wrong)


def test_a_witness_signs_extension_lines_and_ml_dsa_does_not() -> None:
    extended = replace(HEAD, extensions=("one more line",))
    for item, covers in ((tlog.LOG, True), (tlog.W1, True), (tlog.LOG_PQ, False)):
        signature = item.sign(extended, time=tlog.NOW).signature
        CheckpointVerifier(item.key).verify(extended.to_text(), signature)
        if covers:
            with pytest.raises(BadSignature):
                CheckpointVerifier(item.key).verify(HEAD.to_text(), signature)
        else:
            CheckpointVerifier(item.key).verify(HEAD.to_text(), signature)


def test_ml_dsa_signs_the_signers_name_and_ed25519_does_not() -> None:
    other = make_signer("other.test", SignatureType.ML_DSA_44, tlog.LOG_PQ.signer)
    with pytest.raises(BadSignature):
        CheckpointVerifier(other.key).verify(HEAD.to_text(), tlog.LOG_PQ.sign(HEAD, time=tlog.NOW).signature)


def test_one_use_is_never_taken_for_another() -> None:
    """The same Ed25519 key as log and as witness: neither signature counts as the other."""
    log = make_signer("x", SignatureType.ED25519, signer("both"))
    witness = make_signer("x", SignatureType.ED25519_COSIGNATURE, signer("both"))
    plain = log.sign(HEAD, time=tlog.NOW).signature
    timed = witness.sign(HEAD, time=tlog.NOW).signature
    assert log.key.key_id != witness.key.key_id
    for key, signature in ((witness.key, bytes(8) + plain), (log.key, timed[8:])):
        with pytest.raises(BadSignature):
            CheckpointVerifier(key).verify(HEAD.to_text(), signature)


def test_ml_dsa_signs_nothing_but_tree_heads() -> None:
    signature = tlog.LOG_PQ.sign(HEAD, time=tlog.NOW).signature
    with pytest.raises(BadSignature, match="under a checkpoint"):
        CheckpointVerifier(tlog.LOG_PQ.key).verify("a text\n", signature)


@pytest.mark.parametrize("time", [0, -1, 1 << 63])
def test_a_signer_writes_no_impossible_time(time: int) -> None:
    with pytest.raises(MalformedNote, match="1970"):
        tlog.W1.sign(HEAD, time=time)


def test_a_time_above_the_limit_is_refused() -> None:
    stamp = (1 << 63).to_bytes(8, "big")
    signature = stamp + tlog.W1.signer.sign(cosignature_message(HEAD.to_text(), 1 << 63))
    with pytest.raises(BadSignature, match="at most"):
        CheckpointVerifier(tlog.W1.key).verify(HEAD.to_text(), signature)


def test_a_signer_fits_its_key_and_its_use() -> None:
    with pytest.raises(MalformedNote, match="another key"):
        CheckpointSigner(tlog.W1.key, tlog.W2.signer)
    with pytest.raises(MalformedNote, match="algorithm"):
        make_signer("x", SignatureType.ML_DSA_44, signer("log"))
    with pytest.raises(MalformedNote, match="algorithm"):
        make_signer("x", SignatureType.ED25519, tlog.LOG_PQ.signer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n7\n",
        "\n7\nROOT\n",
        "origin\n07\nROOT\n",
        "origin\n+7\nROOT\n",
        "origin\n-7\nROOT\n",
        "origin\n7 \nROOT\n",
        "origin\n٧\nROOT\n",
        "origin\n9223372036854775808\nROOT\n",
        "origin\n7\nROOT",
        "origin\n7\nROOT=\n",
        "origin\n7\nAAAA\n",
        "origin\n7\nROOT\n\n",
        "origin\n7\nROOT\nline\n\n",
        "o" * 256 + "\n7\nROOT\n",
        "or\tigin\n7\nROOT\n",
    ],
)
def test_what_is_not_a_tree_head(text: str) -> None:
    root = "mMl/C6MXXNCLAx3QhLncTmSbZNGijm6mlGRlAxc6tYc="
    with pytest.raises(MalformedNote):
        parse_tree_head(text.replace("ROOT", root))


def test_a_tree_head_reads_back() -> None:
    head = TreeHead(origin="o" * 255, size=(1 << 63) - 1, root=bytes(32), extensions=("a", "b"))
    assert parse_tree_head(head.to_text()) == head
    with pytest.raises(MalformedNote):
        TreeHead(origin="o", size=-1, root=bytes(32))
    with pytest.raises(MalformedNote):
        TreeHead(origin="o", size=1, root=bytes(31))
