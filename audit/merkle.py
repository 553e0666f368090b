"""The Merkle tree of RFC 6962 section 2.1 (SHA-256): roots, inclusion and consistency proofs, their check.

A proof is accepted only with exactly the length that index and size demand, so nothing can be left out or put
in. This module must never learn size or root from the proof itself: both come from a verified checkpoint.
Proofs are made from stored nodes: `node(level, index)` is the hash over the entries
`index * 2**level <= i < (index + 1) * 2**level`. Format: docs/formats/tiles.md.
"""

from collections.abc import Callable, Iterable, Sequence

from audit.errors import ProofRejected
from crypto.digest import sha256

HASH_LENGTH = 32
MAX_SIZE = (1 << 63) - 1
EMPTY_ROOT = sha256(b"")

NodeReader = Callable[[int, int], bytes]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right)


def parents(row: Sequence[bytes]) -> list[bytes]:
    """Return the nodes over each pair of a row; the last of an odd number has no pair yet.

    The same hash as `node_hash`, written out: whole tiles are hashed to find one path.
    """
    return [sha256(b"\x01" + row[at] + row[at + 1]) for at in range(0, len(row) - 1, 2)]


def subtrees(first: int, end: int) -> list[tuple[int, int]]:
    """Cut `first <= i < end` into the largest complete subtrees, left to right, as (level, index).

    `first` must be 0 or a multiple of a power of two of at least `end - first`: RFC 6962 hashes no others.
    """
    found: list[tuple[int, int]] = []
    while first < end:
        level = (end - first).bit_length() - 1
        found.append((level, first >> level))
        first += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, given from left (largest) to right; of none, the empty root."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_at(size: int, node: NodeReader) -> bytes:
    """Return the root of the tree's first `size` entries."""
    return _range_root(0, size, node)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes, reading them once and keeping no more than 64 hashes."""
    edge: list[bytes] = []
    for size, leaf in enumerate(leaves):
        hashed, rest = leaf, size
        while rest & 1:
            hashed, rest = node_hash(edge.pop(), hashed), rest >> 1
        edge.append(hashed)
    return fold(edge)


def inclusion_proof(index: int, size: int, node: NodeReader) -> tuple[bytes, ...]:
    """Return the audit path of entry `index` in a tree of `size` entries, from the leaf's sibling upwards."""
    _check(index < size, index, size)
    path: list[bytes] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(first, middle, node))
            first = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, node: NodeReader) -> tuple[bytes, ...]:
    """Return the proof that the tree of `new` entries begins with the one of `old`; () from nothing."""
    _check(old <= new, old, new)
    if old in {0, new}:
        return ()
    path: list[bytes] = []
    first, end = 0, new
    while end > old:
        middle = first + _split(end - first)
        if old <= middle:
            path.append(_range_root(middle, end, node))
            end = middle
        else:
            path.append(_range_root(first, middle, node))
            first = middle
    # On the left edge the old tree is one complete subtree, and whoever checks knows its root already.
    if first > 0:
        path.append(_range_root(first, end, node))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofRejected unless `leaf` is the hash of entry `index` in the tree (`size`, `root`).

    RFC 9162 section 2.1.3.2. `size` and `root` come from a verified checkpoint, `leaf` from the entry itself.
    """
    _check(index < size, index, size)
    inner, border = _inclusion_lengths(index, size)
    _check_hashes(proof, inner + border)
    found = _climb(leaf, index, proof[:inner])
    for left in proof[inner:]:
        found = node_hash(left, found)
    if found != root:
        raise ProofRejected(f"the proof does not lead from entry {index} to the root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofRejected unless the tree (`new`, `new_root`) begins with the tree (`old`, `old_root`).

    RFC 9162 section 2.1.4.2; both sizes and roots come from verified checkpoints.
    """
    _check(old <= new, old, new)
    if (old == 0 and old_root != EMPTY_ROOT) or (new == 0 and new_root != EMPTY_ROOT):
        raise ProofRejected("a tree without entries has the root of nothing")
    if old in {0, new}:
        _check_hashes(proof, 0)
        if old == new and old_root != new_root:
            raise ProofRejected(f"two roots for the one size {old}")
        return
    inner, border = _inclusion_lengths(old - 1, new)
    level = (old & -old).bit_length() - 1
    inner -= level
    whole = old == 1 << level
    _check_hashes(proof, inner + border + (0 if whole else 1))
    seed, path = (old_root, proof) if whole else (proof[0], proof[1:])
    position = (old - 1) >> level
    before, after = seed, _climb(seed, position, path[:inner])
    for height, hashed in enumerate(path[:inner]):
        if position >> height & 1:
            before = node_hash(hashed, before)
    for left in path[inner:]:
        before, after = node_hash(left, before), node_hash(left, after)
    if before != old_root or after != new_root:
        raise ProofRejected(f"the tree of {new} entries does not begin with the tree of {old}")


def _split(count: int) -> int:
    """Return the largest power of two below `count`, which is at least 2 (k in RFC 6962)."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(first: int, end: int, node: NodeReader) -> bytes:
    return fold([node(level, index) for level, index in subtrees(first, end)])


def _inclusion_lengths(index: int, size: int) -> tuple[int, int]:
    """Return how many hashes lie below the right edge of the tree, and how many along it."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(hashed: bytes, position: int, path: Sequence[bytes]) -> bytes:
    for height, sibling in enumerate(path):
        hashed = node_hash(sibling, hashed) if position >> height & 1 else node_hash(hashed, sibling)
    return hashed


def _check(fits: bool, smaller: int, larger: int) -> None:  # noqa: FBT001 -- a condition, not an option
    if not fits or smaller < 0 or larger > MAX_SIZE:
        raise ProofRejected(f"{smaller} and {larger} are not an index or size and a size of one tree")


def _check_hashes(proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise ProofRejected(f"the proof has {len(proof)} hashes and must have {length}")
    if any(len(hashed) != HASH_LENGTH for hashed in proof):
        raise ProofRejected("a hash of the proof is not 32 bytes")
