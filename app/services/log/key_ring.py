"""The keys of this log's checkpoints as the log itself tells them: which count for which size, and who signs.

The first keys are those that `kt1 init` made; each rotation in the log ends their range and begins that of
the next. What the log says is read again whenever a checkpoint does not fit what is known, so that a process
which slept through a rotation goes on by itself with the right keys. It must never sign a tree with keys that
do not count for its size, nor guess between keys.

    KeyRing(origin, cabinet, look)         `look` reads the log: `app.services.log.checkpoint_keys.look`
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from audit.checkpoint_rotation import KEY_TYPES, CheckpointRotation
from audit.cosign import CheckpointSigner
from audit.trust import CheckpointKey
from audit.vkey import SignatureType, VerifierKey
from crypto.checkpoint_cabinet import CheckpointPublicKey, key_file
from crypto.errors import MalformedKey
from crypto.keys import PublicKey
from crypto.signer import Algorithm, AnySigner

_ALGORITHMS = {
    SignatureType.ED25519: Algorithm.ED25519,
    SignatureType.ML_DSA_44: Algorithm.ML_DSA_44,
}


class Cabinet(Protocol):
    """Holds the private halves: `crypto.checkpoint_cabinet.CheckpointCabinet`, which says what is raised."""

    def first_key(self, algorithm: Algorithm) -> CheckpointPublicKey | None:
        """Return the key that signed before any rotation, None when it is not here."""
        ...

    def list_keys(self) -> tuple[CheckpointPublicKey, ...]:
        """Return the public halves of all keys here."""
        ...

    def open_signer(self, public_key: CheckpointPublicKey) -> AnySigner:
        """Return what signs with this key."""
        ...

    def make_signer(self, algorithm: Algorithm) -> AnySigner:
        """Make one more key, durably."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """What a log says of its checkpoint keys: how many entries it has, and its rotations in order."""

    size: int
    rotations: tuple[CheckpointRotation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    size: int
    ranges: tuple[CheckpointKey, ...]


class KeyRing:
    """See the module. Safe to use from several threads."""

    def __init__(self, origin: str, cabinet: Cabinet, look: Callable[[], LogView]) -> None:
        self.origin = origin
        self._cabinet = cabinet
        self._look = look
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._signers: dict[VerifierKey, CheckpointSigner] = {}

    @property
    def ranges(self) -> tuple[CheckpointKey, ...]:
        """All keys that ever counted, in the log's order."""
        return self._get().ranges

    @property
    def current(self) -> tuple[VerifierKey, ...]:
        """The keys in use."""
        return tuple(item.key for item in self.ranges if item.last is None)

    @property
    def since(self) -> int:
        """The size from which the keys in use count."""
        return max((item.first for item in self.ranges), default=0)

    def list_next(self) -> tuple[VerifierKey, ...]:
        """Return the keys that are made and that the log knows nothing of yet."""
        used = {item.key.public_key.raw for item in self.ranges}
        fresh = (self._named(key) for key in self._cabinet.list_keys() if key.raw not in used)
        return tuple(sorted(fresh, key=lambda key: (key.type, key.key_id)))

    def refresh(self) -> None:
        """Read again what the log says."""
        view = self._look()
        known = _Known(size=view.size, ranges=self._ranges_of(view.rotations))
        with self._lock:
            self._known = known

    def keys_at(self, size: int) -> tuple[VerifierKey, ...]:
        """Return the keys that count for a tree of this size, as far as is known."""
        return tuple(item.key for item in self.ranges if item.covers(size))

    def learn_keys_at(self, size: int) -> tuple[VerifierKey, ...]:
        """Return the keys that count for a tree of this size, after reading the log again.

        Of a tree larger than the database only the keys here can tell: in the part that the database lacks
        there may be a rotation to a key that is made here and that it does not know.
        """
        self.refresh()
        return (*self.keys_at(size), *(self.list_next() if size > self._get().size else ()))

    def signers_at(self, size: int) -> tuple[CheckpointSigner, ...]:
        """Return what signs a tree of this size, both keys; raises MalformedKey when one is not here."""
        keys = self.keys_at(size)
        for kind in KEY_TYPES:
            if not any(key.type is kind for key in keys):
                raise MalformedKey(f"{key_file(_ALGORITHMS[kind])} is missing: restore it from its backup")
        return tuple(self._open(key) for key in keys)

    def make_next(self) -> tuple[CheckpointSigner, ...]:
        """Return the keys that can take over: those already made, or made now, each durable before the next.

        Raises MalformedKey where there are several to choose from.
        """
        ready = self.list_next()
        return tuple(
            self._take_or_make(kind, [key for key in ready if key.type is kind]) for kind in KEY_TYPES
        )

    def _take_or_make(self, kind: SignatureType, ready: list[VerifierKey]) -> CheckpointSigner:
        if len(ready) > 1:
            names = ", ".join(key.public_key.key_id for key in ready)
            raise MalformedKey(
                f"several keys are made and not in use: {names}; take all but one of them away"
            )
        if ready:
            return self._open(ready[0])
        signer = self._cabinet.make_signer(_ALGORITHMS[kind])
        known = next(key for key in self._cabinet.list_keys() if key.raw == signer.public_key.raw)
        return CheckpointSigner(self._named(known), signer)

    def _open(self, key: VerifierKey) -> CheckpointSigner:
        found = self._signers.get(key)
        if found is None:
            found = CheckpointSigner(key, self._cabinet.open_signer(key.public_key))
            self._signers[key] = found
        return found

    def _get(self) -> _Known:
        with self._lock:
            known = self._known
        if known is None:
            self.refresh()
            return self._get()
        return known

    def _ranges_of(self, rotations: Iterable[CheckpointRotation]) -> tuple[CheckpointKey, ...]:
        found: list[CheckpointKey] = []
        begins, keys = 0, tuple[VerifierKey, ...]()
        for rotation in rotations:
            found += [CheckpointKey(key=key, first=begins, last=rotation.first - 1) for key in rotation.old]
            begins, keys = rotation.first, rotation.new
        return (*found, *(CheckpointKey(key=key, first=begins) for key in keys or self._first_keys()))

    def _first_keys(self) -> tuple[VerifierKey, ...]:
        found = (self._cabinet.first_key(_ALGORITHMS[kind]) for kind in KEY_TYPES)
        return tuple(self._named(key) for key in found if key is not None)

    def _named(self, key: CheckpointPublicKey) -> VerifierKey:
        kind = SignatureType.ED25519 if isinstance(key, PublicKey) else SignatureType.ML_DSA_44
        return VerifierKey(self.origin, kind, key)
