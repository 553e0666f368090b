"""The appending side of the log: links drafts to the head and to each item's last entry, and seals them.

Whoever appends holds the head while this runs. It must never be imported by the verifier: a mistake here
would then confirm itself. Format: docs/formats/entry.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from audit.entry import FIRST_PREV, UNKNOWN_CODE, EntryDraft, ItemLine, Outcome, SealedEntry, seal_entry
from audit.errors import ChainBroken
from crypto.signer import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """How many entries there are and the leaf hash of the last (32 zero bytes when there is none)."""

    size: int
    leaf: bytes


EMPTY = ChainHead(size=0, leaf=FIRST_PREV)


def extend(
    head: ChainHead,
    drafts: Iterable[EntryDraft],
    *,
    at: datetime,
    signer: Signer,
    item_heads: Mapping[str, str],
) -> list[SealedEntry]:
    """Seal drafts one after the other behind `head`.

    `item_heads` gives the leaf hash (hexadecimal, or "") of the last entry of each code the drafts name; a
    code it does not have is new to the log. Links inside the batch are resolved here. `SealedEntry.chained`
    names the codes whose head is now that entry. Raises ChainBroken or MalformedEntry; then nothing of the
    batch counts.
    """
    if (head.size == 0) != (head.leaf == FIRST_PREV):
        raise ChainBroken("the head's size and leaf hash contradict each other")
    heads = dict(item_heads)
    sealed: list[SealedEntry] = []
    index, prev = head.size, head.leaf
    for draft in drafts:
        linked = _link(draft, heads) if draft.items else draft
        entry = seal_entry(linked, index=index, prev=prev, at=at, signer=signer)
        if chained := tuple(dict.fromkeys([item.code for item in linked.items if is_chained(item)])):
            heads.update(dict.fromkeys(chained, entry.leaf.hex()))
            entry = SealedEntry(index=index, data=entry.data, leaf=entry.leaf, chained=chained)
        sealed.append(entry)
        index, prev = index + 1, entry.leaf
    return sealed


def _link(draft: EntryDraft, heads: Mapping[str, str]) -> EntryDraft:
    # Written out: dataclasses.replace costs several times as much, and this runs with the head locked.
    return EntryDraft(
        kind=draft.kind,
        facts=draft.facts,
        items=tuple([_linked(item, heads) for item in draft.items]),
        commitments=draft.commitments,
        envelopes=draft.envelopes,
    )


def _linked(item: ItemLine, heads: Mapping[str, str]) -> ItemLine:
    prev = "" if item.refusal == UNKNOWN_CODE else heads.get(item.code, "")
    if item.prev == prev:
        return item
    return ItemLine(code=item.code, outcome=item.outcome, refusal=item.refusal, prev=prev)


def is_chained(item: ItemLine) -> bool:
    """Tell whether an entry becomes the last one of the item that a line of it names."""
    # A refused line without a previous entry names something the log has never accepted: it starts no chain.
    return item.outcome is Outcome.ACCEPTED or item.prev != ""
