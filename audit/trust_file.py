"""Reads and writes the trust file (`audit.trust` says what it means).

Version 2 is written; version 1, which knows only the keys of entries, is still read. It must never pass over
a field, a key named twice or a range that is none: everything else hangs on this file. Format:
docs/formats/trust.md.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from audit.errors import AuditError, MalformedPolicy, MalformedTrust
from audit.policy import Policy
from audit.policy_file import format_policy, parse_policy
from audit.trust import CheckpointKey, RevokedDevice, Trust, TrustedKey, Witnesses
from audit.vkey import LOG_TYPES, parse_vkey
from crypto import canonical
from crypto.canonical import JsonValue
from crypto.digest import b64decode, b64encode
from crypto.errors import CryptoError
from crypto.keys import PublicKey
from crypto.time_token import TimeCertificates

FORMAT, FORMAT_1 = "kt1/trust/2", "kt1/trust/1"
MAX_TRUST_BYTES = 1_000_000
_NAMES_1 = {"format", "log_keys", "origin"}
_NAMES = {*_NAMES_1, "checkpoint_keys", "revoked_devices", "time_authorities", "witnesses"}
_KEY_NAMES = {"key_id", "public_key", "from", "until"}
_CHECKPOINT_NAMES = {"vkey", "first", "last"}
_REVOKED_NAMES = {"key_id", "until"}
_KEY_ID = re.compile(r"[0-9a-f]{16}")
_T = TypeVar("_T")


def format_trust(trust: Trust) -> bytes:
    """Return the trust file's canonical bytes; raises MalformedTrust for what would not be read back."""
    log_keys: list[JsonValue] = [
        {
            "key_id": key.public_key.key_id,
            "public_key": key.public_key.to_text(),
            "from": key.first,
            "until": key.until,
        }
        for key in trust.log_keys
    ]
    data = canonical.encode(
        {
            "format": FORMAT,
            "origin": trust.origin,
            "log_keys": log_keys,
            "checkpoint_keys": [
                {"vkey": item.key.to_text(), "first": item.first, "last": item.last}
                for item in trust.checkpoint_keys
            ],
            "witnesses": _format_witnesses(trust.witnesses),
            "time_authorities": [b64encode(item) for item in trust.time_authorities],
            "revoked_devices": [
                {"key_id": item.key_id, "until": item.until} for item in trust.revoked_devices
            ],
        }
    )
    if parse_trust(data) != trust:
        raise MalformedTrust("this cannot be written so that it reads back the same")
    return data


def load_trust(path: Path) -> Trust:
    """Read a trust file; raises MalformedTrust, also when it cannot be read."""
    try:
        with path.open("rb") as stream:
            untrusted = stream.read(MAX_TRUST_BYTES + 1)
    except OSError as error:
        raise MalformedTrust(f"cannot read {path}: {error.strerror}") from None
    # An editor's last newline changes nothing that counts here: a trust file is not signed.
    return parse_trust(untrusted.rstrip(b"\r\n"))


def parse_trust(untrusted: bytes) -> Trust:
    """Read a trust file's canonical bytes; raises MalformedTrust."""
    if len(untrusted) > MAX_TRUST_BYTES:
        raise MalformedTrust("a trust file is at most 1 MB")
    try:
        value = canonical.parse(untrusted)
    except CryptoError as error:
        raise MalformedTrust(str(error)) from None
    if not isinstance(value, dict) or value.get("format") not in {FORMAT, FORMAT_1}:
        raise MalformedTrust(f"not a trust file of the format {FORMAT}")
    if value.keys() != (_NAMES if value["format"] == FORMAT else _NAMES_1):
        raise MalformedTrust("not the fields of a trust file")
    origin = value["origin"]
    if not isinstance(origin, str) or not origin:
        raise MalformedTrust("origin names the log")
    keys = _list(value["log_keys"], "log_keys", _parse_key)
    if not keys:
        raise MalformedTrust("log_keys names at least one key")
    _check_once((key.public_key.raw for key in keys), "a key of entries")
    trust = Trust(origin=origin, log_keys=keys)
    return trust if value["format"] == FORMAT_1 else _parse_rest(trust, value)


def parse_witnesses(untrusted: bytes) -> Witnesses:
    """Read the witnesses, groups and quorum of a policy; its `log` lines are left to the trust file."""
    policy = parse_policy(untrusted)
    return Witnesses(witnesses=policy.witnesses, groups=policy.groups, quorum=policy.quorum)


def _parse_rest(trust: Trust, value: dict[str, JsonValue]) -> Trust:
    checkpoint_keys = _list(value["checkpoint_keys"], "checkpoint_keys", _parse_checkpoint_key)
    if any(item.key.name != trust.origin for item in checkpoint_keys):
        raise MalformedTrust("a checkpoint key bears the name of the log")
    witnesses = _parse_policy_text(value["witnesses"])
    # One key, one use: a log that could cosign for its witness would need no witness, and a key of entries
    # that signs checkpoints too would let one thief do both.
    used = [key.public_key.raw for key in trust.log_keys]
    used += [item.key.public_key.raw for item in checkpoint_keys]
    used += [item.key.public_key.raw for item in witnesses.witnesses]
    _check_once(used, "a key")
    ids = [(item.key.name, item.key.key_id) for item in checkpoint_keys]
    ids += [(item.key.name, item.key.key_id) for item in witnesses.witnesses]
    _check_once(ids, "a name with one key ID")
    revoked = _list(value["revoked_devices"], "revoked_devices", _parse_revoked)
    _check_once((item.key_id for item in revoked), "a revoked device")
    authorities = _list(value["time_authorities"], "time_authorities", _parse_certificate)
    _check_once(authorities, "a certificate")
    return Trust(
        origin=trust.origin,
        log_keys=trust.log_keys,
        checkpoint_keys=checkpoint_keys,
        witnesses=witnesses,
        time_authorities=authorities,
        revoked_devices=revoked,
    )


def _format_witnesses(witnesses: Witnesses) -> str:
    policy = Policy(logs=(), witnesses=witnesses.witnesses, groups=witnesses.groups, quorum=witnesses.quorum)
    return format_policy(policy).decode(errors="surrogateescape")


def _parse_policy_text(untrusted: JsonValue) -> Witnesses:
    if not isinstance(untrusted, str):
        raise MalformedTrust("witnesses is the text of a policy")
    try:
        policy = parse_policy(untrusted.encode())
    except MalformedPolicy as error:
        raise MalformedTrust(f"witnesses: {error}") from None
    if policy.logs:
        raise MalformedTrust("witnesses names no log: its keys stand in checkpoint_keys")
    return Witnesses(witnesses=policy.witnesses, groups=policy.groups, quorum=policy.quorum)


def _parse_key(untrusted: dict[str, JsonValue]) -> TrustedKey:
    _check_names(untrusted, _KEY_NAMES)
    text = untrusted["public_key"]
    try:
        public_key = PublicKey.from_text(text if isinstance(text, str) else "")
    except CryptoError as error:
        raise MalformedTrust(str(error)) from None
    if public_key.key_id != untrusted["key_id"]:
        raise MalformedTrust("key_id is not the name of public_key")
    first = _parse_number(untrusted["from"])
    until = None if untrusted["until"] is None else _parse_number(untrusted["until"])
    if until is not None and until <= first:
        raise MalformedTrust("until lies behind from")
    return TrustedKey(public_key=public_key, first=first, until=until)


def _parse_checkpoint_key(untrusted: dict[str, JsonValue]) -> CheckpointKey:
    _check_names(untrusted, _CHECKPOINT_NAMES)
    text = untrusted["vkey"]
    try:
        key = parse_vkey(text if isinstance(text, str) else "")
    except AuditError as error:
        raise MalformedTrust(f"vkey: {error}") from None
    if key.type not in LOG_TYPES:
        raise MalformedTrust("a log signs checkpoints with a key of type 0x01 or 0x06")
    first = _parse_number(untrusted["first"])
    last = None if untrusted["last"] is None else _parse_number(untrusted["last"])
    if last is not None and last < first:
        raise MalformedTrust("last does not lie before first")
    return CheckpointKey(key=key, first=first, last=last)


def _parse_revoked(untrusted: dict[str, JsonValue]) -> RevokedDevice:
    _check_names(untrusted, _REVOKED_NAMES)
    key_id = untrusted["key_id"]
    if not isinstance(key_id, str) or _KEY_ID.fullmatch(key_id) is None:
        raise MalformedTrust("key_id is 16 lower-case hexadecimal digits")
    return RevokedDevice(key_id=key_id, until=_parse_number(untrusted["until"]))


def _parse_certificate(untrusted: JsonValue) -> bytes:
    try:
        data = b64decode(untrusted if isinstance(untrusted, str) else "")
        TimeCertificates.parse((data,))
    except CryptoError as error:
        raise MalformedTrust(f"time_authorities: {error}") from None
    return data


def _list(untrusted: JsonValue, name: str, parse: Callable[..., _T]) -> tuple[_T, ...]:
    if not isinstance(untrusted, list):
        raise MalformedTrust(f"{name} is a list")
    return tuple(parse(item) for item in untrusted)


def _check_names(untrusted: JsonValue, names: set[str]) -> None:
    if not isinstance(untrusted, dict) or untrusted.keys() != names:
        raise MalformedTrust(f"not an object with {', '.join(sorted(names))}")


def _check_once(found: Iterable[object], what: str) -> None:
    every = list(found)
    if len(set(every)) != len(every):
        raise MalformedTrust(f"{what} is named twice")


def _parse_number(untrusted: JsonValue) -> int:
    if not isinstance(untrusted, int) or isinstance(untrusted, bool) or untrusted < 0:
        raise MalformedTrust("a range is of indexes of entries, or of sizes of trees")
    return untrusted
