"""The chain alone: each entry names the leaf hash of the one before, read from the end that every entry has.

No signature is verified and nothing else in an entry is read, so it is tens of times faster than the whole;
what it shows is that nothing was put in, left out or exchanged behind what is signed over the last entry.
"""

from collections.abc import Sequence

from audit.checks import Tally, broken_link
from audit.entry import FIRST_PREV, SUFFIX_LENGTH
from audit.errors import BadEntry

# `,"prev":"` + 64 hexadecimal digits + `"`, in front of the signature.
_LINK_LENGTH = 74


def check_links(first: int, entries: Sequence[bytes], leaves: Sequence[bytes], total: Tally) -> None:
    """Follow the chain through entries from `first` on, whose leaf hashes are given; raises BadEntry."""
    before = total.leaf if first else FIRST_PREV
    for position, (entry, leaf) in enumerate(zip(entries, leaves, strict=True), first):
        if entry[-SUFFIX_LENGTH - _LINK_LENGTH : -SUFFIX_LENGTH] != b',"prev":"%s"' % before.hex().encode():
            total.leaf = before
            total.entries = position
            raise _fault(entry, position)
        before = leaf
    total.leaf = before
    total.entries = first + len(entries)


def _fault(entry: bytes, position: int) -> BadEntry:
    if entry[-SUFFIX_LENGTH - _LINK_LENGTH :].startswith(b',"prev":"'):
        return broken_link(position)
    return BadEntry(position, "form", "the entry does not end like one")
