"""Ed25519 keys: wrong message, wrong signature, wrong length, wrong type, worthless key."""

import pickle

import pytest

from crypto.errors import BadSignature, MalformedKey
from crypto.keys import _SMALL_ORDER, PublicKey, SigningKey, generate_signing_key

KEY = SigningKey.from_seed(bytes(range(32)))
MESSAGE = b"kt1"
SIGNATURE = KEY.sign(MESSAGE)


def test_a_signature_verifies() -> None:
    KEY.public_key.verify(SIGNATURE, MESSAGE)


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        (SIGNATURE, b"kt2"),
        (SIGNATURE, b""),
        (bytes(64), MESSAGE),
        (SIGNATURE[:-1], MESSAGE),
        (SIGNATURE + b"\x00", MESSAGE),
        (b"", MESSAGE),
        (SIGNATURE[:32] + bytes(31) + b"\xff", MESSAGE),
    ],
)
def test_a_wrong_signature_does_not(signature: bytes, message: bytes) -> None:
    with pytest.raises(BadSignature):
        KEY.public_key.verify(signature, message)


def test_another_key_does_not_verify() -> None:
    with pytest.raises(BadSignature):
        generate_signing_key().public_key.verify(SIGNATURE, MESSAGE)


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33), "a" * 32, None, bytearray(KEY.public_key.raw)])
def test_what_is_no_public_key_is_refused(raw: object) -> None:
    with pytest.raises(MalformedKey):
        PublicKey(raw)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("text", ["", "AAAA", KEY.public_key.to_text() + "=", KEY.public_key.raw.hex(), "é"])
def test_a_public_key_has_one_spelling(text: str) -> None:
    with pytest.raises(MalformedKey):
        PublicKey.from_text(text)
    assert PublicKey.from_text(KEY.public_key.to_text()) == KEY.public_key


P = 2**255 - 19


def _order_divides_eight(encoded: bytes) -> bool:
    """Double the point three times, in RFC 8032's arithmetic, and see whether nothing is left."""
    d = -121665 * pow(121666, P - 2, P) % P
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, (number & (2**255 - 1)) % P
    square = (y * y - 1) * pow(d * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square, "not a point"
    x = -x % P if x % 2 != sign else x
    for _ in range(3):
        product = d * x * x * y * y
        x, y = (
            2 * x * y * pow(1 + product, P - 2, P) % P,
            (y * y + x * x) * pow(1 - product, P - 2, P) % P,
        )
    return (x, y) == (0, 1)


@pytest.mark.parametrize("raw", sorted(_SMALL_ORDER), ids=bytes.hex)
def test_a_key_under_which_anything_verifies_is_refused(raw: bytes) -> None:
    assert _order_divides_eight(raw)
    with pytest.raises(MalformedKey, match="small order"):
        PublicKey(raw)


def test_an_ordinary_key_is_not_of_small_order() -> None:
    assert not _order_divides_eight(KEY.public_key.raw)


def test_the_name_is_derived_from_the_key() -> None:
    assert KEY.public_key.key_id != generate_signing_key().public_key.key_id
    assert PublicKey(KEY.public_key.raw).key_id == KEY.public_key.key_id
    assert len(KEY.public_key.key_id) == 16


def test_a_public_key_travels_between_processes() -> None:
    assert pickle.loads(pickle.dumps(KEY.public_key)) == KEY.public_key  # noqa: S301  # our own bytes


def test_a_signing_key_does_not_show_itself() -> None:
    assert repr(KEY) == f"SigningKey({KEY.public_key.key_id})"


def test_a_seed_has_32_bytes() -> None:
    with pytest.raises(MalformedKey):
        SigningKey.from_seed(bytes(31))
