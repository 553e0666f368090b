"""DSSE: only our narrow form, and a signature that covers type and payload."""

import json
from dataclasses import replace
from typing import Any

import pytest

from crypto import canonical, envelope
from crypto.digest import b64encode
from crypto.errors import BadSignature, MalformedEnvelope
from tests.support import logs

SIGNED = envelope.sign(b'{"a":1}', envelope.EVIDENCE_TYPE, logs.GIVER)


def test_what_is_signed_comes_back_and_verifies() -> None:
    again = envelope.parse(SIGNED.to_bytes())
    assert again == SIGNED
    envelope.verify(again, logs.GIVER.public_key)


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": b'{"a":2}'},
        {"payload": b""},
        {"payload_type": "text/plain"},
        {"signature": bytes(64)},
        {"key_id": logs.TAKER.key_id},
    ],
    ids=str,
)
def test_anything_changed_does_not_verify(changes: dict[str, Any]) -> None:
    with pytest.raises(BadSignature):
        envelope.verify(replace(SIGNED, **changes), logs.GIVER.public_key)


def test_another_key_does_not_verify_even_under_the_same_name() -> None:
    with pytest.raises(BadSignature):
        envelope.verify(SIGNED, logs.TAKER.public_key)
    with pytest.raises(BadSignature):
        envelope.verify(replace(SIGNED, key_id=logs.TAKER.key_id), logs.TAKER.public_key)


def test_bytes_cannot_move_between_type_and_payload() -> None:
    assert envelope.pre_authentication("ab", b"c") != envelope.pre_authentication("a", b"bc")
    assert envelope.pre_authentication("a", b"1 b") != envelope.pre_authentication("a 1", b"b")


SIG = {"keyid": logs.GIVER.key_id, "sig": b64encode(SIGNED.signature)}


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": "e30"},
        {"payload": "e3=="},
        {"payload": 5},
        {"payloadType": None},
        {"payloadType": "é"},
        {"signatures": []},
        {"signatures": [SIG, SIG]},
        {"signatures": SIG},
        {"signatures": [{**SIG, "alg": "none"}]},
        {"signatures": [{"sig": SIG["sig"]}]},
        {"signatures": [{**SIG, "keyid": "0" * 15}]},
        {"signatures": [{**SIG, "keyid": "G" * 16}]},
        {"signatures": [{**SIG, "keyid": 1}]},
        {"signatures": [{**SIG, "sig": b64encode(bytes(63))}]},
        {"signatures": [{**SIG, "sig": ""}]},
        {"signatures": ["x"]},
        {"extra": 1},
    ],
    ids=json.dumps,
)
def test_any_other_form_is_refused(changes: dict[str, Any]) -> None:
    value = json.loads(SIGNED.to_bytes()) | changes
    with pytest.raises(MalformedEnvelope):
        envelope.parse(canonical.encode(value))


@pytest.mark.parametrize(
    "untrusted", [b"", b"[]", b"{}", b" " + SIGNED.to_bytes(), SIGNED.to_bytes() + b"\n", b"x" * 50_000]
)
def test_bytes_that_are_no_envelope_are_refused(untrusted: bytes) -> None:
    with pytest.raises(MalformedEnvelope):
        envelope.parse(untrusted)
