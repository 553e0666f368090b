"""How a log changes the keys of its checkpoints: one entry, one statement that every old and new key signs.

The old keys' signatures hand over, the new ones' show that the keys are really there; the statement names the
size of the tree from which the new ones count, which is the first that holds the entry. Nothing here may
decide whose key counts: that is the trust file's word, which must hand over at the same size. Format:
docs/formats/rotation.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from audit.cosign import CheckpointSigner
from audit.entry import Entry, EntryDraft, parse_entry
from audit.errors import AuditError, BadEntry, MalformedEntry
from audit.kinds import EntryKind
from audit.trust import CheckpointKey, Trust
from audit.vkey import SignatureType, VerifierKey, parse_vkey
from crypto.canonical import JsonValue
from crypto.digest import b64decode, b64encode
from crypto.errors import CryptoError

CHECKPOINTS_PURPOSE = "checkpoints"
KEY_TYPES = (SignatureType.ED25519, SignatureType.ML_DSA_44)
CHECK = "checkpoint key rotation"
_DOMAIN = "kt1/checkpoint-key-rotation/v1"
_SIGNED = {"signature", "vkey"}
# In canonical JSON a quotation mark inside a text is escaped, so these bytes are always a field.
_MARK = b'"kind":"key_rotated"'


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRotation:
    """Under trees of fewer than `first` entries `old` sign, then `new`: an Ed25519 and an ML-DSA-44 key each.

    Raises MalformedEntry for keys that could not hand over like this.
    """

    origin: str
    first: int
    old: tuple[VerifierKey, ...]
    new: tuple[VerifierKey, ...]

    def __post_init__(self) -> None:
        """Refuse what the page forbids, whoever has signed it."""
        every = (*self.old, *self.new)
        if any(key.name != self.origin for key in every):
            raise MalformedEntry("a checkpoint key bears the name of the log")
        if any(tuple(key.type for key in keys) != KEY_TYPES for keys in (self.old, self.new)):
            raise MalformedEntry("an Ed25519 key and an ML-DSA-44 key hand over to one of each")
        if len({key.public_key.raw for key in every}) != len(every):
            raise MalformedEntry("a key cannot take over from itself")
        if len({key.key_id for key in every}) != len(every):
            raise MalformedEntry("two of the keys share one key ID")

    def statement(self) -> bytes:
        """Return what all four keys sign."""
        lines = [_DOMAIN, self.origin, str(self.first)]
        lines += [f"old {key.to_text()}" for key in self.old]
        lines += [f"new {key.to_text()}" for key in self.new]
        return "".join(f"{line}\n" for line in lines).encode()


def draft_checkpoint_rotation(
    origin: str, *, first: int, old: Sequence[CheckpointSigner], new: Sequence[CheckpointSigner]
) -> EntryDraft:
    """Draft the entry that hands over; it must become entry `first` - 1. Raises MalformedEntry."""
    rotation = CheckpointRotation(
        origin=origin,
        first=first,
        old=tuple(signer.key for signer in old),
        new=tuple(signer.key for signer in new),
    )
    said = rotation.statement()
    return EntryDraft(
        kind=EntryKind.KEY_ROTATED,
        facts={
            "first": first,
            "key": rotation.new[0].public_key.key_id,
            "new": [_sign(signer, said) for signer in new],
            "old": [_sign(signer, said) for signer in old],
            "purpose": CHECKPOINTS_PURPOSE,
        },
    )


def is_checkpoint_rotation(facts: Mapping[str, JsonValue]) -> bool:
    """Say whether the facts of a `key_rotated` entry change the keys of checkpoints."""
    return facts.get("purpose") == CHECKPOINTS_PURPOSE


def verify_checkpoint_rotation(entry: Entry, origin: str) -> CheckpointRotation:
    """Return who hands over to whom; raises AuditError or CryptoError unless all four keys say so here."""
    facts = entry.facts
    first = facts.get("first")
    if isinstance(first, bool) or first != entry.index + 1:
        raise MalformedEntry("the new keys count from the first tree that holds this entry")
    old, new = _parse(facts.get("old")), _parse(facts.get("new"))
    rotation = CheckpointRotation(
        origin=origin,
        first=entry.index + 1,
        old=tuple(key for key, _ in old),
        new=tuple(key for key, _ in new),
    )
    if facts["key"] != rotation.new[0].public_key.key_id:
        raise MalformedEntry("the new key's name is not the new key's")
    said = rotation.statement()
    for key, signature in (*old, *new):
        key.public_key.verify(signature, said)
    return rotation


def check_checkpoint_rotation(entry: Entry, trust: Trust) -> int | None:
    """Return from which size the new keys count, None for an entry that changes no key of checkpoints.

    Raises BadEntry unless the statement holds and the trust file hands over at this size. Against a trust
    file without keys of checkpoints, which believes none, the statement alone is checked.
    """
    if entry.kind is not EntryKind.KEY_ROTATED or not is_checkpoint_rotation(entry.facts):
        return None
    try:
        rotation = verify_checkpoint_rotation(entry, trust.origin)
    except (AuditError, CryptoError) as error:
        raise BadEntry(entry.index, CHECK, str(error)) from None
    if trust.checkpoint_keys:
        ranges = {item.key: item for item in trust.checkpoint_keys}
        for key in rotation.old:
            _check_range(entry.index, key, ranges.get(key), ends=True)
        for key in rotation.new:
            _check_range(entry.index, key, ranges.get(key), ends=False)
    return rotation.first


def check_checkpoint_rotations(entries: Sequence[bytes], first: int, trust: Trust) -> list[int]:
    """Check those of the entries that change keys of checkpoints, and return from which sizes the new count.

    `first` is the position of the first entry. For whoever reads no other entry: raises BadEntry.
    """
    found: list[int] = []
    for position, data in enumerate(entries, first):
        if _MARK not in data:
            continue
        try:
            entry = parse_entry(data)
        except MalformedEntry as error:
            raise BadEntry(position, "form", str(error)) from None
        if entry.index != position:
            raise BadEntry(position, "index", f"here stands an entry that says it is number {entry.index}")
        size = check_checkpoint_rotation(entry, trust)
        if size is not None:
            found.append(size)
    return found


def check_boundaries(trust: Trust, found: Iterable[int], size: int) -> None:
    """Raise BadEntry where the trust file lets a key begin, inside this log, and no entry hands over."""
    handed = {0, *found}
    for first in sorted({item.first for item in trust.checkpoint_keys}):
        if first <= size and first not in handed:
            detail = f"the trust file lets a key begin with trees of {first} entries; nothing hands over here"
            raise BadEntry(first - 1, CHECK, detail)


def _check_range(index: int, key: VerifierKey, known: CheckpointKey | None, *, ends: bool) -> None:
    """Demand that an old key's range ends with trees of `index` entries, or a new one's begins behind it."""
    if ends:
        fits, wanted = known is not None and known.last == index, f"end with trees of {index}"
    else:
        fits, wanted = known is not None and known.first == index + 1, f"begin with trees of {index + 1}"
    if not fits:
        name = key.key_id.hex()
        detail = f"the trust file does not let key {name} {wanted} entries: it is older, or not this log's"
        raise BadEntry(index, CHECK, detail)


def _sign(signer: CheckpointSigner, said: bytes) -> dict[str, JsonValue]:
    return {"signature": b64encode(signer.signer.sign(said)), "vkey": signer.key.to_text()}


def _parse(untrusted: JsonValue) -> list[tuple[VerifierKey, bytes]]:
    found: list[tuple[VerifierKey, bytes]] = []
    for item in untrusted if isinstance(untrusted, list) else ():
        if not isinstance(item, dict) or item.keys() != _SIGNED:
            raise MalformedEntry("each key stands as vkey and signature")
        vkey, signature = item["vkey"], item["signature"]
        if not isinstance(vkey, str) or not isinstance(signature, str):
            raise MalformedEntry("each key stands as vkey and signature")
        found.append((parse_vkey(vkey), b64decode(signature)))
    return found
