"""Signed notes: what others published is read, and nothing else than the specification allows."""

import json
from typing import Any

import pytest

from audit.cosign import CheckpointVerifier, make_signer, verifiers
from audit.errors import MalformedNote, NoteRefused
from audit.note import NoteSignature, format_note, open_note, parse_note
from audit.vkey import SignatureType, VerifierKey, check_name, note_key_id, parse_vkey
from crypto.digest import b64decode, b64encode
from crypto.keys import SigningKey
from crypto.signer import FileSigner
from tests.house.tree import ROOT
from tests.support import tlog

FOREIGN: dict[str, Any] = json.loads((ROOT / "tests/vectors/foreign_tlog.json").read_text(encoding="utf-8"))
NOTES: list[dict[str, str]] = FOREIGN["notes"]
TEXT = "one\n\ntwo\n"


def signed(text: str = TEXT, *signers: Any) -> bytes:
    lines = [
        NoteSignature(name=item.key.name, key_id=item.key.key_id, signature=item.signer.sign(text.encode()))
        for item in signers or (tlog.LOG,)
    ]
    return format_note(text, lines)


GOOD = signed()
LINE = GOOD.decode().split("\n\n")[-1]
KNOWN = [CheckpointVerifier(tlog.LOG.key)]


@pytest.mark.parametrize("vector", NOTES, ids=lambda vector: vector["vkey"].split("+")[0])
def test_the_published_notes(vector: dict[str, str]) -> None:
    data = vector["note"].encode()
    opened = open_note(data, verifiers([parse_vkey(vector["vkey"])]))
    assert opened.text == vector["note"].split("\n\n")[0] + "\n"
    assert parse_note(data).to_bytes() == data
    with pytest.raises(NoteRefused, match="does not hold"):
        open_note(data.replace(b"n", b"m", 1), verifiers([parse_vkey(vector["vkey"])]))


def test_a_published_note_is_signed_byte_for_byte() -> None:
    vector = NOTES[1]
    signer = FileSigner(SigningKey.from_seed(b64decode(vector["seed"])[1:]))
    key = make_signer("PeterNeumann", SignatureType.ED25519, signer).key
    text = vector["note"].split("\n\n")[0] + "\n"
    line = NoteSignature(name=key.name, key_id=key.key_id, signature=signer.sign(text.encode()))
    assert format_note(text, [line]).decode() == vector["note"]


@pytest.mark.parametrize("vkey", FOREIGN["vkeys"]["good"])
def test_published_verifier_keys(vkey: str) -> None:
    assert parse_vkey(vkey).to_text() == vkey


@pytest.mark.parametrize("vkey", [*FOREIGN["vkeys"]["bad"], "", "+", "a++", "a+00000000+AA=="])
def test_bad_verifier_keys(vkey: str) -> None:
    with pytest.raises(MalformedNote):
        parse_vkey(vkey)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\nb", "a\x01b", "\ud800", "x" * 256]
)
def test_what_cannot_be_a_name(name: str) -> None:
    with pytest.raises(MalformedNote):
        check_name(name)


def test_the_last_blank_line_separates() -> None:
    assert open_note(GOOD, KNOWN).text == TEXT


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no blank line\n",
        TEXT.encode(),
        GOOD[:-1],
        GOOD + b"\n",
        GOOD + b"trailing\n",
        GOOD.replace(b"one", b"o\re"),
        GOOD.replace(b"one", b"o\te"),
        GOOD.replace(b"one", b"o\x00e"),
        GOOD.replace(b"one", b"\xff\xfe"),
        GOOD.replace("— ".encode(), b"- "),
        GOOD.replace("— ".encode(), "—".encode()),
        GOOD.replace(b"=\n", b"\n"),
        GOOD.replace(b"=\n", b"= \n"),
        format_note(TEXT, [NoteSignature(name="x", key_id=b"1234", signature=b"")]),
        format_note(TEXT, [NoteSignature(name="x", key_id=b"12", signature=b"")]),
        TEXT.encode() + b"\n" + LINE.encode() * 101,
        b"x" * 1_000_000 + GOOD,
    ],
)
def test_what_is_not_a_note(data: bytes) -> None:
    with pytest.raises(MalformedNote):
        open_note(data, KNOWN)


def test_base64_has_one_spelling() -> None:
    """The unused bits of the last letter would let one signature be written in four ways."""
    end = GOOD[:-2].decode()
    assert end.endswith("=") is False
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    neighbour = letters[letters.index(end[-1]) ^ 1]
    with pytest.raises(MalformedNote, match="canonical"):
        open_note(f"{end[:-1]}{neighbour}=\n".encode(), KNOWN)


def test_a_hundred_signatures_are_read_and_all_of_the_known_key_are_verified() -> None:
    opened = open_note(TEXT.encode() + b"\n" + LINE.encode() * 100, KNOWN)
    assert len(opened.verified) == 100


def test_unknown_keys_are_ignored_even_with_a_known_name_or_id() -> None:
    same_name = NoteSignature(name=tlog.ORIGIN, key_id=b"\0\0\0\0", signature=b"nonsense")
    same_id = NoteSignature(name="other", key_id=tlog.LOG.key.key_id, signature=b"nonsense")
    data = GOOD + same_name.to_line().encode() + same_id.to_line().encode()
    assert len(open_note(data, KNOWN).verified) == 1


def test_a_known_key_that_fails_sinks_the_note_though_another_holds() -> None:
    bad = NoteSignature(name=tlog.ORIGIN, key_id=tlog.LOG.key.key_id, signature=bytes(64))
    for data in (GOOD + bad.to_line().encode(), format_note(TEXT, [bad]) + LINE.encode()):
        with pytest.raises(NoteRefused, match="does not hold"):
            open_note(data, KNOWN)


@pytest.mark.parametrize("known", [[], verifiers([tlog.STRANGER.key])])
def test_nothing_verified_is_never_success(known: list[CheckpointVerifier]) -> None:
    with pytest.raises(NoteRefused, match="no known key"):
        open_note(GOOD, known)


def test_a_note_without_signatures_is_none() -> None:
    with pytest.raises(MalformedNote):
        format_note(TEXT, [])
    with pytest.raises(MalformedNote):
        open_note(TEXT.encode() + b"\n", KNOWN)


def collide(key: VerifierKey, other: VerifierKey) -> VerifierKey:
    """Give `other` the name and key ID of `key`, as who searches long enough finds it."""
    object.__setattr__(other, "name", key.name)
    object.__setattr__(other, "key_id", key.key_id)
    return other


def test_two_known_keys_that_collide_are_refused_in_either_order() -> None:
    twin = collide(
        tlog.LOG.key,
        VerifierKey("twin", SignatureType.ED25519, tlog.STRANGER.signer.public_key),  # type: ignore[arg-type]  # Ed25519
    )
    for keys in ([tlog.LOG.key, twin], [twin, tlog.LOG.key]):
        with pytest.raises(NoteRefused, match="share one key ID"):
            open_note(GOOD, verifiers(keys))
    assert open_note(GOOD, verifiers([tlog.LOG.key, tlog.LOG.key])).text == TEXT


def test_a_stranger_who_collides_with_a_known_key_gets_a_failure_and_nothing_else() -> None:
    forged = tlog.STRANGER.signer.sign(TEXT.encode())
    line = NoteSignature(name=tlog.ORIGIN, key_id=tlog.LOG.key.key_id, signature=forged)
    with pytest.raises(NoteRefused, match="does not hold"):
        open_note(format_note(TEXT, [line]), KNOWN)


def test_the_same_key_for_two_uses_has_two_ids() -> None:
    raw = tlog.LOG.key.public_key.raw
    assert note_key_id("a", 1, raw) != note_key_id("a", 4, raw) != note_key_id("b", 4, raw)
    assert b64encode(note_key_id("a", 1, raw))
