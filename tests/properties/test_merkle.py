"""Every root and proof up to 300 entries against a naive reading of RFC 6962; every forged one is refused."""

from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import merkle
from audit.errors import ProofRejected
from crypto.digest import leaf_hash

LARGEST = 300
LEAVES = tuple(leaf_hash(number.to_bytes(2, "big")) for number in range(LARGEST))
BITS = st.tuples(st.integers(0, 31), st.integers(0, 7))


@cache
def mth(first: int, end: int) -> bytes:
    """MTH(D[first:end]) as section 2.1 says it, recursively."""
    if first == end:
        return sha256(b"").digest()
    if end - first == 1:
        return LEAVES[first]
    middle = first + split(end - first)
    return sha256(b"\x01" + mth(first, middle) + mth(middle, end)).digest()


def split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def path(index: int, first: int, end: int) -> list[bytes]:
    """PATH(index, D[first:end]) as section 2.1.1 says it."""
    if end - first == 1:
        return []
    middle = first + split(end - first)
    if index < middle:
        return [*path(index, first, middle), mth(middle, end)]
    return [*path(index, middle, end), mth(first, middle)]


def subproof(old: int, first: int, end: int, *, whole: bool) -> list[bytes]:
    """SUBPROOF(old, D[first:end], whole) as section 2.1.2 says it."""
    if old == end - first:
        return [] if whole else [mth(first, end)]
    k = split(end - first)
    if old <= k:
        return [*subproof(old, first, first + k, whole=whole), mth(first + k, end)]
    return [*subproof(old - k, first + k, end, whole=False), mth(first, first + k)]


def node(level: int, index: int) -> bytes:
    return mth(index << level, (index + 1) << level)


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_every_root_and_proof_is_the_oracles(size: int) -> None:
    root = mth(0, size)
    assert merkle.root_of(LEAVES[:size]) == root
    assert merkle.root_at(size, node) == root
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, node)
        assert list(proof) == path(index, 0, size)
        merkle.verify_inclusion(LEAVES[index], index, size, proof, root)
    for old in range(size + 1):
        proof = merkle.consistency_proof(old, size, node)
        assert list(proof) == (subproof(old, 0, size, whole=True) if old else [])
        merkle.verify_consistency(old, mth(0, old), size, root, proof)


@st.composite
def inclusion(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, LARGEST))
    return draw(st.integers(0, size - 1)), size


@st.composite
def growth(draw: st.DrawFn) -> tuple[int, int]:
    old = draw(st.integers(1, LARGEST - 1))
    return old, draw(st.integers(old + 1, LARGEST))


def flip(hashed: bytes, bit: tuple[int, int]) -> bytes:
    changed = bytearray(hashed)
    changed[bit[0]] ^= 1 << bit[1]
    return bytes(changed)


def refused_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    with pytest.raises(ProofRejected):
        merkle.verify_inclusion(leaf, index, size, proof, root)


def refused_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> None:
    with pytest.raises(ProofRejected):
        merkle.verify_consistency(old, old_root, new, new_root, proof)


@given(place=inclusion(), data=st.data(), bit=BITS)
def test_a_changed_inclusion_proof_is_refused(
    place: tuple[int, int], data: st.DataObject, bit: tuple[int, int]
) -> None:
    index, size = place
    leaf, root, proof = LEAVES[index], mth(0, size), path(index, 0, size)
    refused_inclusion(flip(leaf, bit), index, size, proof, root)
    refused_inclusion(leaf, index, size, proof, flip(root, bit))
    refused_inclusion(leaf, index, size, [*proof, root], root)
    refused_inclusion(leaf, index, size, [LEAVES[0], *proof], root)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        refused_inclusion(leaf, index, size, [*proof[:at], flip(proof[at], bit), *proof[at + 1 :]], root)
        refused_inclusion(leaf, index, size, proof[:at] + proof[at + 1 :], root)
        refused_inclusion(leaf, index, size, [*proof[:at], proof[at][:-1], *proof[at + 1 :]], root)
    if len(proof) > 1 and proof[0] != proof[-1]:
        refused_inclusion(leaf, index, size, proof[::-1], root)


@given(place=inclusion(), other=st.integers(-1, LARGEST + 1))
def test_a_proof_counts_for_its_index_and_size_only(place: tuple[int, int], other: int) -> None:
    index, size = place
    leaf, root, proof = LEAVES[index], mth(0, size), path(index, 0, size)
    if other != index:
        refused_inclusion(leaf, other, size, proof, root)
    if other != size and (other <= index or len(path(index, 0, min(other, LARGEST))) != len(proof)):
        refused_inclusion(leaf, index, other, proof, root)


@given(place=inclusion())
def test_a_node_is_never_taken_for_a_leaf(place: tuple[int, int]) -> None:
    """Second preimage: the hash of an inner node, shown as an entry of a smaller tree with the same root."""
    index, size = place
    proof = path(index, 0, size)
    if proof:
        pair = sorted((index, index ^ 1))
        inner = merkle.node_hash(LEAVES[pair[0]], LEAVES[pair[1]]) if pair[1] < size else LEAVES[index]
        refused_inclusion(inner, index // 2, size, proof[1:], mth(0, size))


@given(sizes=growth(), data=st.data(), bit=BITS)
def test_a_changed_consistency_proof_is_refused(
    sizes: tuple[int, int], data: st.DataObject, bit: tuple[int, int]
) -> None:
    old, new = sizes
    before, after, proof = mth(0, old), mth(0, new), subproof(old, 0, new, whole=True)
    refused_consistency(old, flip(before, bit), new, after, proof)
    refused_consistency(old, before, new, flip(after, bit), proof)
    refused_consistency(old, before, new, after, [*proof, after])
    refused_consistency(old, before, new, after, [])
    at = data.draw(st.integers(0, len(proof) - 1))
    refused_consistency(old, before, new, after, [*proof[:at], flip(proof[at], bit), *proof[at + 1 :]])
    refused_consistency(old, before, new, after, proof[:at] + proof[at + 1 :])
    if proof != proof[::-1]:
        refused_consistency(old, before, new, after, proof[::-1])
    refused_consistency(new, after, old, before, proof)


@given(sizes=growth(), at=st.integers(0, LARGEST - 1))
def test_a_rewritten_history_has_no_consistency_proof(sizes: tuple[int, int], at: int) -> None:
    """The new tree differs in one old entry: even the proof its own nodes give is refused."""
    old, new = sizes
    at %= old
    leaves = [*LEAVES[:at], leaf_hash(b"rewritten"), *LEAVES[at + 1 : new]]

    def rewritten(level: int, index: int) -> bytes:
        return merkle.root_of(leaves[index << level : (index + 1) << level])

    proof = merkle.consistency_proof(old, new, rewritten)
    refused_consistency(old, mth(0, old), new, merkle.root_of(leaves), list(proof))
