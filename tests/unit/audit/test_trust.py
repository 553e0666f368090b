"""A trust file is read strictly, because everything else hangs on it."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit.errors import MalformedTrust
from audit.trust import CheckpointKey, RevokedDevice, Trust, TrustedKey
from audit.trust_file import format_trust, load_trust, parse_trust, parse_witnesses
from audit.vkey import SignatureType, VerifierKey
from crypto import canonical
from tests.house.tree import ROOT
from tests.support import logs, tlog

VECTORS = json.loads((ROOT / "tests/vectors/kt1.json").read_text(encoding="utf-8"))
SPARE = logs.signer("checkpoints").public_key
POLICY = b"".join(f"witness w{n} {item.key.to_text()}\n".encode() for n, item in enumerate(tlog.WITNESSES))
TRUST = Trust(
    origin=logs.ORIGIN,
    log_keys=(
        TrustedKey(public_key=logs.LOG.public_key, first=0, until=10),
        TrustedKey(public_key=logs.GIVER.public_key, first=10, until=None),
    ),
    checkpoint_keys=(
        CheckpointKey(key=VerifierKey(logs.ORIGIN, SignatureType.ED25519, SPARE), last=700),
        CheckpointKey(key=tlog.LOG_PQ.key, first=500),
    ),
    witnesses=parse_witnesses(POLICY + b"group g 2 w0 w1 w2\nquorum g\n"),
    revoked_devices=(RevokedDevice(key_id=logs.TAKER.key_id, until=4),),
)
VALUE: dict[str, Any] = json.loads(format_trust(TRUST))
KEY = VALUE["log_keys"][0]
CHECKPOINT_KEY = VALUE["checkpoint_keys"][0]
REVOKED = VALUE["revoked_devices"][0]
TWICE = VerifierKey("w.test", SignatureType.ED25519_COSIGNATURE, logs.LOG.public_key).to_text()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert parse_trust(format_trust(TRUST)) == TRUST
    assert load_trust(logs.write(tmp_path / "trust.json", format_trust(TRUST) + b"\n")) == TRUST


def test_the_trust_file_of_our_pages_reads_back_byte_for_byte() -> None:
    assert format_trust(parse_trust(VECTORS["trust_2"].encode())) == VECTORS["trust_2"].encode()


def test_version_1_is_still_read_and_trusts_no_checkpoint() -> None:
    old = parse_trust(VECTORS["trust"].encode())
    assert [key.public_key.key_id for key in old.log_keys] == ["6bf31a9b1875210c"]
    assert old.policy_at(1).logs == ()
    with pytest.raises(MalformedTrust):
        parse_trust(canonical.encode(json.loads(VECTORS["trust"]) | {"checkpoint_keys": []}))


def test_keys_of_entries_count_for_their_ranges() -> None:
    assert TRUST.find_key(logs.LOG.key_id, 9) == logs.LOG.public_key
    assert TRUST.find_key(logs.LOG.key_id, 10) is None
    assert TRUST.find_key(logs.GIVER.key_id, 9) is None
    assert TRUST.find_key(logs.GIVER.key_id, 10) == logs.GIVER.public_key
    assert TRUST.find_key(logs.STRANGER.key_id, 0) is None


@pytest.mark.parametrize(
    ("size", "types"),
    [
        (0, {SignatureType.ED25519}),
        (499, {SignatureType.ED25519}),
        (500, {SignatureType.ED25519, SignatureType.ML_DSA_44}),
        (700, {SignatureType.ED25519, SignatureType.ML_DSA_44}),
        (701, {SignatureType.ML_DSA_44}),
    ],
)
def test_keys_of_checkpoints_count_for_their_sizes(size: int, types: set[SignatureType]) -> None:
    assert TRUST.types_at(size) == types
    assert {key.type for key in TRUST.policy_at(size).log_keys} == types
    assert len(TRUST.policy_at(size).witnesses) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "kt1/trust/3"},
        {"format": "kt1/trust/1"},
        {"origin": ""},
        {"origin": 1},
        {"origin": "elsewhere"},
        {"log_keys": []},
        {"log_keys": {}},
        {"log_keys": [1]},
        {"log_keys": [KEY, KEY]},
        {"log_keys": [{}]},
        {"log_keys": [KEY | {"key_id": "0" * 16}]},
        {"log_keys": [KEY | {"public_key": "AAAA"}]},
        {"log_keys": [KEY | {"public_key": None}]},
        {"log_keys": [KEY | {"from": -1}]},
        {"log_keys": [KEY | {"from": True}]},
        {"log_keys": [KEY | {"from": 10}]},
        {"checkpoint_keys": {}},
        {"checkpoint_keys": [CHECKPOINT_KEY, CHECKPOINT_KEY]},
        {"checkpoint_keys": [CHECKPOINT_KEY | {"first": 701}]},
        {"checkpoint_keys": [CHECKPOINT_KEY | {"last": -1}]},
        {"checkpoint_keys": [CHECKPOINT_KEY | {"vkey": ""}]},
        {"checkpoint_keys": [CHECKPOINT_KEY | {"vkey": tlog.W1.key.to_text()}]},
        {"checkpoint_keys": [CHECKPOINT_KEY | {"vkey": tlog.LOG.key.to_text()}]},
        {"witnesses": None},
        {"witnesses": ""},
        {"witnesses": "quorum g\n"},
        {"witnesses": f"log {tlog.STRANGER_LOG.key.to_text()}\nquorum none\n"},
        {"witnesses": f"witness w {TWICE}\nquorum w\n"},
        {"time_authorities": ["AAAA"]},
        {"time_authorities": ["%"]},
        {"time_authorities": [1]},
        {"revoked_devices": [REVOKED, REVOKED]},
        {"revoked_devices": [REVOKED | {"until": None}]},
        {"revoked_devices": [REVOKED | {"key_id": "A" * 16}]},
        {"note": ""},
    ],
    ids=lambda changes: sha256(json.dumps(changes).encode()).hexdigest()[:8],
)
def test_any_other_form_is_refused(changes: dict[str, canonical.JsonValue]) -> None:
    with pytest.raises(MalformedTrust):
        parse_trust(canonical.encode(VALUE | changes))


def test_duplicate_keys_are_refused() -> None:
    data = format_trust(TRUST)
    with pytest.raises(MalformedTrust):
        parse_trust(data.replace(b'"origin":', b'"origin":"kt1.test/24","origin":', 1))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b" " * 1_000_001])
def test_what_is_no_trust_file_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedTrust):
        parse_trust(data)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedTrust, match="cannot read"):
        load_trust(tmp_path / "none")
