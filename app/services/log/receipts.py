"""Receipts of entries: C2SP `.tlog-proof` files, issued only after inclusion and after the witness quorum.

Until then an entry waits, and the page says for what. Never issues a receipt that the log alone vouches for:
without a checkpoint that met the quorum there is none. Cheap: a few tiles and one note are read.

    find_receipt(entry, *, log, has_witnesses) -> Receipt
    find_receipts(entries, *, log, has_witnesses) -> tuple[Receipt, ...]
        broken where entry, tiles and checkpoint do not fit together
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import LogDisagrees
from app.services.log.published_log import PublishedLog, open_own
from audit.checkpoint import Checkpoint
from audit.entry import Entry
from audit.errors import BadTile, ProofRejected
from audit.merkle import NodeReader, inclusion_proof, verify_inclusion
from audit.note import format_note, parse_note
from audit.proof import TlogProof
from audit.vkey import SignatureType


class ReceiptState(StrEnum):
    """How far an entry has come."""

    UNPUBLISHED = "unpublished"
    WAITING = "waiting"
    UNWITNESSED = "unwitnessed"
    READY = "ready"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The state, and the file once there is one; `size` is the tree it was proven in, 0 before."""

    state: ReceiptState
    size: int = 0
    proof: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """What is witnessed and how much is published: opened once for all the entries of a page."""

    witnessed: Checkpoint | None
    node: NodeReader | None
    published: int


def find_receipt(entry: Entry, *, log: PublishedLog, has_witnesses: bool = True) -> Receipt:
    """Return an entry's receipt under the newest checkpoint that met the quorum, or what it waits for.

    Without witnesses to ask it does not wait: it stays unwitnessed, unless an earlier quorum has seen it.
    """
    return find_receipts((entry,), log=log, has_witnesses=has_witnesses)[0]


def find_receipts(
    entries: Sequence[Entry], *, log: PublishedLog, has_witnesses: bool = True
) -> tuple[Receipt, ...]:
    """Return the receipts of several entries, as `find_receipt` does of one, in the same order."""
    try:
        standing = _open(log)
    except LogDisagrees:
        return tuple(Receipt(state=ReceiptState.BROKEN) for _ in entries)
    return tuple(_find(entry, standing, has_witnesses=has_witnesses) for entry in entries)


def _open(log: PublishedLog) -> _Standing:
    kept, shown = log.store.witnessed(), log.folder.read_checkpoint()
    witnessed = None if kept is None else open_own(log, kept)
    node = None
    if witnessed is not None:
        node = log.folder.reader(size=witnessed.head.size, root=witnessed.head.root).node
    published = 0 if shown is None else open_own(log, shown).head.size
    return _Standing(witnessed=witnessed, node=node, published=published)


def _find(entry: Entry, standing: _Standing, *, has_witnesses: bool) -> Receipt:
    witnessed, node = standing.witnessed, standing.node
    if witnessed is not None and node is not None and entry.index < witnessed.head.size:
        try:
            proof = _prove(entry, witnessed, node)
        except (BadTile, ProofRejected):
            return Receipt(state=ReceiptState.BROKEN)
        return Receipt(state=ReceiptState.READY, size=witnessed.head.size, proof=proof)
    if not has_witnesses:
        return Receipt(state=ReceiptState.UNWITNESSED)
    waits = entry.index < standing.published
    return Receipt(state=ReceiptState.WAITING if waits else ReceiptState.UNPUBLISHED)


def _prove(entry: Entry, checkpoint: Checkpoint, node: NodeReader) -> bytes:
    head = checkpoint.head
    path = inclusion_proof(entry.index, head.size, node)
    # What does not lead to the root must not leave: the entry may have been changed in the database.
    verify_inclusion(entry.leaf, entry.index, head.size, path, head.root)
    return TlogProof(index=entry.index, hashes=tuple(path), checkpoint=_without_ml_dsa(checkpoint)).to_bytes()


def _without_ml_dsa(checkpoint: Checkpoint) -> bytes:
    """Leave out the log's line of 3.3 KB, so that the receipt fits into one printed QR code."""
    keys = [item.key for item in checkpoint.log_signatures]
    long = {(key.name, key.key_id) for key in keys if key.type is SignatureType.ML_DSA_44}
    note = parse_note(checkpoint.data)
    lines = [line for line in note.signatures if (line.name, line.key_id) not in long]
    return format_note(note.untrusted_text, lines)
