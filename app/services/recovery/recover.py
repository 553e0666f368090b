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
from app.services.log.published_log import PublishedLog, check_continues, open_latest
from app.services.log.publishing import Reading
from app.services.recovery.facts import Lost, Replay
from app.services.recovery.kinds import ACTS, LOOKS_BACK
from app.services.recovery.people import check_units
from app.services.tools import Tools
from app.storage.refill import Refill
from app.storage.uow import UnitOfWork
from audit.entry import Entry, parse_entry
from audit.kinds import EntryKind
from audit.tile_reader import TileReader
from audit.tiles import FULL_WIDTH


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
    if entry.kind not in ACTS:
        raise NotInTheLog(f"entry {entry.index} ({entry.kind}) changed what only the lost database held")
    if entry.kind is EntryKind.UNIT_ADDED:
        check_units(entry)


def _parts(batch: list[Entry]) -> Iterator[list[Entry]]:
    """Cut a bundle so that what an entry looks at in the database is on disk before it.

    A slip is filed in a later transaction than the delivery that it is for: the database itself looks at the
    item's state then, and a state is written at the end of a transaction. So is an error declared after the
    entry that is wrong, and a question asked after what was left in nobody's hands.
    """
    part: list[Entry] = []
    named: set[str] = set()
    for entry in batch:
        codes = {item.code for item in entry.items}
        slip = entry.kind is EntryKind.ACKNOWLEDGED and codes & named
        if part and (slip or entry.kind in LOOKS_BACK):
            yield part
            part, named = [], set()
        part.append(entry)
        named |= codes
    yield part


def _act(uow: UnitOfWork, entry: Entry, *, replay: Replay) -> None:
    """Do again what the entry says was done, and append it."""
    try:
        ACTS[entry.kind](uow, entry, replay)
    except (DomainError, TypeError, ValueError) as error:
        if isinstance(error, NotInTheLog):
            raise
        # A rule of today or a value of another program's: named like everything else that cannot be done.
        raise NotInTheLog(f"entry {entry.index} ({entry.kind}) cannot be done again: {error}") from error
