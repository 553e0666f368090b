"""A published tree is verified whole: every file under the signed root, and against what was kept."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from audit.__main__ import main
from audit.checkpoint import open_checkpoint
from audit.errors import CannotVerify
from audit.guilt import find_guilt
from audit.trust import CheckpointKey, RevokedDevice, Trust
from audit.trust_file import format_trust
from audit.verify import Depth, Report
from audit.verify_tree import TreeJob, verify_tree
from crypto.digest import leaf_hash
from crypto.time_token import read_certificates
from crypto.timestamping import Authority
from tests.support import logs, tlog, trees
from tests.support.time_authority import TimeAuthority

ENTRIES = logs.seal(logs.honest_drafts(100))
# The same beginning, then another history: what a restored database goes on with.
FORKED = logs.seal([*logs.honest_drafts(90), *[logs.registered(f"RT{n:09d}VN") for n in range(500, 530)]])


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return trees.publish(tmp_path / "log", ENTRIES)


def verify(
    tree: Path, trust: Trust | None = None, *, depth: Depth = Depth.FULL, **kept: tuple[Path, ...]
) -> Report:
    return verify_tree(
        TreeJob(
            folder=tree,
            trust=trust or trees.trust(),
            depth=depth,
            jobs=1,
            earlier=kept.get("earlier", ()),
            tokens=kept.get("tokens", ()),
        )
    )


def bad(report: Report) -> tuple[str, str | int | None]:
    """Return the check, and the file's name or the entry."""
    found = report.first_bad
    assert found is not None
    return found.check, found.index if found.path is None else found.path.rsplit("/kept/")[-1]


def keep(tree: Path, name: str, data: bytes) -> Path:
    (tree.parent / "kept").mkdir(exist_ok=True)
    return logs.write(tree.parent / "kept" / name, data)


def test_a_good_tree_says_what_was_checked_and_how_many(tree: Path) -> None:
    earlier = keep(tree, "old", trees.checkpoint(ENTRIES[:100]))
    report = verify(tree, earlier=(earlier,))
    assert report.first_bad is None
    assert (report.depth, report.entries, report.size) == ("full", 303, 303)
    assert (report.log_signatures, report.device_signatures, report.items) == (303, 200, 300)
    assert (report.tiles, report.checkpoints, report.checkpoint_signatures) == (3, 2, 4)
    assert (report.cosignatures, report.witnessed) == (6, True)


def test_the_fast_depth_reads_every_file_and_says_that_it_verified_no_entry(tree: Path) -> None:
    report = verify(tree, depth=Depth.TREE)
    assert report.first_bad is None
    assert (report.depth, report.entries, report.tiles, report.signatures) == ("tree", 303, 3, 0)


def test_files_of_earlier_sizes_may_stay_and_are_held_against_the_tree(tree: Path) -> None:
    trees.publish(tree, ENTRIES[:100])
    trees.publish(tree, ENTRIES)
    report = verify(tree)
    assert (report.first_bad, report.tiles) == (None, 4)
    for path in ("tile/0/000.p/100", "tile/entries/000.p/100"):
        data = (tree / path).read_bytes()
        for wrong in (data[:50] + b"\0" + data[51:], data[:-1], data + b"\0"):
            (tree / path).write_bytes(wrong)
            assert bad(verify(tree, depth=Depth.TREE)) == ("tile", path)
        (tree / path).write_bytes(data)


def test_unsigned_or_empty_is_never_good(tree: Path, tmp_path: Path) -> None:
    """CVE-2026-42501: nothing verified is not success."""
    path = tree / "checkpoint"
    stranger = trees.checkpoint(ENTRIES, signers=(tlog.STRANGER_LOG,))
    for data in (b"", stranger, trees.checkpoint([])):
        path.write_bytes(data)
        with pytest.raises(CannotVerify, match="nothing was checked"):
            verify(tree)
    path.unlink()
    with pytest.raises(CannotVerify, match="cannot read"):
        verify(tree)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CannotVerify):
        verify(tmp_path / "empty")
    path.write_bytes(trees.checkpoint(ENTRIES))
    with pytest.raises(CannotVerify, match="names no key of checkpoints"):
        verify(tree, logs.trust())


def test_the_log_must_sign_in_both_ways(tree: Path) -> None:
    for signers in ((trees.ED,), (trees.PQ,)):
        (tree / "checkpoint").write_bytes(trees.checkpoint(ENTRIES, signers=signers))
        assert bad(verify(tree)) == ("checkpoint signature", "checkpoint")
    only = trees.trust(keys=[CheckpointKey(key=trees.ED.key)])
    (tree / "checkpoint").write_bytes(trees.checkpoint(ENTRIES, signers=(trees.ED,)))
    assert verify(tree, only).first_bad is None


def test_a_checkpoint_key_counts_for_its_sizes(tree: Path) -> None:
    keys = [CheckpointKey(key=trees.ED.key, last=302), CheckpointKey(key=trees.PQ.key, last=302)]
    assert bad(verify(tree, trees.trust(keys=keys))) == ("checkpoint key", "checkpoint")


def test_too_few_witnesses(tree: Path) -> None:
    (tree / "checkpoint").write_bytes(trees.checkpoint(ENTRIES, witnesses=(tlog.W1,)))
    assert bad(verify(tree)) == ("quorum", "checkpoint")
    report = verify(tree, trees.trust(quorum="quorum none\n"))
    assert (report.first_bad, report.cosignatures, report.witnessed) == (None, 1, False)


def test_the_text_of_a_note_is_not_used_before_its_signature(tree: Path) -> None:
    """CVE-2026-56864: another size and root, though they fit the files, under the old signatures."""
    signatures = (tree / "checkpoint").read_bytes().split(b"\n\n", 1)[1]
    other = trees.publish(tree.parent / "other", ENTRIES[:290])
    (other / "checkpoint").write_bytes(trees.head(ENTRIES[:290]).to_text().encode() + b"\n" + signatures)
    assert bad(verify(other)) == ("checkpoint signature", "checkpoint")


def test_an_unauthenticated_tile_is_not_used(tree: Path) -> None:
    """CVE-2026-56865: entries and leaf hashes exchanged together fit each other, but not the root."""
    forged = trees.publish(tree.parent / "forged", [b"forged", *ENTRIES[1:]])
    for path in ("tile/0/000", "tile/entries/000"):
        (tree / path).write_bytes((forged / path).read_bytes())
    assert bad(verify(tree)) == ("tile", "tile/0/000")


def test_a_leaf_that_reads_like_a_node_is_no_entry(tree: Path) -> None:
    """Second preimage: the two halves of a node in place of an entry hash with another prefix."""
    small = ENTRIES[:2]
    node = b"".join(leaf_hash(entry) for entry in small)
    folder = trees.publish(tree.parent / "two", small)
    (folder / "tile/entries/000.p/2").unlink()
    (folder / "tile/entries/000.p/1").write_bytes(len(node).to_bytes(2, "big") + node)
    assert bad(verify(folder)) == ("missing", "tile/entries/000.p/2")


def test_a_tail_cut_off_behind_a_kept_checkpoint(tree: Path) -> None:
    kept = keep(tree, "yesterday", (tree / "checkpoint").read_bytes())
    shorter = trees.publish(tree.parent / "shorter", ENTRIES[:280])
    assert bad(verify(shorter, earlier=(kept,))) == ("rollback", "yesterday")


def test_a_fork_after_a_restore_is_caught_by_a_kept_checkpoint(tree: Path) -> None:
    kept = keep(tree, "before-restore", trees.checkpoint(FORKED[:290]))
    assert bad(verify(tree, earlier=(kept,))) == ("consistency", "before-restore")


def test_two_roots_for_one_size_are_named_as_guilt(tree: Path) -> None:
    other = trees.checkpoint(FORKED[:303])
    kept = keep(tree, "other", other)
    report = verify(tree, earlier=(kept,))
    assert bad(report) == ("guilt", "other")
    assert report.first_bad is not None
    assert "prove its guilt" in report.first_bad.detail
    keys = [trees.ED.key, trees.PQ.key]
    pair = [open_checkpoint(data, log_keys=keys) for data in (other, (tree / "checkpoint").read_bytes())]
    assert find_guilt(*pair) is not None


def test_a_kept_checkpoint_that_cannot_be_read_is_not_passed_over(tree: Path) -> None:
    with pytest.raises(CannotVerify):
        verify(tree, earlier=(tree / "none",))
    with pytest.raises(CannotVerify):
        verify(tree, earlier=(keep(tree, "empty", b""),))


def test_entries_are_judged_as_in_a_bundle(tree: Path) -> None:
    revoked = (RevokedDevice(key_id=logs.GIVER.key_id, until=10),)
    assert bad(verify(tree, trees.trust(revoked=revoked))) == ("device", 10)
    assert verify(tree, trees.trust(revoked=revoked), depth=Depth.TREE).first_bad is None


def test_a_chain_broken_by_the_log_itself_under_a_good_tree(tree: Path) -> None:
    """The log signs a tree over an entry that was exchanged behind the next one's back."""
    swapped = [*ENTRIES[:50], FORKED[51], *ENTRIES[51:]]
    folder = trees.publish(tree.parent / "swapped", swapped)
    assert bad(verify(folder, depth=Depth.TREE))[0] == "chain"


@pytest.fixture(scope="module")
def tsa() -> Iterator[TimeAuthority]:
    with TemporaryDirectory() as folder:
        yield TimeAuthority(Path(folder) / "tsa")


@pytest.fixture
def stamp(tsa: TimeAuthority) -> Callable[[bytes], bytes]:
    return lambda data: tsa.reply(Authority.load(tsa.both).make_request(data))


def test_time_stamps_over_checkpoints(
    tree: Path, tsa: TimeAuthority, stamp: Callable[[bytes], bytes]
) -> None:
    trust = trees.trust(authorities=read_certificates(tsa.both.read_bytes()))
    old = trees.checkpoint(ENTRIES[:100])
    keep(tree, "07Z.checkpoint", old)
    keep(tree, "07Z.tsr", stamp(old))
    folder = tree.parent / "kept"
    good = verify(tree, trust, tokens=(folder,))
    assert (good.first_bad, good.tokens, good.checkpoints) == (None, 1, 2)
    now = logs.write(tree.parent / "now.tsr", stamp((tree / "checkpoint").read_bytes()))
    assert verify(tree, trust, tokens=(now, folder)).tokens == 2
    keep(tree, "07Z.tsr", stamp(old + b"x"))
    assert bad(verify(tree, trust, tokens=(folder,))) == ("time stamp", "07Z.tsr")
    with pytest.raises(CannotVerify, match="no time authority"):
        verify(tree, tokens=(folder,))
    (tree.parent / "bare").mkdir()
    with pytest.raises(CannotVerify, match="nothing was checked"):
        verify(tree, trust, tokens=(tree.parent / "bare",))


def test_the_command(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trust = logs.write(tree.parent / "trust.json", format_trust(trees.trust()))
    kept = keep(tree, "old", trees.checkpoint(ENTRIES[:100]))
    command = ["verify", str(tree), "--trust", str(trust), "--checkpoint", str(kept)]
    assert main([*command, "--jobs", "1"]) == 0
    said = capsys.readouterr().out
    for part in (
        "depth        full",
        "303 checked",
        "tiles        3,",
        "checkpoints  2,",
        "quorum met",
        "GOOD",
    ):
        assert part in said
    assert main([*command, "--depth", "tree", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["depth"] == "tree"
    (tree / "tile/0/000").unlink()
    assert main([*command, "--depth", "tree"]) == 1
    assert "file tile/0/000 (missing)" in capsys.readouterr().out
    (tree / "checkpoint").write_bytes(b"")
    assert main(command) == 2
