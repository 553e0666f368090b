"""Publishes a small log as a tree folder with its signed checkpoint, and the trust file an auditor holds."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from audit.checkpoint import sign_checkpoint
from audit.cosign import CheckpointSigner, make_signer
from audit.merkle import NodeReader, inclusion_proof, root_of
from audit.proof import HEADER
from audit.tiles import ENTRIES, FULL_WIDTH, TileId, bundle_bytes
from audit.tree_head import TreeHead
from audit.trust import CheckpointKey, RevokedDevice, Trust, TrustedKey
from audit.trust_file import parse_witnesses
from audit.vkey import SignatureType
from crypto.digest import b64encode, leaf_hash
from crypto.mldsa import MlDsaFileSigner, MlDsaSigningKey
from tests.support import logs, tlog

ED = make_signer(logs.ORIGIN, SignatureType.ED25519, logs.signer("checkpoints"))
PQ = tlog.LOG_PQ
# The keys that take over: `trust_after` says from which size on they count.
NEXT_ED = make_signer(logs.ORIGIN, SignatureType.ED25519, logs.signer("next checkpoints"))
NEXT_PQ = make_signer(
    logs.ORIGIN,
    SignatureType.ML_DSA_44,
    MlDsaFileSigner(MlDsaSigningKey.from_seed(sha256(b"next checkpoints, ML-DSA").digest())),
)
OLD_KEYS, NEW_KEYS = (ED, PQ), (NEXT_ED, NEXT_PQ)
_WITNESSES = "".join(f"witness w{n} {item.key.to_text()}\n" for n, item in enumerate(tlog.WITNESSES, 1))


def trust(
    *,
    quorum: str = "group g 2 w1 w2 w3\nquorum g\n",
    keys: Sequence[CheckpointKey] = (CheckpointKey(key=ED.key), CheckpointKey(key=PQ.key)),
    authorities: tuple[bytes, ...] = (),
    revoked: tuple[RevokedDevice, ...] = (),
) -> Trust:
    """Trust the log's keys for everything, and three witnesses of whom two must have seen it."""
    return Trust(
        origin=logs.ORIGIN,
        log_keys=(TrustedKey(public_key=logs.LOG.public_key, first=0, until=None),),
        checkpoint_keys=tuple(keys),
        witnesses=parse_witnesses((_WITNESSES + quorum).encode()),
        time_authorities=authorities,
        revoked_devices=revoked,
    )


def trust_after(
    first: int, *, last: int | None = None, quorum: str = "group g 2 w1 w2 w3\nquorum g\n"
) -> Trust:
    """Trust the new checkpoint keys from `first` on, the old ones up to `last`: below `first` unless told."""
    ends = first - 1 if last is None else last
    keys = [CheckpointKey(key=one.key, last=ends) for one in OLD_KEYS]
    keys += [CheckpointKey(key=one.key, first=first) for one in NEW_KEYS]
    return trust(keys=keys, quorum=quorum)


def head(entries: Sequence[bytes], *, origin: str = logs.ORIGIN) -> TreeHead:
    """Return the true head over these entries."""
    return TreeHead(origin=origin, size=len(entries), root=root_of(map(leaf_hash, entries)))


def checkpoint(
    entries: Sequence[bytes],
    *,
    signers: Sequence[CheckpointSigner] = (ED, PQ),
    witnesses: Sequence[CheckpointSigner] = tlog.WITNESSES,
    time: int = tlog.NOW,
) -> bytes:
    """Return the checkpoint over these entries, signed by the log and cosigned by the witnesses."""
    state = head(entries)
    data = sign_checkpoint(state, signers, time=time)
    return data + "".join(item.sign(state, time=time).to_line() for item in witnesses).encode()


def publish(folder: Path, entries: Sequence[bytes], *, note: bytes | None = None) -> Path:
    """Write the folder of a log published once at this size, and return it."""
    files = tlog.tile_files([leaf_hash(entry) for entry in entries])
    for first in range(0, len(entries), FULL_WIDTH):
        part = entries[first : first + FULL_WIDTH]
        files[TileId(ENTRIES, first // FULL_WIDTH, len(part)).path] = bundle_bytes(part)
    files["checkpoint"] = checkpoint(entries) if note is None else note
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def receipt(entries: Sequence[bytes], index: int, *, note: bytes | None = None) -> bytes:
    """Return the proof of an entry under a checkpoint, by default signed and witnessed as receipts are."""
    leaves = [leaf_hash(entry) for entry in entries]
    found = inclusion_proof(index, len(entries), node_of(leaves))
    lines = [HEADER, f"index {index}", *map(b64encode, found), "", ""]
    return "\n".join(lines).encode() + (checkpoint(entries, signers=(ED,)) if note is None else note)


def node_of(leaves: Sequence[bytes]) -> NodeReader:
    """Return the reader of nodes over leaf hashes."""

    def node(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    return node
