"""Requests and answers as numbered texts for QR codes: read back whole, or refused with what is missing."""

import base64
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import MalformedNote
from audit.parts import MAX_PART_CHARACTERS, is_parts, join_parts, read_carried, split_parts
from tests.support import tlog
from tests.support.witnesses import request

BOTH = tlog.note(300, signers=(tlog.LOG, tlog.LOG_PQ))
LARGE = request(0, 7) + BOTH
ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%*+-./:")


def scanned(parts: tuple[str, ...] | list[str]) -> bytes:
    return "".join(f"{part}\r\n" for part in parts).encode()


@given(body=st.binary(max_size=3_000))
def test_what_was_split_is_read_back(body: bytes) -> None:
    assert join_parts(scanned(split_parts(body))) == body


def test_a_request_with_both_signatures_takes_several_codes_of_one_size() -> None:
    parts = split_parts(LARGE)
    assert 4 <= len(parts) <= 9
    assert all(set(part) <= ALPHANUMERIC and len(part) <= MAX_PART_CHARACTERS for part in parts)
    assert max(map(len, parts)) - min(map(len, parts[:-1])) == 0
    assert parts == split_parts(LARGE)


def test_an_answer_takes_one_code() -> None:
    assert len(split_parts(tlog.W1.sign(tlog.head(7), time=tlog.NOW).to_line().encode())) == 1


def test_order_and_repetition_do_not_matter() -> None:
    parts = [*split_parts(LARGE), *split_parts(LARGE)]
    random.Random(7).shuffle(parts)  # noqa: S311
    assert join_parts(scanned(parts).lower()) == LARGE
    assert is_parts(scanned(parts).lower())


def test_what_is_missing_is_named() -> None:
    parts = list(split_parts(LARGE))
    with pytest.raises(MalformedNote, match="missing: 2, 3"):
        join_parts(scanned([parts[0], *parts[3:]]))


def test_codes_of_two_sheets_are_not_mixed() -> None:
    with pytest.raises(MalformedNote, match="more than one request"):
        join_parts(scanned([*split_parts(LARGE), *split_parts(b"another")]))


def test_a_code_that_changed_is_refused() -> None:
    parts = list(split_parts(LARGE))
    letter = "A" if parts[1][-1] != "A" else "B"
    parts[1] = parts[1][:-1] + letter
    with pytest.raises(MalformedNote, match=r"scan them again|more, or less"):
        join_parts(scanned(parts))


def test_a_small_code_that_unfolds_without_end_is_refused() -> None:
    data = base64.b32encode(zlib.compress(bytes(50_000_000), 9)).decode().rstrip("=")
    with pytest.raises(MalformedNote, match="more, or less"):
        join_parts(f"KT1W1/1/1/{'A' * 24}/{data}\n".encode())


@pytest.mark.parametrize("text", ["", "KT1W1/1/1/A/B", "KT1W1/0/1/" + "A" * 24 + "/AA", "hello"])
def test_what_is_no_code(text: str) -> None:
    with pytest.raises(MalformedNote):
        join_parts(text.encode())


def test_a_file_holds_the_body_or_its_codes() -> None:
    assert read_carried(LARGE) == LARGE
    assert read_carried(scanned(split_parts(LARGE))) == LARGE
