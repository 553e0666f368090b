"""The log as this installation has signed and published it: tiles, checkpoint store and the keys.

Whoever is about to append or sign asks here first whether the database is still the one that was signed for.
A database older than its own checkpoint, or of another history, may be read, exported and recovered; nothing
may ever be signed on top of it.

    open_latest(log) -> Checkpoint | None                      what this log has signed last
    check_database(uow, *, log) -> Checkpoint | None           read; raises LogBehind or LogDisagrees
    read_file(log, untrusted_path) -> bytes                    raises NotFound
    open_for(log, untrusted, witness_keys) -> Checkpoint       raises MalformedNote or NoteRefused
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.errors import LogBehind, LogDisagrees, NotFound
from app.services.log.key_ring import KeyRing
from app.storage.checkpoint_store import CheckpointStore
from app.storage.tile_folder import CHECKPOINT, TileFolder
from app.storage.uow import UnitOfWork
from audit.checkpoint import Checkpoint, open_checkpoint, read_head
from audit.errors import BadTile, MalformedNote, NoteRefused
from audit.guilt import find_guilt
from audit.merkle import root_of
from audit.note import parse_note
from audit.tiles import parse_tile_path
from audit.tree_head import TreeHead
from audit.vkey import VerifierKey
from crypto.digest import leaf_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLog:
    """Where the tree and its checkpoints lie, and whose keys sign them."""

    origin: str
    folder: TileFolder
    store: CheckpointStore
    ring: KeyRing

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The log's own keys in use, as others know them."""
        return self.ring.current


def open_for(log: PublishedLog, untrusted: bytes, witness_keys: Iterable[VerifierKey] = ()) -> Checkpoint:
    """Verify a checkpoint under the keys that count for its size; raises MalformedNote or NoteRefused.

    Where it does not fit what is known the log is asked again: another process may have handed over.
    """
    size, witnesses = read_head(untrusted).size, tuple(witness_keys)
    try:
        return open_checkpoint(untrusted, log_keys=log.ring.keys_at(size), witness_keys=witnesses)
    except NoteRefused:
        keys = log.ring.learn_keys_at(size)
    try:
        return open_checkpoint(untrusted, log_keys=keys, witness_keys=witnesses)
    except NoteRefused as error:
        raise NoteRefused(_explain(log, untrusted, size) or str(error)) from None


def _explain(log: PublishedLog, untrusted: bytes, size: int) -> str | None:
    """Name a key that signed and does not count for this size, if that is what is wrong."""
    ranges = {(item.key.name, item.key.key_id): item for item in log.ring.ranges}
    for line in parse_note(untrusted).signatures:
        known = ranges.get((line.name, line.key_id))
        if known is not None and not known.covers(size):
            return known.explain(size)
        if known is None and line.name == log.origin:
            return f"it is signed by key {line.key_id.hex()} of this log, which is not here: restore its file"
    return None


def open_own(log: PublishedLog, untrusted: bytes) -> Checkpoint:
    """Verify a checkpoint that should be this log's; raises LogDisagrees for any other."""
    try:
        checkpoint = open_for(log, untrusted)
    except (MalformedNote, NoteRefused) as error:
        raise LogDisagrees(f"a checkpoint of this log cannot be believed: {error}") from None
    if checkpoint.head.origin != log.origin:
        raise LogDisagrees(f"a checkpoint is of {checkpoint.head.origin}, not of {log.origin}")
    return checkpoint


def open_latest(log: PublishedLog) -> Checkpoint | None:
    """Return the latest checkpoint of the store, held against the published one; raises LogDisagrees.

    Two of one size with two roots convict this log, whoever misused its keys: they are kept as evidence.
    """
    # What is shown is read first: whoever publishes beside us moves the store before it.
    shown = log.folder.read_checkpoint()
    kept = log.store.latest()
    latest = None if kept is None else open_own(log, kept)
    published = None if shown is None else open_own(log, shown)
    if published is None:
        return latest
    if latest is None or published.head.size > latest.head.size:
        detail = "a newer checkpoint is published than the checkpoint store remembers"
        raise LogDisagrees(detail if latest else f"{detail}: if it was lost, see kt1 log restore-checkpoint")
    guilt = find_guilt(latest, published)
    if guilt is not None:
        path = log.store.keep_guilt(guilt)
        raise LogDisagrees(f"two roots were signed for {latest.head.size} entries: the proof is {path}")
    return latest


def read_file(log: PublishedLog, untrusted_path: str) -> bytes:
    """Return a published file by the one spelling of its path; raises NotFound. Nothing is verified."""
    try:
        path = untrusted_path if untrusted_path == CHECKPOINT else parse_tile_path(untrusted_path).path
        return log.folder.read(path)
    except BadTile:
        raise NotFound from None


def check_database(uow: UnitOfWork, *, log: PublishedLog) -> Checkpoint | None:
    """Raise LogBehind or LogDisagrees unless the database continues what this log has signed."""
    latest = open_latest(log)
    if latest is not None:
        check_continues(uow, latest.head, log=log)
    return latest


def check_continues(uow: UnitOfWork, signed: TreeHead, *, log: PublishedLog) -> None:
    """Hold the database against a verified tree head; raises LogBehind or LogDisagrees."""
    size = uow.audit.head().size
    if size < signed.size:
        raise LogBehind(f"the database has {size} entries, and {signed.size} are signed")
    if signed.size and not _ends_alike(uow, signed, log=log):
        raise LogDisagrees(f"the first {signed.size} entries of the database are not those that were signed")


def _ends_alike(uow: UnitOfWork, signed: TreeHead, *, log: PublishedLog) -> bool:
    """Compare the last signed entry, which by its chain stands for all before it; or all, without tiles."""
    row = uow.audit.find(signed.size - 1)
    if row is None:
        return False
    try:
        leaf = log.folder.reader(size=signed.size, root=signed.root).leaf(signed.size - 1)
    except BadTile:
        return root_of(leaf_hash(data) for data in uow.audit.stream(size=signed.size)) == signed.root
    return leaf_hash(row.data) == leaf
