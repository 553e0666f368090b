"""Small trees, their checkpoints and whoever signs them: the same keys in every run."""

from collections.abc import Sequence
from hashlib import sha256

from audit.checkpoint import Checkpoint, add_cosignatures, open_checkpoint, sign_checkpoint
from audit.cosign import CheckpointSigner, make_signer
from audit.merkle import NodeReader, root_of
from audit.policy import Policy
from audit.policy_file import parse_policy
from audit.tile_grower import TileGrower
from audit.tree_head import TreeHead
from audit.vkey import SignatureType
from crypto.digest import leaf_hash
from crypto.mldsa import MlDsaFileSigner, MlDsaSigningKey
from tests.support.logs import signer

ORIGIN = "kt1.test/24"
NOW = 1_795_333_386

LOG = make_signer(ORIGIN, SignatureType.ED25519, signer("log"))
LOG_PQ = make_signer(
    ORIGIN,
    SignatureType.ML_DSA_44,
    MlDsaFileSigner(MlDsaSigningKey.from_seed(sha256(b"log, ML-DSA").digest())),
)
W1, W2, W3 = (
    make_signer(f"witness{n}.test", SignatureType.ED25519_COSIGNATURE, signer(f"witness {n}"))
    for n in (1, 2, 3)
)
WITNESSES = (W1, W2, W3)
STRANGER_LOG = make_signer(ORIGIN, SignatureType.ED25519, signer("a stranger's log"))
STRANGER = make_signer("stranger.test", SignatureType.ED25519_COSIGNATURE, signer("a stranger"))


def named(item: CheckpointSigner, name: str) -> CheckpointSigner:
    """Return the same key under another name."""
    return make_signer(name, item.key.type, item.signer)


def entries(size: int, story: str = "entry") -> list[bytes]:
    """Return the entries of a log; another story is another history."""
    return [f"{story} {number}".encode() for number in range(size)]


def head(size: int, story: str = "entry", origin: str = ORIGIN) -> TreeHead:
    """Return the true head of that log."""
    return TreeHead(origin=origin, size=size, root=root_of(map(leaf_hash, entries(size, story))))


def node_of(size: int, story: str = "entry") -> NodeReader:
    """Return the reader of nodes over that log."""
    leaves = [leaf_hash(entry) for entry in entries(size, story)]

    def node(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    return node


def note(size: int, story: str = "entry", signers: Sequence[CheckpointSigner] = (LOG,)) -> bytes:
    """Return the log's signed checkpoint."""
    return sign_checkpoint(head(size, story), signers, time=NOW)


def witnessed(
    size: int, witnesses: Sequence[CheckpointSigner] = WITNESSES, *, story: str = "entry", time: int = NOW
) -> Checkpoint:
    """Return the log's checkpoint with these cosignatures."""
    checkpoint = open_checkpoint(note(size, story), log_keys=[LOG.key])
    for item in witnesses:
        line = item.sign(checkpoint.head, time=time).to_line().encode()
        checkpoint = add_cosignatures(checkpoint, line, witness_keys=[item.key])
    return checkpoint


def policy(quorum: str = "group g 2 w1 w2 w3\nquorum g\n") -> Policy:
    """Return a policy over the log and the three witnesses."""
    lines = [f"log {LOG.key.to_text()}", f"log {LOG_PQ.key.to_text()}"]
    lines += [f"witness w{n} {item.key.to_text()}" for n, item in enumerate(WITNESSES, 1)]
    return parse_policy(("\n".join(lines) + "\n" + quorum).encode())


def tile_files(leaves: Sequence[bytes]) -> dict[str, bytes]:
    """Return the tiles of a tree by path, as published once at this size."""
    grower = TileGrower()
    files = {tile.path: data for leaf in leaves for tile, data in grower.add(leaf)}
    return files | {tile.path: data for tile, data in grower.partials()}
