"""DER has one spelling for everything; the reader knows no other."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import der
from crypto.errors import MalformedEncoding


def element(tag: int, value: bytes) -> bytes:
    size = len(value)
    spelled = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | len(spelled)]) + spelled) + value


@given(st.integers(-(2**200), 2**200))
def test_an_integer_has_its_shortest_form_only(number: int) -> None:
    size = next(n for n in range(1, 40) if -(1 << 8 * n - 1) <= number < 1 << 8 * n - 1)
    value = number.to_bytes(size, "big", signed=True)
    assert der.parse(element(der.INTEGER, value)).integer() == number
    longer = number.to_bytes(size + 1, "big", signed=True)
    with pytest.raises(MalformedEncoding):
        der.parse(element(der.INTEGER, longer)).integer()


@pytest.mark.parametrize(
    ("value", "name"),
    [("2a864886f70d010702", "1.2.840.113549.1.7.2"), ("550403", "2.5.4.3"), ("883703", "2.999.3")],
)
def test_object_identifiers(value: str, name: str) -> None:
    assert der.parse(element(der.OID, bytes.fromhex(value))).oid() == name


@pytest.mark.parametrize("value", ["", "80", "2a80", "2a8048"])
def test_an_object_identifier_that_is_none(value: str) -> None:
    with pytest.raises(MalformedEncoding):
        der.parse(element(der.OID, bytes.fromhex(value))).oid()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (b"20261122074306Z", datetime(2026, 11, 22, 7, 43, 6, tzinfo=UTC)),
        (b"20261122074306.5Z", datetime(2026, 11, 22, 7, 43, 6, 500_000, tzinfo=UTC)),
    ],
)
def test_times(text: bytes, at: datetime) -> None:
    assert der.parse(element(der.TIME, text)).time() == at


@pytest.mark.parametrize(
    "text", [b"", b"20261122074306", b"20261122074306.50Z", b"20261122074306+0700", b"20261322074306Z"]
)
def test_a_time_that_is_none(text: bytes) -> None:
    with pytest.raises(MalformedEncoding):
        der.parse(element(der.TIME, text)).time()


@pytest.mark.parametrize(
    "data",
    ["", "30", "3080", "308100", "30810102", "30820001ff", "3001", "300000", "1f0100", "30850000000001ff"],
)
def test_a_form_that_is_not_der(data: str) -> None:
    with pytest.raises(MalformedEncoding):
        der.parse(bytes.fromhex(data))


@given(st.binary(max_size=40))
def test_nothing_but_our_refusal_ever_leaves(data: bytes) -> None:
    try:
        found = der.parse(data)
    except MalformedEncoding:
        return
    assert found.raw == data


def test_a_part_must_bear_its_tag() -> None:
    found = der.parse(element(der.SEQUENCE, element(der.INTEGER, b"\x01")))
    assert found.only(der.SEQUENCE).integer() == 1
    for refuse in (lambda: found.parts(der.SET), lambda: found.only(der.SEQUENCE).oid(), found.integer):
        with pytest.raises(MalformedEncoding):
            refuse()
