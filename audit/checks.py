"""What the verifier asks of entries one by one: form, position, key, signatures, link, devices, evidence.

Runs in every worker process, over one run of entries in three passes, so that the signatures, which are most
of the work, are verified one behind the other and nothing a device said is read before its signature held.
It must never take anything from the appending side (`audit/chain.py`), write an entry again, or go on behind
the first entry that is bad.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from audit.checkpoint_rotation import check_checkpoint_rotation
from audit.device_keys import Device, check_device_change, find_signer
from audit.entry import FIRST_PREV, UNKNOWN_CODE, Entry, Outcome, parse_entry, verify_entry
from audit.errors import BadEntry, MalformedEntry
from audit.item_chains import NO_NONCE, ItemLinks, Step
from audit.kinds import EntryKind
from audit.rotation import check_rotation
from audit.scan_checks import SCAN_KINDS, Said, read_scan
from audit.scan_ids import ScanIds
from audit.trust import Trust
from crypto import envelope
from crypto.digest import leaf_hash
from crypto.errors import BadSignature
from crypto.keys import PublicKey

_LOG_CREATED = EntryKind.LOG_CREATED
_ACCEPTED = Outcome.ACCEPTED
# What an accepted line does to its item; a kind that is not named here does nothing to its offers.
_STEPS: Mapping[EntryKind, int] = {
    EntryKind.REGISTERED: Step.REGISTERED,
    EntryKind.BAG_STARTED: Step.REGISTERED,
    EntryKind.HANDOVER_OFFERED: Step.OFFERED,
    EntryKind.HANDOVER_TAKEN: Step.ANSWERED,
    EntryKind.HANDOVER_RECALLED: Step.ANSWERED,
}
_OTHER, _REFUSED, _UNKNOWN = int(Step.OTHER), int(Step.REFUSED), int(Step.UNKNOWN)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one run over consecutive entries found; `first_prev`, `leaf` and times join the next run on.

    `rotations` are the sizes of trees from which new keys of checkpoints count.
    """

    first: int
    entries: int = 0
    log_signatures: int = 0
    device_signatures: int = 0
    first_prev: bytes | None = None
    leaf: bytes = b""
    first_at: datetime | None = None
    last_at: datetime | None = None
    links: ItemLinks = field(default_factory=ItemLinks)
    scans: ScanIds = field(default_factory=ScanIds)
    rotations: list[int] = field(default_factory=list)
    bad: BadEntry | None = None

    def add(self, following: "Tally") -> None:
        """Count the next run's findings into this one's."""
        self.entries += following.entries
        self.log_signatures += following.log_signatures
        self.device_signatures += following.device_signatures
        self.links.count += following.links.count
        self.rotations += following.rotations
        self.leaf = following.leaf
        self.last_at = following.last_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """The questions, with everything that is needed to answer them."""

    trust: Trust
    devices: Mapping[str, Device]

    def check(self, stored: list[bytes], first: int, partitions: int) -> Tally:
        """Check entries that stand at positions `first` and following; stops at the first bad one."""
        tally = Tally(first=first, links=ItemLinks(partitions), scans=ScanIds(partitions))
        entries: list[tuple[Entry, PublicKey]] = []
        # Each pass ends at its first bad entry and the next one goes only so far: the last verdict stands
        # earliest.
        try:
            for position, data in enumerate(stored, first):
                entries.append(self._read(data, position))
        except BadEntry as bad:
            tally.bad = bad
        try:
            for entry, key in entries:
                self._verify(entry, key, tally)
        except BadEntry as bad:
            tally.bad = bad
            del entries[bad_position(bad) - first :]
        try:
            for entry, _ in entries:
                self._judge(entry, tally)
        except BadEntry as bad:
            tally.bad = bad
        return tally

    def _read(self, data: bytes, position: int) -> tuple[Entry, PublicKey]:
        # 1. The bytes are an entry in the one allowed form.
        try:
            entry = parse_entry(data)
        except MalformedEntry as error:
            raise BadEntry(position, "form", str(error)) from None
        # 2. It says it stands where it stands: nothing missing, repeated or swapped.
        if entry.index != position:
            raise BadEntry(position, "index", f"here stands an entry that says it is number {entry.index}")
        # 3. It names a log key that the trust file counts for this position.
        key = self.trust.find_key(entry.key, position)
        if key is None:
            raise BadEntry(position, "key", f"key {entry.key} does not count for this entry")
        return entry, key

    def _verify(self, entry: Entry, key: PublicKey, tally: Tally) -> None:
        # 4. It is signed, as stored, by that key.
        try:
            verify_entry(entry, key)
        except BadSignature:
            raise BadEntry(entry.index, "signature", "the log's signature does not fit the bytes") from None
        tally.log_signatures += 1
        # 5. Every device that signed in it was enrolled before and not revoked, and its signature holds.
        for signed in entry.envelopes:
            device = find_signer(self.devices, signed.key_id, entry.index)
            try:
                envelope.verify(signed, device.public_key)
            except BadSignature:
                detail = f"the signature of device {signed.key_id} does not fit"
                raise BadEntry(entry.index, "device signature", detail) from None
            tally.device_signatures += 1

    def _judge(self, entry: Entry, tally: Tally) -> None:
        position = entry.index
        # 6. It links to the entry before and is not older. The first of a run is joined on by the caller.
        if tally.first_prev is None or tally.last_at is None:
            tally.first_prev, tally.first_at = entry.prev, entry.at
        elif entry.prev != tally.leaf:
            raise broken_link(position)
        elif entry.at < tally.last_at:
            raise turned_back(position)
        tally.last_at = entry.at
        # 7. What it reports fits what the log says elsewhere: its beginning, its devices, its evidence.
        if position == 0 or entry.kind is _LOG_CREATED:
            self._check_beginning(entry)
        check_device_change(entry, self.devices, self.trust.origin)
        check_rotation(entry, self.trust)
        size = check_checkpoint_rotation(entry, self.trust)
        if size is not None:
            tally.rotations.append(size)
        said = None
        if entry.kind in SCAN_KINDS or entry.envelopes:
            said = read_scan(entry, self.devices, self.trust.origin)
            tally.scans.add(said.scan, position, entry.kind is EntryKind.SCAN_CONFLICT)
        # 8. What concerns other entries is kept for the second half of the work: its items' own links
        # (audit/item_chains.py) and its scan's name (audit/scan_ids.py).
        tally.leaf = leaf_hash(entry.data)
        self._keep_links(entry, said, tally)
        tally.entries += 1

    def _check_beginning(self, entry: Entry) -> None:
        if (entry.kind is _LOG_CREATED) != (entry.index == 0):
            raise BadEntry(entry.index, "beginning", "a log has one beginning, and it is entry 0")
        if entry.facts["origin"] != self.trust.origin:
            raise BadEntry(0, "beginning", "this is the beginning of another log")
        if entry.prev != FIRST_PREV:
            raise BadEntry(0, "chain", "nothing can stand before entry 0")

    def _keep_links(self, entry: Entry, said: Said | None, tally: Tally) -> None:
        nonce = NO_NONCE if said is None else said.nonce
        step = _STEPS.get(entry.kind, _OTHER)
        if said is not None and said.handed_in and step == Step.ANSWERED:
            step = Step.HANDED_IN
        for item in entry.items:
            if item.outcome is _ACCEPTED:
                tally.links.add(item.code, entry.index, item.prev, tally.leaf, step, nonce)
            elif item.refusal != UNKNOWN_CODE:
                tally.links.add(item.code, entry.index, item.prev, tally.leaf, _REFUSED, NO_NONCE)
            elif item.prev:
                raise BadEntry(entry.index, "item chain", "an unknown code cannot have an earlier entry")
            else:
                tally.links.add(item.code, entry.index, "", tally.leaf, _UNKNOWN, NO_NONCE)


def broken_link(position: int) -> BadEntry:
    """Name the entry before `position`: its bytes are not those the signed entry behind it links to."""
    if position == 0:
        return BadEntry(0, "chain", "nothing can stand before entry 0")
    return BadEntry(position - 1, "chain", f"entry {position} was chained to other bytes than these")


def turned_back(position: int) -> BadEntry:
    """Name the entry whose time lies before the time of the entry in front of it."""
    return BadEntry(position, "time", "dated before the entry in front of it")


def bad_position(bad: BadEntry) -> int:
    """Return where a verdict stands in the order of the log: the header before everything."""
    return -1 if bad.index is None else bad.index
