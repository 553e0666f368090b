"""Put back what a lost checkpoint store remembered: the newest checkpoint that anybody else still has.

An operator's explicit act, for an empty store only. The checkpoint must be this log's, signed in both ways,
and cosigned by a witness where the policy names any: nothing older than what they have seen may become the
memory that keeps this log from contradicting itself. Nothing is signed here.

    restore_checkpoint(log, policy, untrusted) -> Checkpoint     raises NoteRefused, MalformedNote, StoreBusy
"""

from app.services.log.published_log import PublishedLog, open_for, open_own
from app.services.log.witnessing import without_cosignatures
from audit.checkpoint import Checkpoint
from audit.checkpoint_rotation import KEY_TYPES
from audit.errors import NoteRefused
from audit.policy import Policy


def restore_checkpoint(log: PublishedLog, policy: Policy | None, untrusted: bytes) -> Checkpoint:
    """Make this checkpoint what the log has signed last; returns it."""
    witnesses = () if policy is None else policy.witness_keys
    with log.folder.lock():
        if log.store.latest() is not None:
            raise NoteRefused("the checkpoint store remembers a checkpoint: nothing is to be put back")
        opened = open_for(log, untrusted, witnesses)
        if opened.head.origin != log.origin:
            raise NoteRefused(f"this is a checkpoint of {opened.head.origin}, not of {log.origin}")
        if opened.log_types != frozenset(KEY_TYPES):
            raise NoteRefused(
                "it lacks one of the log's two signatures: a receipt's checkpoint is not enough"
            )
        if witnesses and not any(opened.find_cosignature(key) for key in witnesses):
            raise NoteRefused("no witness of the policy has cosigned it: ask one for the newest it has")
        shown = log.folder.read_checkpoint()
        if shown is not None and open_own(log, shown).head.size > opened.head.size:
            raise NoteRefused("a newer checkpoint is published here: put that one back")
        log.store.swap(None, without_cosignatures(opened))
        return opened
