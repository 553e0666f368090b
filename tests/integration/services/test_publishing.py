"""What was committed is published as it is stored; what was signed is never contradicted."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.domain.errors import ClockWentBack, LogBehind, LogDisagrees
from app.services.log.published_log import PublishedLog, check_database, open_own
from app.services.log.publishing import Consistency, prove, publish, rebuild
from app.storage.errors import LostRace, StoreBusy
from audit.errors import BadTile
from audit.guilt import verify_guilt
from audit.merkle import verify_consistency, verify_inclusion
from audit.tree_head import TreeHead
from audit.vkey import SignatureType
from crypto.digest import leaf_hash
from tests.support.databases import Database
from tests.support.office import Office
from tests.support.owner import as_owner
from tests.support.publishing import (
    append,
    check_published,
    publish_now,
    published_log,
    signed,
    stored,
    true_head,
)
from tests.support.tlog import ORIGIN, STRANGER_LOG, W1


@pytest.fixture
def log(tmp_path: Path) -> PublishedLog:
    return published_log(tmp_path)


def files(log: PublishedLog) -> dict[str, bytes]:
    top = log.folder.path
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def truncate(database: Database, size: int, leaf: bytes) -> None:
    """Make the database an old copy of itself, as a restored backup is."""
    with as_owner(database) as owner:
        owner.exec_driver_sql(f"DELETE FROM audit_items WHERE idx >= {size}")
        owner.exec_driver_sql(f"DELETE FROM audit_log WHERE idx >= {size}")
        mark = "x'{}'" if database.kind == "sqlite" else "'\\x{}'::bytea"
        owner.exec_driver_sql(f"UPDATE audit_head SET size = {size}, leaf = {mark.format(leaf.hex())}")


@pytest.mark.parametrize("steps", [(1,), (3, 300, 256, 1, 600)])
def test_what_is_committed_is_published_entry_by_entry(
    office: Office, log: PublishedLog, steps: tuple[int, ...]
) -> None:
    for count in steps:
        append(office, count)
        published = publish_now(office, log)
        check_published(log, stored(office))
        checkpoint = open_own(log, published.checkpoint)
        assert checkpoint.log_types == {SignatureType.ED25519, SignatureType.ML_DSA_44}
    assert not [path for path in files(log) if path.endswith(".new")]


def test_without_a_new_entry_nothing_is_signed_again(office: Office, log: PublishedLog) -> None:
    first = publish_now(office, log)
    again = publish_now(office, log)
    assert (again.checkpoint, again.fresh) == (first.checkpoint, 0)


def test_every_entry_has_a_proof_from_the_tiles(office: Office, log: PublishedLog) -> None:
    append(office, 520)
    checkpoint = open_own(log, publish_now(office, log).checkpoint)
    entries = stored(office)
    for index in (0, 255, 256, 511, 512, len(entries) - 1):
        path = prove(log, checkpoint, index)
        verify_inclusion(leaf_hash(entries[index]), index, len(entries), path, checkpoint.head.root)


def test_the_tree_is_made_again_bit_for_bit(office: Office, log: PublishedLog) -> None:
    for count in (200, 300, 30):
        append(office, count)
        publish_now(office, log)
    before = files(log)
    append(office, 5)
    size = len(stored(office)) - 5
    for path in log.folder.path.rglob("*"):
        if path.is_file() and path.name != ".lock":
            path.unlink()
    rebuilt = rebuild(office, log)
    assert rebuilt is not None
    assert rebuilt.head.size == size
    after = files(log)
    assert {path: before[path] for path in after} == after
    needed = {path for path in before if ".p/" not in path}
    assert needed <= after.keys()
    publish_now(office, log)
    check_published(log, stored(office))


def test_nothing_is_rebuilt_before_anything_was_signed(office: Office, log: PublishedLog) -> None:
    assert rebuild(office, log) is None


def test_a_checkpoint_is_refused_when_the_database_is_behind(
    office: Office, log: PublishedLog, database: Database
) -> None:
    append(office, 300)
    kept = stored(office)
    append(office, 3)
    publish_now(office, log)
    before = files(log)
    truncate(database, len(kept), leaf_hash(kept[-1]))
    with pytest.raises(LogBehind):
        publish_now(office, log)
    with pytest.raises(LogBehind):
        office.read(check_database, log=log)
    with pytest.raises(LogBehind):
        rebuild(office, log)
    assert files(log) == before


@pytest.mark.parametrize("more", [3, 10])
def test_a_fork_after_a_restore_is_refused_whatever_its_size(
    office: Office, log: PublishedLog, database: Database, more: int
) -> None:
    append(office, 5)
    kept = stored(office)
    append(office, 3)
    publish_now(office, log)
    truncate(database, len(kept), leaf_hash(kept[-1]))
    append(office, more)
    latest = log.store.latest()
    with pytest.raises(LogDisagrees):
        publish_now(office, log)
    with pytest.raises(LogDisagrees):
        office.read(check_database, log=log)
    with pytest.raises(LogDisagrees):
        rebuild(office, log)
    assert log.store.latest() == latest


def test_a_fork_is_seen_without_the_tiles_too(office: Office, log: PublishedLog, database: Database) -> None:
    append(office, 5)
    kept = stored(office)
    append(office, 1)
    publish_now(office, log)
    for path in (log.folder.path / "tile").rglob("*"):
        if path.is_file():
            path.unlink()
    assert office.read(check_database, log=log) is not None
    truncate(database, len(kept), leaf_hash(kept[-1]))
    append(office, 1)
    with pytest.raises(LogDisagrees):
        office.read(check_database, log=log)


def test_an_entry_changed_behind_the_chain_is_never_signed_for(
    office: Office, log: PublishedLog, database: Database
) -> None:
    publish_now(office, log)
    append(office, 3)
    index = len(stored(office)) - 2
    with as_owner(database) as owner:
        digits = "substr(data, 1, 20) || '0' || substr(data, 22)"
        digits = f"CAST({digits} AS BLOB)" if database.kind == "sqlite" else "set_byte(data, 20, 48)"
        owner.exec_driver_sql(f"UPDATE audit_log SET data = {digits} WHERE idx = {index}")
    latest = log.store.latest()
    with pytest.raises(LogDisagrees, match=f"entry {index + 1} does not continue entry {index}"):
        publish_now(office, log)
    assert log.store.latest() == latest


@pytest.mark.parametrize("damage", ["flip", "cut", "gone"])
@pytest.mark.parametrize("kind", ["tile/0/", "tile/1/", "tile/entries/"])
def test_a_tile_that_is_not_the_signed_trees_stops_the_growth(
    office: Office, log: PublishedLog, kind: str, damage: str
) -> None:
    append(office, 300)
    size = publish_now(office, log).head.size
    width = {"tile/0/": size % 256, "tile/1/": 1, "tile/entries/": size % 256}[kind]
    number = "000" if kind == "tile/1/" else "001"
    path = log.folder.path / f"{kind}{number}.p" / str(width)
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-1] + (b"" if damage == "cut" else bytes([data[-1] ^ 1])))
    append(office, 1)
    latest = log.store.latest()
    with pytest.raises(BadTile):
        publish_now(office, log)
    assert log.store.latest() == latest
    rebuild(office, log)
    publish_now(office, log)
    check_published(log, stored(office))


def test_a_published_checkpoint_newer_than_the_stores_is_fatal(office: Office, log: PublishedLog) -> None:
    publish_now(office, log)
    old = log.store.latest()
    assert old is not None
    append(office, 1)
    publish_now(office, log)
    (log.store.path / "latest").write_bytes(old)
    with pytest.raises(LogDisagrees):
        publish_now(office, log)
    (log.store.path / "latest").unlink()
    with pytest.raises(LogDisagrees):
        publish_now(office, log)


def test_a_rolled_back_published_checkpoint_is_put_right(office: Office, log: PublishedLog) -> None:
    old = publish_now(office, log).checkpoint
    append(office, 1)
    newest = publish_now(office, log)
    (log.folder.path / "checkpoint").write_bytes(old)
    assert publish_now(office, log).checkpoint == newest.checkpoint == log.folder.read_checkpoint()


def test_two_roots_for_one_size_are_kept_as_proof_of_guilt(office: Office, log: PublishedLog) -> None:
    head = publish_now(office, log).head
    other = signed(TreeHead(origin=ORIGIN, size=head.size, root=bytes(32)))
    (log.folder.path / "checkpoint").write_bytes(other)
    for _ in range(2):
        with pytest.raises(LogDisagrees, match="guilt-"):
            publish_now(office, log)
    (proof,) = log.store.list_guilt()
    first, second = verify_guilt(proof, log_keys=log.keys)
    assert {first.head.root, second.head.root} == {head.root, bytes(32)}


@pytest.mark.parametrize("where", ["store", "folder"])
def test_a_checkpoint_of_a_stranger_is_not_believed(office: Office, log: PublishedLog, where: str) -> None:
    publish_now(office, log)
    strange = signed(true_head(stored(office)), [STRANGER_LOG])
    place = log.store.path / "latest" if where == "store" else log.folder.path / "checkpoint"
    place.write_bytes(strange)
    with pytest.raises(LogDisagrees):
        publish_now(office, log)


def test_nothing_is_signed_by_a_clock_that_went_back(office: Office, log: PublishedLog) -> None:
    publish_now(office, log)
    latest = log.store.latest()
    append(office, 1)
    now = office.town.clock() - timedelta(minutes=5)
    with pytest.raises(ClockWentBack):
        publish(office, log, clock=lambda: now)
    assert log.store.latest() == latest
    publish_now(office, log)
    check_published(log, stored(office))


def test_one_process_publishes_at_a_time(office: Office, log: PublishedLog) -> None:
    with log.folder.lock(), pytest.raises(StoreBusy):
        publish_now(office, log)


def test_the_store_takes_only_what_continues(office: Office, log: PublishedLog) -> None:
    publish_now(office, log)
    latest = log.store.latest()
    assert latest is not None
    head = open_own(log, latest).head
    for wrong in (
        TreeHead(origin=ORIGIN, size=head.size - 1, root=head.root),
        TreeHead(origin=ORIGIN, size=head.size, root=bytes(32)),
    ):
        with pytest.raises(LostRace):
            log.store.swap(latest, signed(wrong))
    with pytest.raises(LostRace):
        log.store.swap(None, latest)
    assert log.store.latest() == latest


def test_witnesses_see_the_checkpoint_after_it_is_remembered_and_before_it_is_shown(
    office: Office, log: PublishedLog
) -> None:
    old = publish_now(office, log).head
    append(office, 300)

    def witness(checkpoint: bytes, prove_from: Consistency) -> bytes:
        latest = log.store.latest()
        assert latest == checkpoint
        head = open_own(log, checkpoint).head
        verify_consistency(old.size, old.root, head.size, head.root, prove_from(old.size))
        shown = log.folder.read_checkpoint()
        assert shown is not None
        assert open_own(log, shown).head == old
        return checkpoint + W1.sign(head, time=1_795_333_386).to_line().encode()

    published = publish_now(office, log, witnessing=witness)
    assert W1.key.name.encode() in published.checkpoint
    assert log.folder.read_checkpoint() == published.checkpoint
    # Who asks again without witnesses takes no cosignature away.
    assert publish_now(office, log).checkpoint == published.checkpoint


def test_an_answer_of_witnesses_over_another_checkpoint_is_not_published(
    office: Office, log: PublishedLog
) -> None:
    publish_now(office, log)
    shown = log.folder.read_checkpoint()
    append(office, 1)
    assert shown is not None
    with pytest.raises(LogDisagrees):
        publish_now(office, log, witnessing=lambda _checkpoint, _prove: shown)
    assert log.folder.read_checkpoint() == shown
    publish_now(office, log)
    check_published(log, stored(office))
