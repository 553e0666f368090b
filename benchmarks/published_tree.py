"""Publishes a synthetic log's bundle as a tree folder, for measuring how fast it is verified.

It must never be used for a log that somebody could take for a real one: its keys are public.
"""

import hashlib
from dataclasses import replace
from itertools import islice
from pathlib import Path

from audit.bundle import BundleReader
from audit.checkpoint import sign_checkpoint
from audit.cosign import make_signer
from audit.tile_grower import TileGrower
from audit.tiles import ENTRIES, FULL_WIDTH, TileId, bundle_bytes
from audit.tree_head import TreeHead
from audit.trust import CheckpointKey
from audit.vkey import SignatureType
from benchmarks.synthetic_log import ORIGIN, TRUST
from crypto.digest import leaf_hash
from crypto.keys import SigningKey
from crypto.mldsa import MlDsaFileSigner, MlDsaSigningKey
from crypto.signer import FileSigner


def _seed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


SIGNERS = (
    make_signer(ORIGIN, SignatureType.ED25519, FileSigner(SigningKey.from_seed(_seed("checkpoints")))),
    make_signer(ORIGIN, SignatureType.ML_DSA_44, MlDsaFileSigner(MlDsaSigningKey.from_seed(_seed("ml-dsa")))),
)
TREE_TRUST = replace(TRUST, checkpoint_keys=tuple(CheckpointKey(key=item.key) for item in SIGNERS))


def publish(folder: Path, bundle: Path) -> None:
    """Write the tree of the whole bundle and its checkpoint."""
    grower = TileGrower()
    with bundle.open("rb") as stream:
        entries = iter(BundleReader(stream))
        while part := list(islice(entries, FULL_WIDTH)):
            _write(folder, TileId(ENTRIES, grower.size // FULL_WIDTH, len(part)), bundle_bytes(part))
            for entry in part:
                for tile, data in grower.add(leaf_hash(entry)):
                    _write(folder, tile, data)
    for tile, data in grower.partials():
        _write(folder, tile, data)
    head = TreeHead(origin=ORIGIN, size=grower.size, root=grower.root())
    (folder / "checkpoint").write_bytes(sign_checkpoint(head, SIGNERS, time=1))


def _write(folder: Path, tile: TileId, data: bytes) -> None:
    path = folder / tile.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
