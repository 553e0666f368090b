"""The tree gives the answers others published, and accepts nothing at its limits."""

import json
from typing import Any

import pytest

from audit import merkle
from audit.errors import ProofRejected
from crypto.digest import leaf_hash
from tests.house.tree import ROOT

FOREIGN: dict[str, Any] = json.loads((ROOT / "tests/vectors/foreign_tlog.json").read_text(encoding="utf-8"))
OURS: dict[str, Any] = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
CT: dict[str, Any] = FOREIGN["rfc6962_tree"]
LEAVES = [leaf_hash(bytes.fromhex(data)) for data in CT["leaves"]]


def node(level: int, index: int) -> bytes:
    return merkle.root_of(LEAVES[index << level : (index + 1) << level])


def unhex(hashes: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(text) for text in hashes)


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]).hex() == CT["roots"][size]
    assert merkle.root_at(size, node).hex() == CT["roots"][size]


@pytest.mark.parametrize("proof", CT["inclusion"], ids=lambda proof: f"{proof['index']} in {proof['size']}")
def test_the_published_inclusion_proofs(proof: dict[str, Any]) -> None:
    index, size, hashes = proof["index"], proof["size"], unhex(proof["hashes"])
    assert merkle.inclusion_proof(index, size, node) == hashes
    merkle.verify_inclusion(LEAVES[index], index, size, hashes, bytes.fromhex(CT["roots"][size]))


@pytest.mark.parametrize("proof", CT["consistency"], ids=lambda proof: f"{proof['old']} to {proof['new']}")
def test_the_published_consistency_proofs(proof: dict[str, Any]) -> None:
    old, new, hashes = proof["old"], proof["new"], unhex(proof["hashes"])
    assert merkle.consistency_proof(old, new, node) == hashes
    before, after = bytes.fromhex(CT["roots"][old]), bytes.fromhex(CT["roots"][new])
    merkle.verify_consistency(old, before, new, after, hashes)


@pytest.mark.parametrize("size", range(8))
def test_the_roots_of_our_pages(size: int) -> None:
    entries = [entry.encode() for entry in OURS["entries"][:size]]
    assert merkle.root_of(map(leaf_hash, entries)).hex() == OURS["roots"][size]


def test_one_entry_needs_no_proof_and_no_other_tree_does_without() -> None:
    merkle.verify_inclusion(LEAVES[0], 0, 1, (), LEAVES[0])
    with pytest.raises(ProofRejected, match="must have 1"):
        merkle.verify_inclusion(LEAVES[0], 0, 2, (), LEAVES[0])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 3), (0, merkle.MAX_SIZE + 1)])
def test_an_index_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ProofRejected, match="not an index"):
        merkle.verify_inclusion(LEAVES[0], index, size, (), LEAVES[0])
    with pytest.raises(ProofRejected, match="not an index"):
        merkle.inclusion_proof(index, size, node)


def test_the_empty_tree_is_the_beginning_of_every_tree_under_its_own_root_only() -> None:
    root = merkle.root_of(LEAVES)
    merkle.verify_consistency(0, merkle.EMPTY_ROOT, 8, root, ())
    merkle.verify_consistency(0, merkle.EMPTY_ROOT, 0, merkle.EMPTY_ROOT, ())
    for old_root, new, new_root, proof in (
        (root, 8, root, ()),
        (merkle.EMPTY_ROOT, 0, root, ()),
        (merkle.EMPTY_ROOT, 8, root, (root,)),
    ):
        with pytest.raises(ProofRejected):
            merkle.verify_consistency(0, old_root, new, new_root, proof)


def test_two_roots_for_one_size_are_never_consistent() -> None:
    merkle.verify_consistency(8, LEAVES[0], 8, LEAVES[0], ())
    with pytest.raises(ProofRejected, match="two roots"):
        merkle.verify_consistency(8, LEAVES[0], 8, LEAVES[1], ())
    with pytest.raises(ProofRejected, match="must have 0"):
        merkle.verify_consistency(8, LEAVES[0], 8, LEAVES[0], (LEAVES[0],))


def test_a_log_never_shrinks() -> None:
    with pytest.raises(ProofRejected, match="of one tree"):
        merkle.verify_consistency(5, LEAVES[0], 3, LEAVES[0], ())
    with pytest.raises(ProofRejected, match="of one tree"):
        merkle.consistency_proof(5, 3, node)
