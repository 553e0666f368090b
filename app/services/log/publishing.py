"""Publish the log: entries into durable tiles, read back, signed, remembered, witnessed, shown.

The order is the safety (docs/life-of-a-scan.md has the crash table): nothing is signed before it was read
back from the disk, nobody sees a signature before the checkpoint store remembers it, and `checkpoint` is
written last. Any doubt is fatal until everything was read again: each run begins from the stores and believes
nothing it remembers. Two checkpoints of which one does not continue the other must never be signed.

    publish(ports, log, *, clock, witnessing) -> Published   once; raises LogBehind, LogDisagrees, BadTile
    rebuild(ports, log) -> Published | None                  the files again, bit for bit, from the database
    prove(log, checkpoint, index) -> tuple[bytes, ...]       the path of an entry, from the tiles
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from app.domain.errors import ClockWentBack, LogBehind, LogDisagrees
from app.services.log.growing import grow, read_back
from app.services.log.published_log import PublishedLog, check_continues, open_latest, open_own
from app.storage.uow import UnitOfWork
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.merkle import consistency_proof, inclusion_proof, root_of
from audit.tree_head import TreeHead
from crypto.digest import leaf_hash

T = TypeVar("T")
Consistency = Callable[[int], tuple[bytes, ...]]
"""Proves that the tree of a size, at most the checkpoint's, is the beginning of the checkpoint's tree."""
Witnessing = Callable[[bytes, Consistency], bytes]
"""Takes a signed checkpoint round to the witnesses; returns it with the cosignatures it got."""


class Reading(Protocol):
    """The reading door of a runtime."""

    def read(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run a reading use case."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What is published now: the checkpoint as its file has it, and how many entries it has more."""

    head: TreeHead
    checkpoint: bytes
    fresh: int


def publish(
    ports: Reading,
    log: PublishedLog,
    *,
    clock: Callable[[], datetime],
    witnessing: Witnessing | None = None,
) -> Published:
    """Publish everything committed so far; without a new entry the last checkpoint is only shown again.

    Raises LogBehind or LogDisagrees when the database is not the one that was signed for, BadTile when a
    published file is not (make the files again: `rebuild`), MalformedKey when a key that counts for the new
    size is not here, ClockWentBack, StoreBusy, LostRace, OSError.
    """
    with log.folder.lock():
        latest = open_latest(log)
        if _was_interrupted(log, latest):
            # What is seen of the step that was cut off need not be on the disk yet; from here on it is.
            log.store.settle()
        grown = ports.read(_integrate, log=log, latest=latest)
        old = 0 if latest is None else latest.head.size
        if latest is None or grown.size > old:
            latest = _sign(log, latest, grown, clock())
        return _show(log, latest, fresh=grown.size - old, witnessing=witnessing)


def rebuild(ports: Reading, log: PublishedLog) -> Published | None:
    """Write every file of the signed tree anew from the database, and `checkpoint`; None: nothing is signed.

    Raises LogBehind or LogDisagrees, before any file is touched, when the database is not what was signed.
    Nothing is signed here. Files of earlier sizes stay where they are.
    """
    with log.folder.lock():
        kept = log.store.latest()
        if kept is None:
            return None
        latest = open_own(log, kept)
        ports.read(_rewrite, log=log, signed=latest.head)
        return _show(log, latest, fresh=0, witnessing=None)


def prove(log: PublishedLog, checkpoint: Checkpoint, index: int) -> tuple[bytes, ...]:
    """Return the inclusion proof of an entry under a verified checkpoint; raises BadTile or ProofRejected."""
    head = checkpoint.head
    return inclusion_proof(index, head.size, log.folder.reader(size=head.size, root=head.root).node)


def _integrate(uow: UnitOfWork, *, log: PublishedLog, latest: Checkpoint | None) -> TreeHead:
    start = None if latest is None else latest.head
    if start is not None:
        check_continues(uow, start, log=log)
        if uow.audit.head().size == start.size:
            read_back(log.folder, start, first=start.size)
            return start
    return grow(uow, start, log=log)


def _rewrite(uow: UnitOfWork, *, log: PublishedLog, signed: TreeHead) -> None:
    size = uow.audit.head().size
    if size < signed.size:
        raise LogBehind(f"the database has {size} entries, and {signed.size} are signed")
    # The tree is counted first, without a file: what is not the signed tree shall overwrite nothing.
    if root_of(leaf_hash(data) for data in uow.audit.stream(size=signed.size)) != signed.root:
        raise LogDisagrees(f"the first {signed.size} entries of the database are not those signed")
    grow(uow, None, log=log, signed=signed)


def _was_interrupted(log: PublishedLog, latest: Checkpoint | None) -> bool:
    shown = log.folder.read_checkpoint()
    return latest is not None and (shown is None or open_own(log, shown).head != latest.head)


def _sign(log: PublishedLog, latest: Checkpoint | None, grown: TreeHead, now: datetime) -> Checkpoint:
    """Sign, and have it remembered before anybody else sees it."""
    last = signed_at(latest)
    if last is not None and now < last:
        raise ClockWentBack(last)
    # What was just read says which keys count for this size: another process may have handed over.
    log.ring.refresh()
    signers = log.ring.signers_at(grown.size)
    signed = open_own(log, sign_checkpoint(grown, signers, time=int(now.timestamp())))
    log.store.swap(None if latest is None else latest.data, signed.data)
    return signed


def signed_at(checkpoint: Checkpoint | None) -> datetime | None:
    """Return when the log says it signed, to the second; the Ed25519 line says nothing."""
    lines = () if checkpoint is None else checkpoint.log_signatures
    times = [line.time for line in lines if line.time]
    return datetime.fromtimestamp(max(times), UTC) if times else None


def _show(log: PublishedLog, latest: Checkpoint, *, fresh: int, witnessing: Witnessing | None) -> Published:
    """Collect cosignatures and put `checkpoint` in place; cosignatures already there are kept."""
    shown = log.folder.read_checkpoint()
    same = shown is not None and open_own(log, shown).head == latest.head
    checkpoint = shown if shown is not None and same else latest.data
    if witnessing is not None:
        reader = log.folder.reader(size=latest.head.size, root=latest.head.root)
        checkpoint = witnessing(checkpoint, lambda old: consistency_proof(old, latest.head.size, reader.node))
        if open_own(log, checkpoint).head != latest.head:
            raise LogDisagrees("the witnesses' answer is another checkpoint than was sent")
    if checkpoint != shown:
        log.folder.publish_checkpoint(checkpoint)
    return Published(head=latest.head, checkpoint=checkpoint, fresh=fresh)
