"""A log that is published: the town's database, its tiles, its checkpoint store and its checkpoint keys."""

from collections.abc import Callable, Sequence
from pathlib import Path

from app.factory import key_ring_of
from app.keystore import load_keys
from app.services.log.key_ring import KeyRing, LogView
from app.services.log.published_log import PublishedLog, open_own
from app.services.log.publishing import Published, Witnessing, publish
from app.storage.checkpoint_store import CheckpointStore
from app.storage.disk import Disk
from app.storage.tile_folder import TileFolder
from app.storage.uow import UnitOfWork
from audit.checkpoint import sign_checkpoint
from audit.cosign import CheckpointSigner
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from audit.merkle import root_of
from audit.tree_head import TreeHead
from audit.vkey import VerifierKey
from config import Config
from crypto.digest import leaf_hash
from tests.support.cabinets import NOTHING_LOGGED, HeldKeys
from tests.support.office import Office
from tests.support.tlog import LOG, LOG_PQ, ORIGIN


def published_log(
    folder: Path,
    *,
    disk: Disk | None = None,
    signers: Sequence[CheckpointSigner] = (LOG, LOG_PQ),
    view: Callable[[], LogView] = lambda: NOTHING_LOGGED,
) -> PublishedLog:
    """Return the log of the town as published below a folder; `view` tells the rotations of its keys."""
    return PublishedLog(
        origin=ORIGIN,
        folder=TileFolder(folder / "tlog", disk=disk),
        store=CheckpointStore(folder / "checkpoints", disk=disk),
        ring=KeyRing(ORIGIN, HeldKeys(signers), view),
    )


def keys_of(config: Config) -> tuple[VerifierKey, ...]:
    """Return the checkpoint keys that an installation was made with."""
    return key_ring_of(config, load_keys(config.keys_path), lambda: NOTHING_LOGGED).current


def publish_now(office: Office, log: PublishedLog, *, witnessing: Witnessing | None = None) -> Published:
    """Publish what the town's database holds now."""
    return publish(office, log, clock=office.town.clock, witnessing=witnessing)


def append(office: Office, count: int) -> None:
    """Let the log grow by entries, all in one transaction."""

    def use_case(uow: UnitOfWork) -> None:
        for _ in range(count):
            uow.audit.append(EntryDraft(kind=EntryKind.LOG_EXPORTED, facts={"size": 1}))

    office.town.do(use_case)


def stored(office: Office) -> list[bytes]:
    """Return the entries of the database."""
    return office.read(lambda uow: list(uow.audit.stream()))


def true_head(entries: Sequence[bytes], size: int | None = None) -> TreeHead:
    """Return the head of the tree over the first entries."""
    count = len(entries) if size is None else size
    return TreeHead(origin=ORIGIN, size=count, root=root_of(map(leaf_hash, entries[:count])))


def check_published(log: PublishedLog, entries: Sequence[bytes]) -> None:
    """Read everything that is published and hold it against the entries, byte for byte."""
    shown = log.folder.read_checkpoint()
    assert shown is not None
    head = open_own(log, shown).head
    assert head == true_head(entries)
    latest = log.store.latest()
    assert latest is not None
    assert open_own(log, latest).head == head
    reader = log.folder.reader(size=head.size, root=head.root)
    read = [entry for number in range(0, head.size, 256) for entry in reader.entries(number // 256)]
    assert read == list(entries)


def signed(head: TreeHead, signers: Sequence[CheckpointSigner] = (LOG, LOG_PQ), *, time: int = 1) -> bytes:
    """Sign whatever head the test wants, as a thief of the keys could."""
    return sign_checkpoint(head, signers, time=time)
