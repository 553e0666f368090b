"""Every class of byte in every kind of file, changed one by one: the verifier catches it and says where."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit.errors import AuditError, BadEntry, CannotVerify, MalformedTrust
from audit.trust import Trust
from audit.trust_file import format_trust, parse_trust
from audit.verify import Depth, Finding, verify_bundle
from audit.verify_tree import TreeJob, verify_tree
from crypto.keys import PublicKey
from crypto.mldsa import MlDsaPublicKey
from tests.support import logs, trees

ENTRIES = logs.seal(logs.honest_drafts(100))
SMALL = ENTRIES[:12]
BUNDLE = logs.bundle(SMALL)
HEADER_END = BUNDLE.index(b"\n", len(b"kt1-bundle/1\n")) + 1
TRUST = format_trust(trees.trust())
ENTRY = 100
# Where each class of byte stands in an entry.
CLASSES = {
    "time": rb'"at":"',
    "commitment": rb'"abstract":"',
    "fact": rb'"sender":"',
    "format": rb'"format":"',
    "index": rb'"index":',
    "code": rb'"code":"',
    "key id": rb'"key":"',
    "kind": rb'"kind":"',
    "link": rb'"prev":"(?=[0-9a-f]{64}","sig)',
    "signature": rb'"sig":"',
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trees.publish(tmp_path_factory.mktemp("log"), ENTRIES)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def other_letter(data: bytes, at: int) -> bytes:
    """Put another letter of base64 there."""
    return data[:at] + (b"A" if data[at] != ord("A") else b"B") + data[at + 1 :]


def public_keys(trust: Trust) -> Iterator[PublicKey | MlDsaPublicKey]:
    yield from (item.key.public_key for item in trust.checkpoint_keys)
    yield from (item.key.public_key for item in trust.witnesses.witnesses)


def judge_tree(folder: Path) -> Finding | str | None:
    try:
        return verify_tree(TreeJob(folder=folder, trust=trees.trust(), depth=Depth.TREE)).first_bad
    except CannotVerify as error:
        return str(error)


def located(folder: Path, path: str, data: bytes | None) -> Finding:
    """Put other bytes in a file's place, have the tree verified, and return the verdict."""
    file = folder / path
    kept = file.read_bytes() if file.exists() else None
    if data is None:
        file.unlink()
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    try:
        found = judge_tree(folder)
    finally:
        if kept is None:
            file.unlink()
        else:
            file.write_bytes(kept)
    assert isinstance(found, Finding), f"{path}: {found}"
    return found


def test_the_honest_tree_and_bundle_are_good(tree: Path, tmp_path: Path) -> None:
    assert judge_tree(tree) is None
    assert verify_bundle(logs.write(tmp_path / "b", BUNDLE), trees.trust(), jobs=1).first_bad is None


@pytest.mark.parametrize("name", CLASSES)
def test_a_byte_of_an_entry_in_the_tree(tree: Path, name: str) -> None:
    path = "tile/entries/000"
    data = (tree / path).read_bytes()
    start = data.index(ENTRIES[102])
    found = re.compile(CLASSES[name]).search(data, start)
    assert found is not None
    verdict = located(tree, path, flipped(data, found.end() + 3))
    assert (verdict.index, verdict.path, verdict.check) == (102, path, "tree")


@pytest.mark.parametrize("which", [0, 1])
def test_a_length_in_an_entry_bundle(tree: Path, which: int) -> None:
    path = "tile/entries/001.p/47"
    data = (tree / path).read_bytes()
    verdict = located(tree, path, flipped(data, which))
    assert (verdict.path, verdict.check in {"bundle length", "tree"}) == (path, True)


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/001.p/47", "tile/1/000.p/1"])
@pytest.mark.parametrize("where", [0, 17, -1])
def test_a_byte_of_a_tile(tree: Path, path: str, where: int) -> None:
    data = (tree / path).read_bytes()
    verdict = located(tree, path, flipped(data, where % len(data)))
    # Partial tiles are bound to the root together: of them the verdict names the tree's edge.
    assert verdict.check == "tile"
    assert verdict.path == path if path == "tile/0/000" else str(verdict.path).startswith("tile")


@pytest.mark.parametrize(
    "change", [lambda d: d[:-1], lambda d: d + b"\0", lambda d: d[:-32], lambda d: d[:0]]
)
@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/001.p/47", "tile/1/000.p/1", "tile/entries/000"])
def test_a_file_of_the_wrong_length(tree: Path, path: str, change: Callable[[bytes], bytes]) -> None:
    assert located(tree, path, change((tree / path).read_bytes())).path == path


@pytest.mark.parametrize(
    "path", ["tile/0/000", "tile/0/001.p/47", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/47"]
)
def test_a_missing_file(tree: Path, path: str) -> None:
    verdict = located(tree, path, None)
    assert (verdict.check, verdict.path) == ("missing", path)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/002",
        "tile/0/001",
        "tile/0/001.p/48",
        "tile/2/000.p/1",
        "tile/entries/002.p/1",
        "tile/entries/001.p/48",
        "tile/0/x001",
        "tile/0/000.bak",
        ".tile",
        "notes.txt",
    ],
)
def test_an_extra_file(tree: Path, path: str) -> None:
    verdict = located(tree, path, b"x" * 32)
    assert (verdict.check, verdict.path) == ("surplus", path)


# 0: origin, size, root; then key ID, time and signature of each line.
NOTE = trees.checkpoint(ENTRIES)
ROOT_AT = NOTE.index(b"\n303\n") + 10
LINES = [found.end() for found in re.finditer(rb"\xe2\x80\x94 \S+ ", NOTE)]


@pytest.mark.parametrize("at", [3, NOTE.index(b"303"), ROOT_AT], ids=["origin", "size", "root"])
def test_a_byte_of_the_checkpoints_text(tree: Path, at: int) -> None:
    assert located(tree, "checkpoint", flipped(NOTE, at)).path == "checkpoint"


@pytest.mark.parametrize("line", range(5))
@pytest.mark.parametrize("offset", [12, 30, 60], ids=["time", "signature", "signature, later"])
def test_a_byte_of_a_signature_line(tree: Path, line: int, offset: int) -> None:
    verdict = located(tree, "checkpoint", other_letter(NOTE, LINES[line] + offset))
    assert (verdict.path, verdict.check) == ("checkpoint", "checkpoint signature")


@pytest.mark.parametrize("line", [0, 1])
def test_the_key_id_of_the_logs_lines(tree: Path, line: int) -> None:
    """An unknown key is ignored, and then the log has not signed as it must."""
    assert located(tree, "checkpoint", other_letter(NOTE, LINES[line] + 1)).check == "checkpoint signature"


def test_the_key_ids_of_too_many_witnesses(tree: Path) -> None:
    data = other_letter(other_letter(NOTE, LINES[2] + 1), LINES[3] + 1)
    assert located(tree, "checkpoint", data).check == "quorum"


def judge_bundle(tmp_path: Path, data: bytes) -> Finding | None:
    try:
        return verify_bundle(logs.write(tmp_path / "log.kt1", data), trees.trust(), jobs=1).first_bad
    except CannotVerify as error:
        return Finding(index=None, check="unchecked", detail=str(error))


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("name", CLASSES)
def test_a_byte_of_an_entry_in_a_bundle(tmp_path: Path, name: str, depth: Depth) -> None:
    start = BUNDLE.index(SMALL[3])
    found = re.compile(CLASSES[name]).search(BUNDLE, start)
    assert found is not None
    path = logs.write(tmp_path / "log.kt1", flipped(BUNDLE, found.end() + 3))
    verdict = verify_bundle(path, trees.trust(), jobs=1, depth=depth).first_bad
    assert verdict is not None
    # The chain alone finds a changed link where it breaks: at the entry whose successor it should be.
    assert verdict.index == (2 if (name, depth) == ("link", Depth.TREE) else 3)


@pytest.mark.parametrize("at", range(0, HEADER_END, 5))
def test_a_byte_of_a_bundles_frame(tmp_path: Path, at: int) -> None:
    verdict = judge_bundle(tmp_path, flipped(BUNDLE, at))
    assert verdict is not None
    assert verdict.index is None


@pytest.mark.parametrize("k", [0, 5, 11])
def test_a_length_in_a_bundle(tmp_path: Path, k: int) -> None:
    at = BUNDLE.index(SMALL[k]) - 1
    verdict = judge_bundle(tmp_path, flipped(BUNDLE, at))
    assert verdict is not None
    assert verdict.index == k


@pytest.mark.parametrize("at", range(0, len(TRUST), 23))
def test_a_byte_of_the_trust_file(tree: Path, at: int) -> None:
    """What is changed is refused, or trusts somebody else, who then has signed nothing."""
    try:
        changed = parse_trust(flipped(TRUST, at))
    except MalformedTrust:
        return
    try:
        report = verify_tree(TreeJob(folder=tree, trust=changed, jobs=1))
    except (BadEntry, AuditError):
        return
    if report.first_bad is None:
        # Another range, or another name for a witness: the keys are the same, every one of them.
        same = trees.trust()
        assert [key.public_key for key in changed.log_keys] == [key.public_key for key in same.log_keys]
        assert {key.raw for key in public_keys(changed)} == {key.raw for key in public_keys(same)}
