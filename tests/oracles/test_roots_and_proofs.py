"""Roots and proofs against `pymerkle`, which knows RFC 6962 and nothing of us: each verifies the other's."""

from functools import cache

import pytest
from pymerkle import ConsistencyProof, InclusionProof, InmemoryTree, InvalidProof
from pymerkle import verify_consistency as their_consistency
from pymerkle import verify_inclusion as their_inclusion

from audit import merkle
from audit.errors import ProofRejected
from crypto.digest import leaf_hash

SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 255, 256, 257, 300]
ENTRIES = tuple(f"entry {number}".encode() for number in range(max(SIZES)))


@cache
def tree() -> InmemoryTree:
    theirs = InmemoryTree(algorithm="sha256")
    theirs.append_entries(ENTRIES)
    return theirs


def node(level: int, index: int) -> bytes:
    return merkle.root_of(map(leaf_hash, ENTRIES[index << level : (index + 1) << level]))


def root(size: int) -> bytes:
    return merkle.root_of(map(leaf_hash, ENTRIES[:size]))


def at(hashes: tuple[bytes, ...], place: int) -> tuple[bytes, ...]:
    return (*hashes[:place], bytes([hashes[place][0] ^ 1]) + hashes[place][1:], *hashes[place + 1 :])


@pytest.mark.parametrize("size", SIZES)
def test_the_roots_are_the_same(size: int) -> None:
    assert tree().get_root(size) == root(size)


@pytest.mark.parametrize("size", SIZES)
def test_each_accepts_the_others_inclusion_proofs(size: int) -> None:
    for index in sorted({0, 1, size // 2, size - 1} & set(range(size))):
        theirs = tree().prove_inclusion(index + 1, size)
        ours = merkle.inclusion_proof(index, size, node)
        assert tuple(ours) == tuple(theirs.path[1:])
        merkle.verify_inclusion(leaf_hash(ENTRIES[index]), index, size, theirs.path[1:], root(size))
        again = InclusionProof("sha256", True, size, index + 1, theirs.rule, [theirs.path[0], *ours])
        their_inclusion(leaf_hash(ENTRIES[index]), root(size), again, index=index + 1, size=size)


@pytest.mark.parametrize("size", SIZES[1:])
def test_both_refuse_a_changed_inclusion_proof(size: int) -> None:
    theirs = tree().prove_inclusion(1, size)
    changed = at(tuple(merkle.inclusion_proof(0, size, node)), 0)
    leaf = leaf_hash(ENTRIES[0])
    with pytest.raises(ProofRejected):
        merkle.verify_inclusion(leaf, 0, size, changed, root(size))
    forged = InclusionProof("sha256", True, size, 1, theirs.rule, [theirs.path[0], *changed])
    with pytest.raises(InvalidProof):
        their_inclusion(leaf, root(size), forged, index=1, size=size)


@pytest.mark.parametrize("size", SIZES[1:])
def test_our_trees_continue_each_other_by_their_word_too(size: int) -> None:
    for old in sorted({1, 2, size // 2, size - 1} & set(range(1, size))):
        theirs = tree().prove_consistency(old, size)
        their_consistency(root(old), root(size), theirs, prior_size=old, later_size=size)
        # Their proofs are laid out in another way, so ours is held against the roots that they give.
        ours = merkle.consistency_proof(old, size, node)
        merkle.verify_consistency(old, tree().get_root(old), size, tree().get_root(size), ours)
        rewritten = ConsistencyProof(
            "sha256", True, size, old, theirs.rule, theirs.subset, list(at(tuple(theirs.path), 0))
        )
        with pytest.raises(InvalidProof):
            their_consistency(root(old), root(size), rewritten, prior_size=old, later_size=size)
