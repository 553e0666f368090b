"""The trust file: whose signatures count for which log, and for which of its entries.

It reaches the auditor by another way than the log. A key counts for a range of entries, never of time,
because whoever stole a key can also set a clock. An empty list of keys trusts nobody and must never verify
anything. Format: docs/formats/trust.md.
"""

from dataclasses import dataclass
from pathlib import Path

from audit.errors import MalformedTrust
from crypto import canonical
from crypto.canonical import JsonValue
from crypto.errors import CryptoError
from crypto.keys import PublicKey

FORMAT = "kt1/trust/1"
MAX_TRUST_BYTES = 1_000_000
_NAMES = {"format", "origin", "log_keys"}
_KEY_NAMES = {"key_id", "public_key", "from", "until"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """A log key that counts for the entries `first <= index < until` (until None: still in use)."""

    public_key: PublicKey
    first: int
    until: int | None

    def covers(self, index: int) -> bool:
        """Say whether the key counts for the entry at `index`."""
        return self.first <= index and (self.until is None or index < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Which log, and its keys."""

    origin: str
    log_keys: tuple[TrustedKey, ...]

    def find_key(self, key_id: str, index: int) -> PublicKey | None:
        """Return the key of this name if it counts for the entry at `index`."""
        for key in self.log_keys:
            if key.public_key.key_id == key_id:
                return key.public_key if key.covers(index) else None
        return None

    def to_bytes(self) -> bytes:
        """Return the trust file's canonical bytes."""
        keys: list[JsonValue] = [
            {
                "key_id": key.public_key.key_id,
                "public_key": key.public_key.to_text(),
                "from": key.first,
                "until": key.until,
            }
            for key in self.log_keys
        ]
        return canonical.encode({"format": FORMAT, "origin": self.origin, "log_keys": keys})


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
    if not isinstance(value, dict) or value.keys() != _NAMES or value["format"] != FORMAT:
        raise MalformedTrust("not the fields of a trust file")
    origin, untrusted_keys = value["origin"], value["log_keys"]
    if not isinstance(origin, str) or not origin:
        raise MalformedTrust("origin names the log")
    if not isinstance(untrusted_keys, list) or not untrusted_keys:
        raise MalformedTrust("log_keys names at least one key")
    keys = tuple(_parse_key(item) for item in untrusted_keys)
    if len({key.public_key for key in keys}) != len(keys):
        raise MalformedTrust("a key is named twice")
    return Trust(origin=origin, log_keys=keys)


def _parse_key(untrusted: JsonValue) -> TrustedKey:
    if not isinstance(untrusted, dict) or untrusted.keys() != _KEY_NAMES:
        raise MalformedTrust("a log key has key_id, public_key, from and until")
    text = untrusted["public_key"]
    try:
        public_key = PublicKey.from_text(text if isinstance(text, str) else "")
    except CryptoError as error:
        raise MalformedTrust(str(error)) from None
    if public_key.key_id != untrusted["key_id"]:
        raise MalformedTrust("key_id is not the name of public_key")
    first = _parse_index(untrusted["from"])
    until = None if untrusted["until"] is None else _parse_index(untrusted["until"])
    if until is not None and until <= first:
        raise MalformedTrust("until lies behind from")
    return TrustedKey(public_key=public_key, first=first, until=until)


def _parse_index(untrusted: JsonValue) -> int:
    if not isinstance(untrusted, int) or isinstance(untrusted, bool) or untrusted < 0:
        raise MalformedTrust("from and until are indexes of entries")
    return untrusted
