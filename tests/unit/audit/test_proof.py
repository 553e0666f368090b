"""Receipts: small enough for one QR code, believed only with the entry, the quorum and the right place."""

import json
from dataclasses import replace
from typing import Any

import pytest

from audit.checkpoint import add_cosignatures, open_checkpoint, sign_checkpoint
from audit.errors import AuditError, MalformedNote, NoteRefused, ProofRejected, QuorumMissing
from audit.merkle import inclusion_proof, root_of
from audit.policy_file import parse_policy
from audit.proof import make_proof, parse_proof, verify_proof
from audit.tile_reader import TileReader
from audit.tree_head import TreeHead
from crypto.digest import b64encode, leaf_hash
from tests.house.tree import ROOT
from tests.support import tlog

OURS: dict[str, Any] = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
POLICY = tlog.policy()
KEEP = [tlog.LOG.key, *(item.key for item in tlog.WITNESSES)]
ENTRY = tlog.entries(7)[4]


def receipt(size: int = 7, index: int = 4, story: str = "entry") -> bytes:
    path = inclusion_proof(index, size, tlog.node_of(size, story))
    entry = tlog.entries(size, story)[index]
    return make_proof(entry, index, path, tlog.witnessed(size, story=story), keep=KEEP).to_bytes()


GOOD = receipt()


def test_the_proof_of_our_pages() -> None:
    proof = parse_proof(OURS["proof"].encode())
    assert proof.to_bytes().decode() == OURS["proof"]
    proven = verify_proof(proof, b"entry 4", parse_policy(OURS["policy"].encode()))
    assert (proven.index, proven.head.size) == (4, 7)
    assert [item.name for item in proven.witnesses] == ["W1", "W2", "W3"]


def test_a_receipt_reads_back_and_holds() -> None:
    proof = parse_proof(GOOD)
    assert proof.to_bytes() == GOOD
    proven = verify_proof(proof, ENTRY, POLICY)
    assert (proven.index, proven.leaf, proven.head) == (4, leaf_hash(ENTRY), tlog.head(7))
    extra = replace(proof, untrusted_extra=b"anything")
    assert parse_proof(extra.to_bytes()) == extra
    assert verify_proof(extra, ENTRY, POLICY).leaf == proven.leaf


def test_a_receipt_from_a_log_of_a_million_is_small() -> None:
    """The published checkpoint bears the ML-DSA-44 line too; the receipt does not."""
    size, index = 1_000_000, 123_456
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    head = TreeHead(origin="log.bacninh.example/kt1/24", size=size, root=root_of(leaves))
    log, quantum_safe = (tlog.named(item, head.origin) for item in (tlog.LOG, tlog.LOG_PQ))
    data = sign_checkpoint(head, [log, quantum_safe], time=tlog.NOW)
    checkpoint = open_checkpoint(data, log_keys=[log.key, quantum_safe.key])
    lines = "".join(item.sign(head, time=tlog.NOW).to_line() for item in tlog.WITNESSES)
    witness_keys = [item.key for item in tlog.WITNESSES]
    checkpoint = add_cosignatures(checkpoint, lines.encode(), witness_keys=witness_keys)
    reader = TileReader(tlog.tile_files(leaves).get, size=size, root=head.root)
    path = inclusion_proof(index, size, reader.node)
    proof = make_proof(b"123456", index, path, checkpoint, keep=[log.key, *witness_keys])
    assert len(path) == 20
    assert len(proof.to_bytes()) <= 1_600
    assert len(checkpoint.data) > 3_200
    policy = replace(POLICY, logs=(replace(POLICY.logs[0], key=log.key),))
    proven = verify_proof(parse_proof(proof.to_bytes()), b"123456", policy)
    assert len(proven.witnesses) == 3


def test_another_entry_is_not_proven() -> None:
    for entry in (b"", b"entry 5", ENTRY + b"\n", leaf_hash(ENTRY)):
        with pytest.raises(ProofRejected):
            verify_proof(parse_proof(GOOD), entry, POLICY)


@pytest.mark.parametrize("index", [0, 1, 2, 3, 5, 6, 7, 8, 1 << 62])
def test_the_same_entry_is_not_proven_for_another_index(index: int) -> None:
    with pytest.raises(ProofRejected):
        verify_proof(replace(parse_proof(GOOD), index=index), ENTRY, POLICY)


def test_hashes_are_neither_left_out_nor_added_nor_swapped() -> None:
    proof = parse_proof(GOOD)
    first, second, third = proof.hashes
    for hashes in ((), (first, second), (*proof.hashes, first), (second, first, third), (first,) * 3):
        with pytest.raises(ProofRejected):
            verify_proof(replace(proof, hashes=hashes), ENTRY, POLICY)


def test_a_path_without_a_checkpoint_that_counts_proves_nothing() -> None:
    """The same path under a checkpoint nobody known has signed, and under one with too few witnesses."""
    proof = parse_proof(GOOD)
    forged = sign_checkpoint(tlog.head(7), [tlog.STRANGER_LOG], time=tlog.NOW)
    with pytest.raises(NoteRefused):
        verify_proof(replace(proof, checkpoint=forged), ENTRY, POLICY)
    for witnesses in ((), (tlog.W1,)):
        bare = replace(proof, checkpoint=tlog.witnessed(7, witnesses).data)
        with pytest.raises(QuorumMissing):
            verify_proof(bare, ENTRY, POLICY)
        alone = verify_proof(bare, ENTRY, POLICY, require_witnesses=False)
        assert len(alone.witnesses) == len(witnesses)
    with pytest.raises(QuorumMissing):
        verify_proof(proof, ENTRY, tlog.policy("quorum none\n"))


def test_a_receipt_of_a_fork_is_a_receipt_of_that_fork_only() -> None:
    fork = parse_proof(receipt(story="fork"))
    assert verify_proof(fork, b"fork 4", POLICY).head.root != tlog.head(7).root
    with pytest.raises(ProofRejected):
        verify_proof(replace(fork, checkpoint=parse_proof(GOOD).checkpoint), b"fork 4", POLICY)


def test_a_receipt_that_does_not_hold_never_leaves() -> None:
    path = inclusion_proof(4, 7, tlog.node_of(7))
    for entry, index in ((b"entry 5", 4), (ENTRY, 5)):
        with pytest.raises(ProofRejected):
            make_proof(entry, index, path, tlog.witnessed(7), keep=KEEP)
    with pytest.raises(MalformedNote, match="at least one signature"):
        make_proof(ENTRY, 4, path, tlog.witnessed(7), keep=[tlog.STRANGER.key])


HASH = b64encode(bytes(32))


@pytest.mark.parametrize(
    "head",
    [
        "",
        "c2sp.org/tlog-proof@v2\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\n\n",
        "c2sp.org/tlog-proof@v1\nindex\n\n",
        "c2sp.org/tlog-proof@v1\nindex -1\n\n",
        "c2sp.org/tlog-proof@v1\nindex 01\n\n",
        "c2sp.org/tlog-proof@v1\nindex 0 \n\n",
        "c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\n",
        "c2sp.org/tlog-proof@v1\nindex ٤\n\n",
        "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nextra QQ\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nextra QR==\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nextra QQ==\nextra QQ==\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nextra QQ==\n\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nindex 0\n\n",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH[:-4]}\n\n",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH[:-2]}B=\n\n",
        f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH}\r\n\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + f"{HASH}\n" * 64 + "\n",
        f"c2sp.org/tlog-proof@v1\nextra {b64encode(bytes(65_536))}\nindex 0\n\n",
        "c2sp.org/tlog-proof@v1\nextra " + "A" * 1_100_000 + "\nindex 0\n\n",
    ],
)
def test_what_is_not_a_proof(head: str) -> None:
    with pytest.raises(MalformedNote):
        parse_proof(head.encode() + tlog.note(1))
    with pytest.raises(MalformedNote):
        parse_proof(head.encode())


def test_a_proof_needs_its_checkpoint() -> None:
    with pytest.raises(MalformedNote):
        parse_proof(b"c2sp.org/tlog-proof@v1\nindex 0\n\n")
    with pytest.raises(MalformedNote):
        parse_proof(b"c2sp.org/tlog-proof@v1\nindex 0\n")


@pytest.mark.parametrize("at", range(len(GOOD)))
def test_every_changed_byte_is_refused_or_weakens_the_proof(at: int) -> None:
    """One witness of three may be lost, because any two suffice; then the proof says so."""
    changed = bytearray(GOOD)
    changed[at] ^= 1
    try:
        proven = verify_proof(parse_proof(bytes(changed)), ENTRY, POLICY)
    except AuditError:
        return
    assert (proven.index, proven.head, len(proven.witnesses)) == (4, tlog.head(7), 2)
