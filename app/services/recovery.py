"""Refill a database older than the log's own checkpoint from the published tiles. Nothing is signed.

Entries are put back byte for byte, each bound to the signed checkpoint first, and with them what they did.
Scans are decided again by the same rules, and must end as the entry says. What an entry only commits to, or
does not hold at all (names, subjects, passwords), comes back as lost and is told, value by value; afterwards
the log's state is again the signed one and it goes on signing. docs/operations.md says what is regained.

    recover(ports, refill, *, log, tools, watch) -> int   raises LogDisagrees, BadTile, NotInTheLog
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from app.domain.errors import DomainError, LogDisagrees, NotInTheLog
from app.services import (
    recovery_authorities,
    recovery_legs,
    recovery_musters,
    recovery_pouches,
    recovery_shifts,
)
from app.services import recovery_items as items
from app.services import recovery_people as people
from app.services import recovery_seals as seals
from app.services import recovery_suspense as suspense
from app.services.published_log import PublishedLog, check_continues, open_latest
from app.services.publishing import Reading
from app.services.recovery_facts import Lost, Replay, draft_of
from app.services.recovery_people import check_units
from app.services.recovery_scans import scan_again
from app.services.tools import Tools
from app.storage.refill import Refill
from app.storage.uow import UnitOfWork
from audit.entry import Entry, parse_entry
from audit.kinds import REQUIRED_EVIDENCE, EntryKind
from audit.tile_reader import TileReader
from audit.tiles import FULL_WIDTH

# Kinds that change nothing but the log.
_PLAIN = frozenset(
    {
        EntryKind.SCAN_CONFLICT,
        EntryKind.LOG_EXPORTED,
        EntryKind.EVIDENCE_EXPORTED,
        EntryKind.KEY_ROTATED,
    }
)
# All that can be done again; a gap with an entry of another kind is refused before anything is changed.
RESTORED = frozenset(
    {
        *_PLAIN,
        *REQUIRED_EVIDENCE,
        EntryKind.REGISTERED,
        EntryKind.AMENDED,
        EntryKind.CANCELLED,
        EntryKind.LABEL_PRINTED,
        EntryKind.ITEMS_IMPORTED,
        EntryKind.ERASURE_PROPOSED,
        EntryKind.FIELD_ERASED,
        EntryKind.ERASURE_REFUSED,
        EntryKind.ACKNOWLEDGED,
        EntryKind.ACCOUNT_CREATED,
        EntryKind.ACCOUNT_CHANGED,
        EntryKind.DEVICE_ENROLLED,
        EntryKind.DEVICE_REVOKED,
        EntryKind.UNIT_ADDED,
        EntryKind.UNIT_CHANGED,
        EntryKind.BAG_STARTED,
        *recovery_shifts.KINDS,
        *recovery_legs.KINDS,
        *recovery_authorities.KINDS,
        *recovery_musters.KINDS,
        *recovery_pouches.KINDS,
        EntryKind.STANDARD_PUBLISHED,
        EntryKind.POLICY_PUBLISHED,
        EntryKind.SEALS_ISSUED,
        EntryKind.SEAL_VOIDED,
    }
)


def _ignore(*told: object) -> None:
    """Let nobody watch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who is told how far it is, after each bundle of entries, and what of them is lost."""

    progress: Callable[[int, int], None] = _ignore
    lost: Callable[[Lost], None] = _ignore


NOBODY = Watch()


def recover(ports: Reading, refill: Refill, *, log: PublishedLog, tools: Tools, watch: Watch = NOBODY) -> int:
    """Put every signed entry back that the database lacks; returns how many.

    Raises LogDisagrees when the database is of another history, BadTile for files that are not the signed
    ones, NotInTheLog, before anything is changed, for a gap that the log alone cannot fill.
    """
    with log.folder.lock():
        latest = open_latest(log)
        if latest is None:
            return 0
        reader = log.folder.reader(size=latest.head.size, root=latest.head.root)
        first = ports.read(_find_first, reader=reader)
        for entry in _entries(reader, first):
            _check_restorable(entry)
        for batch in _batches(reader, first):
            lost: list[Lost] = []
            for part in _parts(batch):
                refill.put_back(part, partial(_act, replay=Replay(tools=tools, lose=lost.append)))
            for one in lost:
                watch.lost(one)
            watch.progress(batch[-1].index + 1 - first, reader.size - first)
        ports.read(lambda uow: check_continues(uow, latest.head, log=log))
        return max(0, reader.size - first)


def _find_first(uow: UnitOfWork, *, reader: TileReader) -> int:
    """Return the number of the first entry that is missing; the one before must be the signed one."""
    head = uow.audit.head()
    if head.size and head.size <= reader.size and reader.leaf(head.size - 1) != head.leaf:
        raise LogDisagrees(f"the {head.size} entries of the database are not the first that were signed")
    return head.size


def _entries(reader: TileReader, first: int) -> Iterator[Entry]:
    for batch in _batches(reader, first):
        yield from batch


def _batches(reader: TileReader, first: int) -> Iterator[list[Entry]]:
    """Yield what is missing, a bundle at a time, each entry bound to the signed root."""
    for bundle in range(first // FULL_WIDTH, -(-reader.size // FULL_WIDTH)):
        start = bundle * FULL_WIDTH
        batch = [parse_entry(data) for data in reader.entries(bundle)[max(0, first - start) :]]
        if batch:
            yield batch


def _check_restorable(entry: Entry) -> None:
    """Raise NotInTheLog, before anything is changed, for what the log alone cannot give back."""
    if entry.kind not in RESTORED:
        raise NotInTheLog(f"entry {entry.index} ({entry.kind}) changed what only the lost database held")
    if entry.kind is EntryKind.UNIT_ADDED:
        check_units(entry)


def _parts(batch: list[Entry]) -> Iterator[list[Entry]]:
    """Cut a bundle so that a slip is filed in a later transaction than the delivery that it is for.

    The database itself looks at the item's state then, and a state is written at the end of a transaction.
    """
    part: list[Entry] = []
    named: set[str] = set()
    for entry in batch:
        codes = {item.code for item in entry.items}
        if entry.kind is EntryKind.ACKNOWLEDGED and codes & named:
            yield part
            part, named = [], set()
        part.append(entry)
        named |= codes
    yield part


def _act(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Do again what the entry says was done, and append it."""
    try:
        if entry.kind in recovery_shifts.KINDS:
            recovery_shifts.act_again(uow, entry, tools=replay.tools)
        elif entry.kind in recovery_legs.KINDS:
            recovery_legs.act_again(uow, entry)
        elif entry.kind in recovery_musters.KINDS:
            recovery_musters.act_again(uow, entry, tools=replay.tools)
        elif entry.kind in recovery_pouches.KINDS:
            recovery_pouches.act_again(uow, entry, tools=replay.tools)
        elif not (_act_on_item(uow, entry, replay) or _act_on_people(uow, entry, replay)):
            _act_on_rest(uow, entry, replay)
    except (DomainError, TypeError, ValueError) as error:
        if isinstance(error, NotInTheLog):
            raise
        # A rule of today or a value of another program's: named like everything else that cannot be done.
        raise NotInTheLog(f"entry {entry.index} ({entry.kind}) cannot be done again: {error}") from error


def _act_on_item(uow: UnitOfWork, entry: Entry, replay: Replay) -> bool:
    """Do what concerns an item; False for an entry of another kind."""
    match entry.kind:
        case EntryKind.REGISTERED:
            items.register(uow, entry, replay=replay)
        case EntryKind.AMENDED:
            items.amend(uow, entry, replay=replay)
        case EntryKind.CANCELLED:
            items.cancel(uow, entry)
        case EntryKind.LABEL_PRINTED:
            items.print_label(uow, entry)
        case EntryKind.ITEMS_IMPORTED:
            items.take_list_in(uow, entry, replay=replay)
        case EntryKind.ERASURE_PROPOSED:
            items.propose_erasure(uow, entry)
        case EntryKind.FIELD_ERASED | EntryKind.ERASURE_REFUSED:
            items.decide_erasure(uow, entry)
        case EntryKind.ACKNOWLEDGED:
            suspense.file_receipt(uow, entry)
        case kind if kind in REQUIRED_EVIDENCE:
            scan_again(uow, entry, tools=replay.tools)
        case _:
            return False
    return True


def _act_on_people(uow: UnitOfWork, entry: Entry, replay: Replay) -> bool:
    """Do what concerns people, their devices and units; False for an entry of another kind."""
    match entry.kind:
        case EntryKind.ACCOUNT_CREATED:
            people.create_account(uow, entry, replay=replay)
        case EntryKind.ACCOUNT_CHANGED:
            people.change_account(uow, entry, replay=replay)
        case EntryKind.DEVICE_ENROLLED:
            people.enrol_device(uow, entry, replay=replay)
        case EntryKind.DEVICE_REVOKED:
            people.revoke_device(uow, entry)
        case EntryKind.UNIT_ADDED:
            people.add_units(uow, entry)
        case EntryKind.UNIT_CHANGED:
            people.change_unit(uow, entry)
        case _:
            return False
    return True


def _act_on_rest(uow: UnitOfWork, entry: Entry, replay: Replay) -> None:
    match entry.kind:
        case EntryKind.BAG_STARTED:
            items.start_bag(uow, entry, tools=replay.tools)
        case EntryKind.STANDARD_PUBLISHED:
            suspense.publish_standard(uow, entry)
        case EntryKind.POLICY_PUBLISHED:
            suspense.publish_policy(uow, entry)
        case EntryKind.SEALS_ISSUED:
            seals.issue_seals(uow, entry)
        case EntryKind.SEAL_VOIDED:
            seals.void_seal(uow, entry)
        case kind if kind in recovery_authorities.KINDS:
            recovery_authorities.act_again(uow, entry)
        case kind if kind in _PLAIN:
            uow.audit.append(draft_of(entry))
        case _:
            raise NotInTheLog(f"entry {entry.index} ({entry.kind}) is of a kind that nobody can do again")
