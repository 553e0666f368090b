"""Our checkpoints hold for @noble/curves and @noble/post-quantum, read by the C2SP pages in JavaScript."""

import json
from typing import Any

import pytest

from audit.checkpoint import add_cosignatures, open_checkpoint, sign_checkpoint
from audit.cosign import CheckpointSigner
from audit.note import format_note
from audit.vkey import SignatureType
from tests.house.tree import ROOT
from tests.support import tlog
from tests.support.oracles import ask

VECTORS: dict[str, Any] = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
SIZES = [0, 1, 2, 255, 256, 257]


def second_opinion(note: bytes, *signers: CheckpointSigner) -> Any:
    return ask("checkpoint.mjs", {"note": note.decode(), "vkeys": [item.key.to_text() for item in signers]})


@pytest.mark.parametrize("size", SIZES)
def test_both_lines_of_the_log_hold_elsewhere(size: int) -> None:
    head = tlog.head(size)
    note = sign_checkpoint(head, (tlog.LOG, tlog.LOG_PQ), time=tlog.NOW)
    said = second_opinion(note, tlog.LOG, tlog.LOG_PQ)
    assert (said["origin"], said["size"]) == (tlog.ORIGIN, size)
    assert said["root"] == head.to_text().split("\n")[2]
    assert said["lines"] == [
        {"name": tlog.ORIGIN, "type": SignatureType.ED25519, "time": None, "holds": True},
        {"name": tlog.ORIGIN, "type": SignatureType.ML_DSA_44, "time": tlog.NOW, "holds": True},
    ]


def test_cosignatures_hold_elsewhere() -> None:
    note = sign_checkpoint(tlog.head(7), (tlog.LOG, tlog.LOG_PQ), time=tlog.NOW)
    checkpoint = open_checkpoint(note, log_keys=(tlog.LOG.key, tlog.LOG_PQ.key))
    for number, witness in enumerate(tlog.WITNESSES, 1):
        line = witness.sign(checkpoint.head, time=tlog.NOW + number)
        lines = format_note(checkpoint.head.to_text(), [line]).split(b"\n\n", 1)[1]
        checkpoint = add_cosignatures(checkpoint, lines, witness_keys=(witness.key,))
    said = second_opinion(checkpoint.data, *tlog.WITNESSES)
    assert [(line["type"], line["time"], line["holds"]) for line in said["lines"]] == [
        (SignatureType.ED25519_COSIGNATURE, tlog.NOW + number, True) for number in (1, 2, 3)
    ]


@pytest.mark.parametrize("part", ["size", "root"])
def test_what_is_changed_under_the_signatures_holds_nowhere(part: str) -> None:
    note = sign_checkpoint(tlog.head(7), (tlog.LOG, tlog.LOG_PQ), time=tlog.NOW)
    text, lines = note.split(b"\n\n", 1)
    other = tlog.head(6 if part == "size" else 7, "entry" if part == "size" else "another history")
    forged = other.to_text().encode() + b"\n" + lines
    assert text + b"\n" != other.to_text().encode()
    said = second_opinion(forged, tlog.LOG, tlog.LOG_PQ)
    assert [line["holds"] for line in said["lines"]] == [False, False]


def test_the_published_vector_holds_elsewhere() -> None:
    """The vectors were made by a third program; whoever reads them in JavaScript comes to the same."""
    keys = VECTORS["vkeys"]
    vkeys = [keys["log"], keys["log_ml_dsa"], *keys["witnesses"]]
    said = ask("checkpoint.mjs", {"note": VECTORS["published"], "vkeys": vkeys})
    assert [line["holds"] for line in said["lines"]] == [True] * 5
    assert (said["origin"], said["size"]) == ("kt1.example/24", 7)


def test_a_line_of_an_unknown_key_is_left_out() -> None:
    note = sign_checkpoint(tlog.head(3), (tlog.LOG,), time=tlog.NOW)
    assert second_opinion(note, tlog.STRANGER_LOG)["lines"] == []
