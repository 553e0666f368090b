"""One form only: what we write is RFC 8785, and what differs from it by a byte is refused."""

import json
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from crypto import canonical
from crypto.errors import NotCanonical

TEXTS = st.text().filter(lambda text: unicodedata.is_normalized("NFC", text))
INTEGERS = st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@given(VALUES)
def test_the_oracle_agrees_and_the_value_comes_back(value: Any) -> None:
    written = canonical.encode(value)
    assert written == rfc8785.dumps(value)
    assert canonical.parse(written) == value


@given(VALUES, st.data())
def test_any_other_spelling_is_refused(value: Any, data: st.DataObject) -> None:
    indent = data.draw(st.sampled_from([None, 1]))
    other = json.dumps(value, indent=indent, ensure_ascii=data.draw(st.booleans()))
    if other.encode() != canonical.encode(value):
        with pytest.raises(NotCanonical):
            canonical.parse(other.encode())


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        {"é": 1},
        {1: 2},
        {None: 1},
        ("a",),
        {"a"},
        b"a",
        object(),
        "e\u0301",
        ["\ud800"],
        {"\ud800": 1},
        {"a": {"b": [1.5]}},
    ],
    # An address in an id would differ from one test process to the next.
    ids=lambda value: repr(value).partition(" at 0x")[0],
)
def test_what_has_no_canonical_form_is_not_written(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical.encode(value)


@pytest.mark.parametrize(
    "untrusted",
    [
        b"",
        b" 1",
        b"1 ",
        b"1\n",
        b"\xef\xbb\xbf1",
        b"01",
        b"-0",
        b"1.0",
        b"1e3",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b"-9007199254740992",
        b"9" * 5000,
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1',
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u001F"',
        b'"\xff"',
        b'"\\ud800"',
        '"e\u0301"'.encode(),
        '{"é":1}'.encode(),
        b"[" * 100_000,
        b"1,2",
        b"'a'",
    ],
    ids=lambda raw: repr(raw[:16]),
)
def test_bytes_in_any_other_form_are_refused(untrusted: bytes) -> None:
    with pytest.raises(NotCanonical):
        canonical.parse(untrusted)


def test_a_duplicate_key_is_named() -> None:
    with pytest.raises(NotCanonical, match="duplicate key 'seq'"):
        canonical.parse(b'{"lines":[{"seq":1,"seq":2}]}')


def test_a_combining_mark_behind_a_control_character_is_nfc() -> None:
    r"""Only the encoded text, where a newline is written as `\\n`, looks as if n and tilde should be one."""
    assert canonical.parse(canonical.encode("\n\u0303")) == "\n\u0303"


def test_nesting_has_an_end() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonical, match="deep"):
        canonical.encode(value)
