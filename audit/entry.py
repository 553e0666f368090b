"""One log entry: immutable canonical bytes, at most 65,535, that end in the log's signature.

Because `sig` sorts last, the signed bytes are the stored bytes without their last 98: nothing is ever written
again to verify. An entry must never hold a personal or classified value in the clear. Format:
docs/formats/entry.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import cast

from audit.errors import MalformedEntry
from audit.kinds import REQUIRED_EVIDENCE, EntryKind, find_missing_fact
from crypto import canonical, envelope, timestamps
from crypto.canonical import JsonValue
from crypto.digest import b64decode, b64encode, leaf_hash
from crypto.envelope import Envelope
from crypto.errors import CryptoError
from crypto.keys import SIGNATURE_LENGTH, PublicKey
from crypto.signer import Signer

FORMAT = "kt1/entry/1"
MAX_ENTRY_BYTES = 65_535
HASH_LENGTH = 32
FIRST_PREV = bytes(HASH_LENGTH)
# `,"sig":"` + 88 characters of base64 + `"}`
SUFFIX_LENGTH = 98
DOMAIN = b"kt1/entry/v1\n"
# A line refused with this code names no item of the log, so it belongs to no item's chain.
UNKNOWN_CODE = "unknown_code"

_HASH = re.compile(r"[0-9a-f]{64}")
_PREV = re.compile(rb',"prev":"([0-9a-f]{64})"')
_KEY_ID = re.compile(r"[0-9a-f]{16}")
_CODE = re.compile(r"[ -~]{1,64}")
_REFUSAL = re.compile(r"[a-z0-9_]{1,40}")
_LABEL = re.compile(r"[a-z0-9_.]{1,64}")
_NAMES = {"at", "commitments", "envelopes", "facts", "format", "index", "items", "key", "kind", "prev", "sig"}
_ITEM_NAMES = {"code", "outcome", "prev", "refusal"}


class Outcome(StrEnum):
    """What became of one item's line."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


# Reading a member of an enum costs more than most checks here, so the hot paths keep what they compare with.
_ACCEPTED = Outcome.ACCEPTED
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_KINDS = {kind.value: kind for kind in EntryKind}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One item in an entry; `refusal` is "" when accepted, `prev` the leaf hash of its last entry or ""."""

    code: str
    outcome: Outcome
    refusal: str = ""
    prev: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """What is to be logged, before index, time, links and signature are known. Facts are never personal."""

    kind: EntryKind
    facts: Mapping[str, JsonValue]
    items: tuple[ItemLine, ...] = ()
    commitments: Mapping[str, str] = field(default_factory=dict)
    envelopes: tuple[Envelope, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEntry:
    """A signed entry: its bytes, its leaf hash, and the codes of which it is now the last entry."""

    index: int
    data: bytes
    leaf: bytes
    chained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A parsed entry beside its bytes; nothing in it is verified yet."""

    index: int
    at: datetime
    kind: EntryKind
    key: str
    prev: bytes
    facts: dict[str, JsonValue]
    items: tuple[ItemLine, ...]
    commitments: dict[str, str]
    envelopes: tuple[Envelope, ...]
    signature: bytes
    data: bytes

    @property
    def leaf(self) -> bytes:
        """RFC 6962 leaf hash of the bytes as stored."""
        return leaf_hash(self.data)


def seal_entry(draft: EntryDraft, *, index: int, prev: bytes, at: datetime, signer: Signer) -> SealedEntry:
    """Write and sign an entry; raises MalformedEntry for a draft no verifier would accept."""
    missing = find_missing_fact(draft.kind, draft.facts)
    if missing is not None:
        raise MalformedEntry(f"{draft.kind} must state the fact {missing!r}")
    if draft.kind in REQUIRED_EVIDENCE and not draft.envelopes:
        raise MalformedEntry(f"{draft.kind} must carry the device's envelope")
    if len(prev) != HASH_LENGTH or index < 0:
        raise MalformedEntry("an entry needs its index and the 32 bytes of the leaf hash before it")
    value: dict[str, JsonValue] = {
        "at": timestamps.format_at(at),
        "commitments": dict(draft.commitments),
        "envelopes": [item.to_json() for item in draft.envelopes],
        "facts": dict(draft.facts),
        "format": FORMAT,
        "index": index,
        "items": [
            {"code": item.code, "outcome": item.outcome, "prev": item.prev, "refusal": item.refusal}
            for item in draft.items
        ],
        "key": signer.key_id,
        "kind": draft.kind,
        "prev": prev.hex(),
    }
    _check_labels(draft.commitments)
    for item in draft.items:
        _check_item(item)
    try:
        body = canonical.encode(value)
    except CryptoError as error:
        raise MalformedEntry(str(error)) from None
    signature = b64encode(signer.sign(DOMAIN + body))
    data = body[:-1] + b',"sig":"' + signature.encode() + b'"}'
    if len(data) > MAX_ENTRY_BYTES:
        raise MalformedEntry(f"an entry is at most {MAX_ENTRY_BYTES} bytes")
    return SealedEntry(index=index, data=data, leaf=leaf_hash(data))


def parse_entry(untrusted: bytes) -> Entry:
    """Read an entry's stored bytes strictly; raises MalformedEntry. Signatures and links stay unverified."""
    if len(untrusted) > MAX_ENTRY_BYTES:
        raise MalformedEntry(f"an entry is at most {MAX_ENTRY_BYTES} bytes")
    try:
        value = canonical.parse(untrusted)
        if not isinstance(value, dict) or value.keys() != _NAMES or value["format"] != FORMAT:
            raise MalformedEntry("not the fields of an entry")
        return _build(value, untrusted)
    except CryptoError as error:
        raise MalformedEntry(str(error)) from None


def verify_entry(entry: Entry, public_key: PublicKey) -> None:
    """Raise `crypto.errors.BadSignature` unless the log's signature covers the bytes as stored."""
    public_key.verify(entry.signature, DOMAIN + entry.data[:-SUFFIX_LENGTH] + b"}")


def read_prev(untrusted: bytes) -> bytes:
    """Return the `prev` of an entry by its place from the end, unparsed; raises MalformedEntry.

    For whoever holds entry against entry by the million; what else is in the bytes is not looked at.
    """
    found = _PREV.fullmatch(untrusted[-SUFFIX_LENGTH - 74 : -SUFFIX_LENGTH])
    if found is None:
        raise MalformedEntry("the entry does not end like one")
    return bytes.fromhex(found[1].decode())


def _build(value: dict[str, JsonValue], data: bytes) -> Entry:
    kind = _KINDS.get(_text(value["kind"], "kind"))
    index, facts, envelopes = value["index"], value["facts"], value["envelopes"]
    if kind is None:
        raise MalformedEntry("unknown kind")
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise MalformedEntry("index is an integer of at least 0")
    if not isinstance(facts, dict) or not isinstance(envelopes, list):
        raise MalformedEntry("facts is an object and envelopes a list")
    missing = find_missing_fact(kind, facts)
    if missing is not None:
        raise MalformedEntry(f"{kind} must state the fact {missing!r}")
    signature = b64decode(_text(value["sig"], "sig"))
    if len(signature) != SIGNATURE_LENGTH:
        raise MalformedEntry("sig is 64 bytes")
    return Entry(
        index=index,
        at=timestamps.parse_at(_text(value["at"], "at")),
        kind=kind,
        key=_text(value["key"], "key", _KEY_ID),
        prev=bytes.fromhex(_text(value["prev"], "prev", _HASH)),
        facts=facts,
        items=_items(value["items"]),
        commitments=_check_labels(value["commitments"]),
        envelopes=tuple(envelope.from_json(item) for item in envelopes),
        signature=signature,
        data=data,
    )


def _items(untrusted: JsonValue) -> tuple[ItemLine, ...]:
    if not isinstance(untrusted, list):
        raise MalformedEntry("items is a list")
    found: list[ItemLine] = []
    for item in untrusted:
        if not isinstance(item, dict) or item.keys() != _ITEM_NAMES:
            raise MalformedEntry("an item has code, outcome, prev and refusal")
        code, outcome, prev, refusal = item["code"], item["outcome"], item["prev"], item["refusal"]
        if not (isinstance(code, str) and isinstance(prev, str) and isinstance(refusal, str)):
            raise MalformedEntry("code, prev and refusal of an item are text")
        known = _OUTCOMES.get(outcome) if isinstance(outcome, str) else None
        if known is None:
            raise MalformedEntry("the outcome of an item is accepted or refused")
        line = ItemLine(code=code, outcome=known, refusal=refusal, prev=prev)
        _check_item(line)
        found.append(line)
    return tuple(found)


def _check_item(item: ItemLine) -> None:
    if _CODE.fullmatch(item.code) is None:
        raise MalformedEntry("the code of an item is 1 to 64 printable ASCII characters")
    if item.prev and _HASH.fullmatch(item.prev) is None:
        raise MalformedEntry("the prev of an item is a leaf hash or empty")
    if (item.outcome is _ACCEPTED) != (item.refusal == ""):
        raise MalformedEntry("a refusal is given exactly when the item is refused")
    if item.refusal and _REFUSAL.fullmatch(item.refusal) is None:
        raise MalformedEntry("a refusal is a code")


def _check_labels(untrusted: JsonValue | Mapping[str, str]) -> dict[str, str]:
    # A dict is asked for first: asking whether something is a Mapping costs more than all the rest here.
    if not isinstance(untrusted, dict) and not isinstance(untrusted, Mapping):
        raise MalformedEntry("commitments is an object")
    for label, digest in untrusted.items():
        if _LABEL.fullmatch(label) is None:
            raise MalformedEntry("the label of a commitment is a short code")
        if not isinstance(digest, str) or _HASH.fullmatch(digest) is None:
            raise MalformedEntry("a commitment is a digest")
    return cast("dict[str, str]", untrusted)


def _text(value: JsonValue, name: str, form: re.Pattern[str] | None = None) -> str:
    if not isinstance(value, str) or (form is not None and form.fullmatch(value) is None):
        raise MalformedEntry(f"{name} is not in its form")
    return value
