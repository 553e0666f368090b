"""How a log changes its key: one entry, in which the old key and the new one sign the same statement.

The entry itself is still signed by the old key; every later entry by the new one. The old key's signature
shows that the log's keeper hands over, the new one's that the key is really there. Nothing here may decide
whose key counts: that is the trust file's word, which must hand over at the same entry. Format:
docs/formats/rotation.md.
"""

import re

from audit.entry import Entry, EntryDraft, parse_entry
from audit.errors import BadEntry, MalformedEntry
from audit.kinds import EntryKind
from audit.trust import Trust
from crypto.digest import b64decode, b64encode
from crypto.errors import CryptoError
from crypto.keys import PublicKey
from crypto.signer import Signer

LOG_PURPOSE = "log"
_DOMAIN = b"kt1/key-rotation/v1\n"
# How every entry ends: `key` and what sorts behind it have one length each, but for the kind.
_END = re.compile(
    rb',"key":"([0-9a-f]{16})","kind":"([a-z_]{1,64})","prev":"[0-9a-f]{64}","sig":"[A-Za-z0-9+/=]{88}"\}\Z'
)
END_BYTES = 400


def statement(origin: str, *, old: PublicKey, new: PublicKey) -> bytes:
    """Return what both keys sign."""
    return _DOMAIN + f"{origin}\n{old.to_text()}\n{new.to_text()}\n".encode()


def draft_rotation(origin: str, *, old: Signer, new: Signer) -> EntryDraft:
    """Draft the entry that hands over; `old` must seal it. Raises MalformedEntry for a key that stays."""
    if old.key_id == new.key_id:
        raise MalformedEntry("a key cannot take over from itself")
    said = statement(origin, old=old.public_key, new=new.public_key)
    return EntryDraft(
        kind=EntryKind.KEY_ROTATED,
        facts={
            "key": new.key_id,
            "new_signature": b64encode(new.sign(said)),
            "old_signature": b64encode(old.sign(said)),
            "public_key": new.public_key.to_text(),
            "purpose": LOG_PURPOSE,
        },
    )


def is_rotation(entry: Entry) -> bool:
    """Say whether the entry hands the log over to another key; the vault's rotations do not."""
    return entry.kind is EntryKind.KEY_ROTATED and entry.facts.get("purpose") == LOG_PURPOSE


def verify_rotation(entry: Entry, origin: str, old: PublicKey) -> PublicKey:
    """Return the key that takes over; raises BadSignature or another CryptoError unless both keys say so."""
    facts = {name: value for name, value in entry.facts.items() if isinstance(value, str)}
    new = PublicKey.from_text(facts.get("public_key", ""))
    if new.key_id != facts["key"] or new == old:
        raise CryptoError("the new key's name is not the new key's")
    said = statement(origin, old=old, new=new)
    old.verify(b64decode(facts.get("old_signature", "")), said)
    new.verify(b64decode(facts.get("new_signature", "")), said)
    return new


def check_rotation(entry: Entry, trust: Trust) -> None:
    """Raise BadEntry unless this entry's statement holds and the trust file hands over at this entry."""
    if not is_rotation(entry):
        return
    old = trust.find_key(entry.key, entry.index)
    if old is None:
        raise BadEntry(entry.index, "key", f"key {entry.key} does not count for this entry")
    try:
        new = verify_rotation(entry, trust.origin, old)
    except CryptoError as error:
        raise BadEntry(entry.index, "key rotation", str(error)) from None
    follows = entry.index + 1
    if trust.find_key(new.key_id, follows) != new or trust.find_key(old.key_id, follows) is not None:
        detail = f"the trust file does not hand over to key {new.key_id} here: it is older, or not this log's"
        raise BadEntry(entry.index, "key rotation", detail)


def key_behind(end: bytes) -> str:
    """Return the name of the key that must sign what follows an entry; raises MalformedEntry.

    `end` is at least the last END_BYTES of the entry, and all of it when its kind is `key_rotated`.
    """
    found = _END.search(end)
    if found is None:
        raise MalformedEntry("the entry does not end like one")
    if found[2] == b"key_rotated":
        entry = parse_entry(end)
        if is_rotation(entry):
            return str(entry.facts["key"])
    return found[1].decode()
