"""The rotations of the checkpoints' keys in the log, and the next one.

The log knows its first checkpoint keys only from the first rotation on, which names them. A rotation counts
here only when all four keys signed it and it continues the one before; what does not is named by the verifier
and changes nothing.

    look(uow, *, origin) -> LogView                        read; for `app.services.log.key_ring.KeyRing`
    rotate(uow, new, *, log) -> PendingEntry               write; by `kt1 keys rotate-checkpoint`
    is_begun(log) -> bool                                  handed over, and nothing is signed since
"""

from collections.abc import Sequence

from app.services.log.key_ring import LogView
from app.services.log.published_log import PublishedLog, open_latest
from app.storage.group import PendingEntry
from app.storage.uow import UnitOfWork
from audit.checkpoint_rotation import (
    CheckpointRotation,
    draft_checkpoint_rotation,
    is_checkpoint_rotation,
    verify_checkpoint_rotation,
)
from audit.cosign import CheckpointSigner
from audit.entry import parse_entry
from audit.errors import AuditError
from crypto.errors import CryptoError


def look(uow: UnitOfWork, *, origin: str) -> LogView:
    """Read how large the log is and how often its checkpoint keys changed."""
    # The size first: a rotation that comes in between then lies beyond it, where nothing is claimed.
    size = uow.audit.head().size
    found: list[CheckpointRotation] = []
    for row in uow.audit.list_key_changes():
        rotation = _read(row.data, origin)
        if rotation is not None and (not found or found[-1].new == rotation.old):
            found.append(rotation)
    return LogView(size=size, rotations=tuple(found))


def rotate(uow: UnitOfWork, new: Sequence[CheckpointSigner], *, log: PublishedLog) -> PendingEntry:
    """Hand the checkpoints over: from the first tree that holds this entry on, only `new` sign.

    Both old keys must be here. Storage refuses the entry when another one comes to stand in its place.
    """
    index = uow.audit.next_index()
    log.ring.refresh()
    old = log.ring.signers_at(index)
    return uow.audit.append(draft_checkpoint_rotation(log.origin, first=index + 1, old=old, new=new))


def is_begun(log: PublishedLog) -> bool:
    """Say whether the keys in use took over and have signed nothing yet: such a rotation is carried on."""
    latest = open_latest(log)
    return log.ring.since > (0 if latest is None else latest.head.size)


def _read(data: bytes, origin: str) -> CheckpointRotation | None:
    try:
        entry = parse_entry(data)
        return verify_checkpoint_rotation(entry, origin) if is_checkpoint_rotation(entry.facts) else None
    except (AuditError, CryptoError):
        return None
