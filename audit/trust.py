"""The trust file: whose signatures count for which log, and for which of its entries and tree sizes.

It reaches the auditor by another way than the log. A key counts for a range of entries or of tree sizes,
never of time, because whoever stole a key can also set a clock. An empty list of keys trusts nobody and must
never verify anything. Reading and writing: `audit.trust_file`. Format: docs/formats/trust.md.
"""

from dataclasses import dataclass

from audit.policy import NO_QUORUM, Policy, PolicyGroup, PolicyLog, PolicyWitness
from audit.vkey import SignatureType, VerifierKey
from crypto.keys import PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """A log key that counts for the entries `first <= index < until` (until None: still in use)."""

    public_key: PublicKey
    first: int
    until: int | None

    def covers(self, index: int) -> bool:
        """Say whether the key counts for the entry at `index`."""
        return self.first <= index and (self.until is None or index < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointKey:
    """A key that counts under checkpoints of `first <= size <= last` entries (last None: still in use)."""

    key: VerifierKey
    first: int = 0
    last: int | None = None

    def covers(self, size: int) -> bool:
        """Say whether the key counts under a checkpoint of this size."""
        return self.first <= size and (self.last is None or size <= self.last)

    def explain(self, size: int) -> str:
        """Say why the key does not count under a checkpoint of this size."""
        ends = "" if self.last is None else f" to {self.last}"
        return (
            f"key {self.key.key_id.hex()} counts under trees of {self.first}{ends or ' and more'} entries,"
            f" not under one of {size}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """Who else must have seen the log: as in a policy, but for the log's own keys."""

    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[PolicyGroup, ...] = ()
    quorum: str = NO_QUORUM


NOBODY = Witnesses()


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedDevice:
    """A device key that counts for no entry at or behind `until`, whatever the log itself says of it."""

    key_id: str
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Which log, its keys, its witnesses, whose time stamps count (DER), and devices that count no more."""

    origin: str
    log_keys: tuple[TrustedKey, ...]
    checkpoint_keys: tuple[CheckpointKey, ...] = ()
    witnesses: Witnesses = NOBODY
    time_authorities: tuple[bytes, ...] = ()
    revoked_devices: tuple[RevokedDevice, ...] = ()

    def find_key(self, key_id: str, index: int) -> PublicKey | None:
        """Return the key of this name if it counts for the entry at `index`."""
        for key in self.log_keys:
            if key.public_key.key_id == key_id:
                return key.public_key if key.covers(index) else None
        return None

    def policy_at(self, size: int) -> Policy:
        """Return the policy for checkpoints of `size` entries: the keys that count, and the witnesses."""
        keys = tuple(item.key for item in self.checkpoint_keys if item.covers(size))
        return Policy(
            logs=tuple(PolicyLog(key=key) for key in keys),
            witnesses=self.witnesses.witnesses,
            groups=self.witnesses.groups,
            quorum=self.witnesses.quorum,
        )

    def types_at(self, size: int) -> frozenset[SignatureType]:
        """Return in which ways the log must have signed a checkpoint of `size` entries."""
        return frozenset(item.key.type for item in self.checkpoint_keys if item.covers(size))
