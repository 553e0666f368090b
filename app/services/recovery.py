"""Refill a database older than the log's own checkpoint from the published tiles. Nothing is signed.

Entries are put back byte for byte, each bound to the signed checkpoint first, and with them what they did:
who holds every item, offers, attempts, receipts, deliveries, incoming register numbers, revoked devices.
Scans are decided again by the same rules, and must end as the entry says. What an entry only commits to
(names, subjects, passwords) cannot be made again: such a gap is named, and nothing is changed.

    recover(ports, refill, *, log, tools, progress) -> int   raises LogDisagrees, BadTile, NotInTheLog
"""

from collections.abc import Callable, Iterator

from app.domain.access import Actor
from app.domain.errors import LogDisagrees, NotInTheLog
from app.domain.ids import ConsignmentId, UserId
from app.domain.register import Direction
from app.services import acts
from app.services.delivery import record_deliveries
from app.services.handover import decide_lines, result_of
from app.services.incidents import bind
from app.services.published_log import PublishedLog, check_continues, open_latest
from app.services.publishing import Reading
from app.services.scan_incidents import raise_incidents
from app.services.scan_opening import read_lines
from app.services.sessions import actor_of
from app.services.tools import Tools
from app.storage.refill import Refill
from app.storage.uow import UnitOfWork
from audit.entry import Entry, EntryDraft, parse_entry
from audit.evidence import Act, parse_evidence
from audit.kinds import REQUIRED_EVIDENCE, EntryKind
from audit.tile_reader import TileReader
from audit.tiles import FULL_WIDTH
from crypto.digest import sha256_hex

Progress = Callable[[int, int], None]
# Kinds whose whole effect on the tables is in the entry, beside the scans.
_PLAIN = frozenset({EntryKind.SCAN_CONFLICT, EntryKind.LOG_EXPORTED, EntryKind.KEY_ROTATED})


def recover(
    ports: Reading, refill: Refill, *, log: PublishedLog, tools: Tools, progress: Progress | None = None
) -> int:
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
            refill.put_back(batch, lambda uow, entry: _act(uow, entry, tools=tools))
            if progress is not None:
                progress(batch[-1].index + 1 - first, reader.size - first)
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
    if entry.kind not in _PLAIN and entry.kind not in {*REQUIRED_EVIDENCE, EntryKind.DEVICE_REVOKED}:
        raise NotInTheLog(f"entry {entry.index} ({entry.kind}) changed what only the lost database held")


def _act(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    """Do again what the entry says was done."""
    if entry.kind in REQUIRED_EVIDENCE:
        _scan_again(uow, entry, tools=tools)
        return
    if entry.kind is EntryKind.DEVICE_REVOKED:
        device = uow.devices.find_by_key(str(entry.facts["device"]))
        if device is None:
            raise NotInTheLog(f"entry {entry.index} revokes a device that the database does not know")
        uow.devices.revoke(device.id, revoked_at=entry.at)
    uow.audit.append(_draft(entry))


def _scan_again(uow: UnitOfWork, entry: Entry, *, tools: Tools) -> None:
    envelope = entry.envelopes[0]
    scan = parse_evidence(envelope.payload)
    person = uow.users.find(_actor_id(entry))
    if person is None:
        raise NotInTheLog(f"entry {entry.index} is of a person whom the database does not know")
    actor = actor_of(person)
    if isinstance(scan, Act):
        _act_again(uow, entry, scan, actor=actor, tools=tools)
        return
    decided = tuple(decide_lines(uow, scan, read_lines(scan, tools), actor=actor, now=entry.at, tools=tools))
    if [(line.read.code, str(line.refusal)) for line in decided] != [
        (item.code, item.refusal) for item in entry.items
    ]:
        raise NotInTheLog(f"entry {entry.index} ends otherwise by what the database knows")
    received = [line.after.id for line in decided if line.after and line.after.state.is_final]
    _enter_register(uow, entry, received, actor)
    raised = raise_incidents(uow, scan, decided, actor=actor, now=entry.at, tools=tools)
    if raised.facts.get("incidents") != entry.facts.get("incidents"):
        raise NotInTheLog(f"entry {entry.index} raised other incidents than the database would")
    pending = uow.audit.append(_draft(entry))
    bind(uow, raised, pending)
    record_deliveries(uow, scan, decided, pending, signature=None, actor=actor, now=entry.at)
    uow.scans.record(scan.scan, sha256_hex(envelope.to_bytes()), map(result_of, decided), pending)


def _act_again(uow: UnitOfWork, entry: Entry, act: Act, *, actor: Actor, tools: Tools) -> None:
    """Do an act again; that its witness stood there is what the entry says."""
    lines = read_lines(act, tools)
    done = acts.decide(uow, act, lines, actor=actor, now=entry.at, tools=tools, is_replayed=True)
    results = acts.results_of(lines, done)
    if [(result.code, result.refusal) for result in results] != [
        (item.code, item.refusal) for item in entry.items
    ]:
        raise NotInTheLog(f"entry {entry.index} ends otherwise by what the database knows")
    pending = uow.audit.append(_draft(entry))
    done.finish(pending)
    uow.scans.record(act.scan, sha256_hex(entry.envelopes[0].to_bytes()), results, pending)


def _enter_register(uow: UnitOfWork, entry: Entry, received: list[ConsignmentId], actor: Actor) -> None:
    """Draw the incoming numbers again; they must be those that the entry states."""
    year, first = entry.facts.get("register_year"), entry.facts.get("register_first")
    if not received or not isinstance(year, int):
        return
    numbers = uow.registers.enter(actor.unit, Direction.IN, received, year=year, registered_at=entry.at)
    if numbers[0].number != first:
        raise NotInTheLog(f"entry {entry.index} drew another register number than the database would")


def _draft(entry: Entry) -> EntryDraft:
    return EntryDraft(
        kind=entry.kind,
        facts=entry.facts,
        items=entry.items,
        commitments=entry.commitments,
        envelopes=entry.envelopes,
    )


def _actor_id(entry: Entry) -> UserId:
    actor = entry.facts.get("actor")
    return UserId(actor if isinstance(actor, int) else 0)
