"""The log as this installation has signed and published it: tiles, checkpoint store and the two keys.

Whoever is about to append or sign asks here first whether the database is still the one that was signed for.
A database older than its own checkpoint, or of another history, may be read, exported and recovered; nothing
may ever be signed on top of it.

    open_latest(log) -> Checkpoint | None                      what this log has signed last
    check_database(uow, *, log) -> Checkpoint | None           read; raises LogBehind or LogDisagrees
    read_file(log, untrusted_path) -> bytes                    raises NotFound
    make_log_signers(origin, classic, post_quantum)            the keys under the origin's name
"""

from dataclasses import dataclass

from app.domain.errors import LogBehind, LogDisagrees, NotFound
from app.storage.checkpoint_store import CheckpointStore
from app.storage.tile_folder import CHECKPOINT, TileFolder
from app.storage.uow import UnitOfWork
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.cosign import CheckpointSigner, make_signer
from audit.errors import BadTile, MalformedNote, NoteRefused
from audit.guilt import find_guilt
from audit.merkle import root_of
from audit.tiles import parse_tile_path
from audit.tree_head import TreeHead
from audit.vkey import SignatureType, VerifierKey
from crypto.digest import leaf_hash
from crypto.signer import AnySigner


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedLog:
    """Where the tree and its checkpoints lie, and who signs them; every signer bears the origin's name."""

    origin: str
    folder: TileFolder
    store: CheckpointStore
    signers: tuple[CheckpointSigner, ...]

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The log's own keys, as others know them."""
        return tuple(signer.key for signer in self.signers)


def make_log_signers(
    origin: str, classic: AnySigner, post_quantum: AnySigner
) -> tuple[CheckpointSigner, CheckpointSigner]:
    """Name the two checkpoint keys after the log; raises MalformedNote for a key of the wrong algorithm."""
    return (
        make_signer(origin, SignatureType.ED25519, classic),
        make_signer(origin, SignatureType.ML_DSA_44, post_quantum),
    )


def open_own(log: PublishedLog, untrusted: bytes) -> Checkpoint:
    """Verify a checkpoint that should be this log's; raises LogDisagrees for any other."""
    try:
        checkpoint = open_checkpoint(untrusted, log_keys=log.keys)
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
        raise LogDisagrees("a newer checkpoint is published than the checkpoint store remembers")
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
