"""The C2SP tlog-policy file: which logs and witnesses are known, and which cosignatures suffice.

Keys are compared as keys, whatever they are called: one key must never count twice. No quorum, or nothing
verified, must never be called witnessed. Format: docs/formats/policy.md.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.errors import QuorumMissing
from audit.vkey import VerifierKey

NO_QUORUM = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLog:
    """A known log; `url` is "" when the policy gives none."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWitness:
    """A known witness under the policy's own name for it; `url` is "" when the policy gives none."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyGroup:
    """Has witnessed when at least `threshold` of its members have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy as read by `audit.policy_file.parse_policy`; groups name only what stands before them."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[PolicyGroup, ...]
    quorum: str

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """Keys of all known logs."""
        return tuple(log.key for log in self.logs)

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """Keys of all known witnesses."""
        return tuple(witness.key for witness in self.witnesses)

    def may_accept(self, cosigned: Collection[VerifierKey]) -> bool:
        """Say whether cosignatures by these keys meet the quorum; without a quorum nothing does."""
        return self._witnessed(cosigned).get(self.quorum, False)

    def verify_quorum(self, checkpoint: Checkpoint) -> tuple[PolicyWitness, ...]:
        """Return the witnesses whose dated cosignature was verified; raises QuorumMissing if too few."""
        present = tuple(item for item in self.witnesses if checkpoint.find_cosignature(item.key) is not None)
        if self.quorum == NO_QUORUM:
            raise QuorumMissing("the policy asks for no witnesses, so nothing can be called witnessed")
        if not self.may_accept({item.key for item in present}):
            names = ", ".join(item.name for item in present) or "nobody"
            raise QuorumMissing(f"the quorum {self.quorum} is not met: cosigned by {names}")
        return present

    def _witnessed(self, cosigned: Collection[VerifierKey]) -> Mapping[str, bool]:
        found = {witness.name: witness.key in cosigned for witness in self.witnesses}
        for group in self.groups:
            found[group.name] = sum(found[member] for member in group.members) >= group.threshold
        return found


def open_witnessed(untrusted: bytes, policy: Policy) -> Checkpoint:
    """Verify a checkpoint with the policy's keys and its quorum.

    Raises MalformedNote, NoteRefused or QuorumMissing. For a checkpoint that nobody need have witnessed there
    is `audit.checkpoint.open_checkpoint`.
    """
    checkpoint = open_checkpoint(untrusted, log_keys=policy.log_keys, witness_keys=policy.witness_keys)
    policy.verify_quorum(checkpoint)
    return checkpoint
