"""Turn a group's buffers into rows: link, sign, and say where everything goes.

Runs while the head is locked, so it must never ask the database, wait, or look at anything but its arguments.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from app.domain.errors import ClockWentBack, LogHalted
from app.storage.bag_rows import HOLD_BAG, UPDATE_BAG, bag_values
from app.storage.clock import LARGEST_STEP_BACK
from app.storage.errors import NotStored, StorageError
from app.storage.group import Group
from app.storage.hot import Batch, Head
from app.storage.people_rows import to_owned_device
from app.storage.rows import changed_values
from audit.chain import ChainHead, extend, is_chained
from audit.checkpoint_rotation import is_checkpoint_rotation
from audit.entry import Entry, EntryDraft, SealedEntry
from audit.errors import MalformedEntry
from audit.rotation import LOG_PURPOSE, key_behind
from crypto.signer import Signer


def check_head(head: Head) -> ChainHead:
    """Return the head when it fits the last entry that is there; raises LogHalted when it does not."""
    empty = head.last_index is None and head.size == 0 and head.leaf == bytes(32)
    if not empty and (head.last_index != head.size - 1 or head.last_leaf != head.leaf):
        raise LogHalted("the head does not fit the last entry")
    return ChainHead(size=head.size, leaf=head.leaf)


def check_key(head: Head, signer: Signer) -> None:
    """Raise LogHalted when the last entry handed the log over to another key than the one this process holds.

    Each entry is held against the one before it, so a server that slept through a rotation stops at its next
    write instead of signing with a key that no longer counts.
    """
    try:
        if head.last_end is not None and key_behind(head.last_end) != signer.key_id:
            raise LogHalted("the log is signed with another key now: start again with it")
    except MalformedEntry:
        raise LogHalted("the last entry is not one") from None


def check_clock(head: Head, now: datetime) -> None:
    """Raise ClockWentBack when the clock stands far before the last entry.

    Small steps back are what clocks do when they are set right. A large one is a clock that was lost, or that
    somebody moved: with the last time written again and again, nobody could tell when anything happened.
    """
    if head.last_at is not None and now < head.last_at - LARGEST_STEP_BACK:
        raise ClockWentBack(head.last_at)


def check_people(group: Group, head: Head) -> None:
    """Raise NotStored when a device or its person changed between reading them and locking the head.

    Without it a scan could be chained behind the entry that revokes its device, and an honest log would never
    verify again.
    """
    for row in head.devices:
        if group.devices.get(str(row[1])) != to_owned_device(row):
            raise NotStored("a device or its person was changed meanwhile")


def check_claims(group: Group) -> None:
    """No record, no act: refuse a change of state that no entry appended after it names."""
    if group.unclaimed:
        raise StorageError(f"state changed without an entry: {', '.join(sorted(group.unclaimed))}")


def seal(group: Group, head: Head, *, signer: Signer, now: datetime) -> Batch:
    """Seal every queued entry behind the head and lay out all rows of the group."""
    drafts = [entry.draft for entry in group.pending if entry.draft is not None]
    heads = _item_heads(group)
    # Log time never goes back, whatever the clock does.
    at = now if head.last_at is None else max(now, head.last_at)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    batch = Batch()
    known: dict[str, str] = {code: item_head for code, item_head in heads.items() if item_head}
    chain = check_head(head)
    check_key(head, signer)
    check_clock(head, now)
    sealed_entries = extend(chain, drafts, at=at, signer=signer, item_heads=known)
    for entry, sealed in zip(group.pending, sealed_entries, strict=True):
        entry.settle(sealed)
        _check_place(entry.draft, sealed.index)
        batch.entries.append((sealed.index, _kind(entry.draft), at, sealed.leaf, sealed.data))
        if sealed.chained:
            batch.items += [(code, sealed.index) for code in sealed.chained]
            heads.update(dict.fromkeys(sealed.chained, sealed.leaf.hex()))
    _lay_out(group, batch, heads)
    if any(draft.facts.get("purpose") == LOG_PURPOSE for draft in drafts[:-1]):
        raise NotStored("a change of the log's key is the last entry its process signs")
    if sealed_entries:
        batch.last = sealed_entries[-1]
        batch.head = (batch.last.index + 1, batch.last.leaf)
        batch.at = at
    return batch


def seal_as_stored(group: Group, head: Head, entries: Sequence[Entry]) -> Batch:
    """Lay out entries sealed before, one for each queued draft; raises LogHalted unless they follow."""
    chain, batch = check_head(head), Batch()
    heads = _item_heads(group)
    for pending, entry in zip(group.pending, entries, strict=True):
        if entry.index != chain.size or entry.prev != chain.leaf:
            raise LogHalted(f"entry {entry.index} does not follow the head of {chain.size}")
        chained = dict.fromkeys(item.code for item in entry.items if is_chained(item))
        pending.settle(SealedEntry(index=entry.index, data=entry.data, leaf=entry.leaf))
        chain = ChainHead(size=entry.index + 1, leaf=entry.leaf)
        batch.entries.append((entry.index, str(entry.kind), entry.at, entry.leaf, entry.data))
        batch.items += [(code, entry.index) for code in chained]
        heads.update(dict.fromkeys(chained, entry.leaf.hex()))
    _lay_out(group, batch, heads)
    batch.head, batch.at = (chain.size, chain.leaf), entries[-1].at
    return batch


def _check_place(draft: EntryDraft | None, index: int) -> None:
    """Refuse a rotation of checkpoint keys at another place than it states: nobody could verify it."""
    if draft is not None and is_checkpoint_rotation(draft.facts) and draft.facts.get("first") != index + 1:
        raise NotStored("another entry came before the change of the checkpoints' keys")


def _item_heads(group: Group) -> dict[str, str]:
    heads = {code: item.item_head for code, item in group.consignments.items() if item is not None}
    for code, bag in group.bags.items():
        if bag is not None:
            heads[code] = bag.item_head
    return heads


def _kind(draft: EntryDraft | None) -> str:
    return "" if draft is None else str(draft.kind)


def _lay_out(group: Group, batch: Batch, heads: Mapping[str, str]) -> None:
    for code, before in group.consignments.items():
        if before is not None and (code in group.changed or heads[code] != before.item_head):
            after = group.changed.get(code, before)
            batch.consignments.append(changed_values(after, heads[code]))
    for scan in group.new_scans:
        lines = json.dumps([[line.code, line.outcome, line.refusal] for line in scan.lines])
        batch.scans.append((scan.scan_id, scan.envelope_digest, lines, scan.entry.index))
    for holding in group.holdings:
        batch.holdings.append((holding.consignment_id, holding.entry.index, holding.user_id, holding.unit_id))
    for code, bag in group.bags.items():
        if bag is not None and (code in group.changed_bags or heads[code] != bag.item_head):
            values = bag_values(group.changed_bags.get(code, bag), heads[code])
            batch.others.append((UPDATE_BAG, values | {"which": bag.id}))
    for held in group.bag_holdings:
        row: dict[str, object] = {"bag_id": held.bag_id, "entry_idx": held.entry.index}
        batch.others.append((HOLD_BAG, row | {"user_id": held.user_id, "unit_id": held.unit_id}))
    for bound in group.bound:
        batch.others.append((bound.statement, {**bound.values, bound.index: bound.entry.index}))
    batch.enrolments = [(entry.index, identity) for identity, entry in group.enrolments]
    for delivery, entry in group.deliveries:
        batch.deliveries.append(
            (
                delivery.consignment_id,
                entry.index,
                delivery.outcome,
                delivery.reason,
                delivery.action,
                delivery.giver_id,
                delivery.taker_id,
                delivery.place_id,
                delivery.receiver_sealed,
                delivery.device_at,
                delivery.recorded_at,
            )
        )
