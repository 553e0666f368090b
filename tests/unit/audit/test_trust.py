"""A trust file is read strictly, because everything else hangs on it."""

import json
from pathlib import Path

import pytest

from audit.errors import MalformedTrust
from audit.trust import TrustedKey, load_trust, parse_trust
from crypto import canonical
from tests.support import logs

TRUST = logs.trust(
    TrustedKey(public_key=logs.LOG.public_key, first=0, until=10),
    TrustedKey(public_key=logs.GIVER.public_key, first=10, until=None),
)
KEY = json.loads(TRUST.to_bytes())["log_keys"][0]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert parse_trust(TRUST.to_bytes()) == TRUST
    assert load_trust(logs.write(tmp_path / "trust.json", TRUST.to_bytes() + b"\n")) == TRUST


def test_keys_count_for_their_ranges() -> None:
    assert TRUST.find_key(logs.LOG.key_id, 9) == logs.LOG.public_key
    assert TRUST.find_key(logs.LOG.key_id, 10) is None
    assert TRUST.find_key(logs.GIVER.key_id, 9) is None
    assert TRUST.find_key(logs.GIVER.key_id, 10) == logs.GIVER.public_key
    assert TRUST.find_key(logs.STRANGER.key_id, 0) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "kt1/trust/2"},
        {"origin": ""},
        {"origin": 1},
        {"log_keys": []},
        {"log_keys": {}},
        {"log_keys": [KEY, KEY]},
        {"log_keys": [{}]},
        {"log_keys": [KEY | {"key_id": "0" * 16}]},
        {"log_keys": [KEY | {"public_key": "AAAA"}]},
        {"log_keys": [KEY | {"public_key": None}]},
        {"log_keys": [KEY | {"from": -1}]},
        {"log_keys": [KEY | {"from": True}]},
        {"log_keys": [KEY | {"from": 10}]},
        {"note": ""},
    ],
    ids=json.dumps,
)
def test_any_other_form_is_refused(changes: dict[str, canonical.JsonValue]) -> None:
    with pytest.raises(MalformedTrust):
        parse_trust(canonical.encode(json.loads(TRUST.to_bytes()) | changes))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b" " * 1_000_001])
def test_what_is_no_trust_file_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedTrust):
        parse_trust(data)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedTrust, match="cannot read"):
        load_trust(tmp_path / "none")
