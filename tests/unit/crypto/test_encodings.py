"""Timestamps, digests and base64 have one spelling each."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.digest import b64decode, b64encode, leaf_hash, parse_hex_digest, sha256, sha256_hex
from crypto.errors import MalformedEncoding
from crypto.timestamps import format_at, parse_at


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_cut_to_milliseconds_and_comes_back(moment_at: datetime) -> None:
    text = format_at(moment_at)
    assert len(text) == 24
    assert timedelta(0) <= moment_at - parse_at(text) < timedelta(milliseconds=1)


def test_another_zone_is_written_in_utc() -> None:
    hanoi = timezone(timedelta(hours=7))
    assert format_at(datetime(2026, 11, 22, 14, 43, 6, 123999, tzinfo=hanoi)) == "2026-11-22T07:43:06.123Z"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(MalformedEncoding):
        format_at(datetime(2026, 11, 22))  # noqa: DTZ001  # the point of the test


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "2026-11-22T07:43:06Z",
        "2026-11-22T07:43:06.123",
        "2026-11-22T07:43:06.123+00:00",
        "2026-11-22T07:43:06,123Z",
        "2026-11-22 07:43:06.123Z",
        "2026-W47-7T07:43:06.123Z",
        "2026-02-30T07:43:06.123Z",
        "2026-11-22T24:00:00.000Z",
        "2026-11-22T07:43:60.000Z",
        "2026-11-22T07:43:06.123z",
        "2026-11-22T07:43:06.123Z\n",
        "٢٠٢٦-11-22T07:43:06.123Z",
    ],
)
def test_every_other_spelling_of_a_moment_is_refused(text: str) -> None:
    with pytest.raises(MalformedEncoding):
        parse_at(text)


@given(st.binary(max_size=80))
def test_base64_comes_back(data: bytes) -> None:
    assert b64decode(b64encode(data)) == data


@pytest.mark.parametrize(
    "text", ["QQ", "QR==", "QQ==\n", " QQ==", "Q Q==", "QQ===", "QQ==QQ==", "Q-==", "é===", "=QQ="]
)
def test_every_other_spelling_of_base64_is_refused(text: str) -> None:
    with pytest.raises(MalformedEncoding):
        b64decode(text)


def test_leaf_hash_is_separated_from_plain_hashes() -> None:
    assert leaf_hash(b"") == sha256(b"\x00") != sha256(b"")
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@pytest.mark.parametrize("text", ["", "AB" * 32, "0" * 63, "0" * 65, "g" * 64, "0" * 63 + "\n"])
def test_a_digest_has_one_spelling(text: str) -> None:
    with pytest.raises(MalformedEncoding):
        parse_hex_digest(text)
    assert parse_hex_digest(sha256_hex(b"")) == sha256(b"")
