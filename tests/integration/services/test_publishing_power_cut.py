"""The power fails at every durable step of publishing: the next run ends right, and no signature lies.

The disk is one that forgets what nobody synced; the database is real, and what it committed stays.
"""

from pathlib import Path

import pytest

from audit.cosign import CheckpointSigner
from audit.merkle import root_of
from audit.tree_head import TreeHead
from crypto.digest import leaf_hash
from crypto.keys import PublicKey
from crypto.signer import Algorithm
from tests.support.disks import Cut, FragileDisk, Loss, PowerCut
from tests.support.office import Office
from tests.support.publishing import append, check_published, publish_now, published_log, stored
from tests.support.tlog import LOG, LOG_PQ, ORIGIN

TOP = Path("/store")


class WatchedSigner:
    """Signs like the log's key, and remembers what."""

    def __init__(self) -> None:
        self.algorithm = Algorithm.ED25519
        assert isinstance(LOG.key.public_key, PublicKey)
        self.public_key = LOG.key.public_key
        self.messages: list[bytes] = []

    def sign(self, message: bytes) -> bytes:
        """Remember and sign."""
        self.messages.append(message)
        return LOG.signer.sign(message)


def run(office: Office, disk: FragileDisk, watched: WatchedSigner) -> None:
    signers = (CheckpointSigner(LOG.key, watched), LOG_PQ)
    publish_now(office, published_log(TOP, disk=disk, signers=signers))


def steps_of(office: Office, begun: FragileDisk) -> int:
    whole = begun.copy()
    run(office, whole, WatchedSigner())
    assert {step.split()[0] for step in whole.steps} >= {"write", "sync", "rename"}
    return len(whole.steps)


@pytest.mark.parametrize("loss", Loss)
@pytest.mark.parametrize("cut", Cut)
@pytest.mark.parametrize("begin", ["nothing published", "a tile full of entries published"])
def test_a_power_cut_at_any_step_leaves_a_log_that_the_next_run_completes(
    office: Office, begin: str, cut: Cut, loss: Loss
) -> None:
    begun = FragileDisk()
    if begin != "nothing published":
        append(office, 250)
        run(office, begun, WatchedSigner())
    append(office, 20)
    steps = steps_of(office, begun)
    assert steps > 10
    for step in range(steps):
        disk, watched = begun.copy(), WatchedSigner()
        disk.cut_at, disk.cut = step, cut
        with pytest.raises(PowerCut):
            run(office, disk, watched)
        disk.reboot(loss)
        if step % 3 == 0:
            append(office, 1)
        run(office, disk, watched)
        entries = stored(office)
        check_published(published_log(TOP, disk=disk), entries)
        assert watched.messages
        for message in watched.messages:
            size = int(message.split(b"\n")[1])
            root = root_of(map(leaf_hash, entries[:size]))
            assert message == TreeHead(origin=ORIGIN, size=size, root=root).to_text().encode(), (step, size)


@pytest.mark.parametrize("loss", Loss)
def test_what_was_published_is_there_after_the_power_fails(office: Office, loss: Loss) -> None:
    """Whoever saw the checkpoint may come back for any file of it: a finished run needs no later sync."""
    disk = FragileDisk()
    for count in (250, 20):
        append(office, count)
        run(office, disk, WatchedSigner())
        disk.reboot(loss)
        check_published(published_log(TOP, disk=disk), stored(office))


def test_a_disk_that_loses_names_would_be_noticed() -> None:
    """The disk of these tests does forget: a file written and renamed without a sync is gone or empty."""
    disk, folder = FragileDisk(), Path("/f")
    disk.make_folder(folder)
    disk.sync_folders(Path("/"))
    disk.write(folder / "a", b"1")
    emptied = disk.copy()
    emptied.rename(folder / "a", folder / "b")
    emptied.reboot(Loss.CONTENTS)
    assert emptied.read(folder / "b") == b""
    disk.rename(folder / "a", folder / "b")
    disk.reboot(Loss.EVERYTHING)
    assert disk.read(folder / "b") is None
