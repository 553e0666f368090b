"""Opens a checkpoint as an auditor does: under the trust file, with everything the trust file asks for.

What no trusted key has signed is unsigned and cannot be checked, which is never success; what a trusted key
has signed wrongly, or in fewer ways than the log must, is bad. Size and root must be taken from what this
module returns, and from nowhere else.
"""

from dataclasses import dataclass

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.errors import BadEntry, CannotVerify, MalformedNote, NoteRefused, QuorumMissing
from audit.note import Note, parse_note
from audit.policy import NO_QUORUM, Policy, PolicyWitness
from audit.tree_head import parse_tree_head
from audit.trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedCheckpoint:
    """A checkpoint that holds, the witnesses who count, and the policy it was held against."""

    checkpoint: Checkpoint
    witnesses: tuple[PolicyWitness, ...]
    policy: Policy

    @property
    def is_witnessed(self) -> bool:
        """Say whether a quorum was asked for; if so it is met."""
        return self.policy.quorum != NO_QUORUM


def open_trusted(
    untrusted: bytes, trust: Trust, path: str, *, every_type: bool = True, quorum: bool = True
) -> TrustedCheckpoint:
    """Verify a checkpoint read from `path`; raises BadEntry or CannotVerify.

    A published checkpoint bears every type of signature the trust file has a key of; a receipt's bears one.
    With `quorum=False` too few cosignatures are no fault: who cosigned is still returned.
    """
    if not untrusted:
        raise CannotVerify(f"{path} is empty: nothing was checked")
    try:
        note = parse_note(untrusted)
        size, origin = _claims(note)
        policy = _find_policy(note, trust, path, size=size, origin=origin)
        checkpoint = open_checkpoint(untrusted, log_keys=policy.log_keys, witness_keys=policy.witness_keys)
    except MalformedNote as error:
        raise BadEntry(None, "checkpoint form", str(error), path) from None
    except NoteRefused as error:
        raise BadEntry(None, "checkpoint signature", str(error), path) from None
    if checkpoint.head.is_hollow:
        raise BadEntry(None, "root", "a tree without entries has another root", path)
    missing = trust.types_at(size) - checkpoint.log_types
    if every_type and missing:
        names = ", ".join(sorted(item.name for item in missing))
        raise BadEntry(None, "checkpoint signature", f"the log must also have signed with {names}", path)
    return TrustedCheckpoint(
        checkpoint=checkpoint, witnesses=_count_witnesses(checkpoint, policy, path, quorum), policy=policy
    )


def _claims(note: Note) -> tuple[int, str]:
    """Return what the note claims, unverified: only to find out whose keys to verify it with."""
    head = parse_tree_head(note.untrusted_text)
    return head.size, head.origin


def _find_policy(note: Note, trust: Trust, path: str, *, size: int, origin: str) -> Policy:
    if not trust.checkpoint_keys:
        raise CannotVerify("the trust file names no key of checkpoints: nothing here can be believed")
    if origin != trust.origin:
        raise BadEntry(None, "origin", f"a checkpoint of {origin[:200]!r}, not of {trust.origin!r}", path)
    signed = {(line.name, line.key_id) for line in note.signatures}
    known = [item for item in trust.checkpoint_keys if (item.key.name, item.key.key_id) in signed]
    if not known:
        raise CannotVerify(f"{path} is not signed by any key of the trust file: nothing was checked")
    policy = trust.policy_at(size)
    if not any(item.covers(size) for item in known):
        raise BadEntry(None, "checkpoint key", known[0].explain(size), path)
    return policy


def _count_witnesses(
    checkpoint: Checkpoint,
    policy: Policy,
    path: str,
    quorum: bool,  # noqa: FBT001  # passed on as it came
) -> tuple[PolicyWitness, ...]:
    present = tuple(item for item in policy.witnesses if checkpoint.find_cosignature(item.key))
    if not quorum or policy.quorum == NO_QUORUM:
        return present
    try:
        return policy.verify_quorum(checkpoint)
    except QuorumMissing as error:
        raise BadEntry(None, "quorum", str(error), path) from None
