"""Checks one entry by itself: its form, its place, its key and signature, and a change of keys it reports.

For whoever holds entries without the log around them; links to other entries and what devices signed are
judged elsewhere. It must never take a key from anywhere but the trust file.
"""

from audit.checkpoint_rotation import check_checkpoint_rotation
from audit.entry import Entry, parse_entry, verify_entry
from audit.errors import BadEntry, MalformedEntry
from audit.rotation import check_rotation
from audit.trust import Trust
from crypto.errors import BadSignature


def check_single(untrusted: bytes, index: int, trust: Trust, path: str) -> Entry:
    """Return the entry that `path` holds and that must be number `index`; raises BadEntry."""
    try:
        entry = parse_entry(untrusted)
    except MalformedEntry as error:
        raise BadEntry(index, "form", str(error), path) from None
    if entry.index != index:
        raise BadEntry(index, "index", f"the entry says it is number {entry.index}", path)
    key = trust.find_key(entry.key, index)
    if key is None:
        raise BadEntry(index, "key", f"key {entry.key} does not count for this entry", path)
    try:
        verify_entry(entry, key)
    except BadSignature:
        raise BadEntry(index, "signature", "the log's signature does not fit the bytes", path) from None
    try:
        check_rotation(entry, trust)
        check_checkpoint_rotation(entry, trust)
    except BadEntry as bad:
        raise BadEntry(index, bad.check, bad.detail, path) from None
    return entry
