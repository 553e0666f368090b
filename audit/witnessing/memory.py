"""What a witness keeps in its folder: the logs it knows, what it cosigned last for each, proofs of guilt.

The memory of a log *is* the last checkpoint with the witness's own cosignature, which is verified whenever it
is read: a memory that was damaged or exchanged must stop the witness, never be taken for an empty one. The
folder must never be restored from a backup, nor be copied to a second witness with the same key.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from audit.cosign import CheckpointSigner, verifiers
from audit.errors import AuditError, MalformedNote, WitnessBroken
from audit.guilt import ProofOfGuilt, parse_guilt
from audit.note import MAX_NOTE_BYTES, open_note
from audit.tree_head import check_origin, parse_tree_head
from audit.vkey import LOG_TYPES, VerifierKey, parse_vkey
from audit.witness import WitnessState
from audit.witnessing.disk import Disk, LocalDisk, locked, store_file

_LOGS: Final = "logs"
_GUILT: Final = "guilt"
_KNOWN: Final = "known-logs"
_FORMER: Final = "former-logs"
_LARGEST: Final = 2 * MAX_NOTE_BYTES + 100


def origin_name(origin: str) -> str:
    """Return how a log is named in paths and addresses: hexadecimal SHA-256 of its origin."""
    return sha256(origin.encode()).hexdigest()


class Memory:
    """One witness's folder; `disk` is another than the machine's own in tests of power cuts only."""

    def __init__(self, folder: Path, *, disk: Disk | None = None) -> None:
        self.folder = folder
        self._disk: Disk = LocalDisk() if disk is None else disk

    def make_folders(self) -> None:
        """Make what is missing of the folders, for their owner alone, durably; raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in (_LOGS, _GUILT):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        self._disk.sync_folder(self.folder)
        self._disk.sync_folder(self.folder.absolute().parent)

    def list_logs(self) -> tuple[VerifierKey, ...]:
        """Return the keys of the logs this witness knows; raises WitnessBroken."""
        return self._list(_KNOWN)

    def list_former_logs(self) -> tuple[VerifierKey, ...]:
        """Return keys that logs gave up: nothing they sign is cosigned, and a proof of guilt still holds."""
        return self._list(_FORMER)

    def add_logs(self, untrusted: Sequence[str]) -> tuple[VerifierKey, ...]:
        """Know further log keys, durably; returns all. Raises MalformedNote for what is no log's vkey."""
        with locked(self.folder):
            keys = tuple(dict.fromkeys((*self.list_logs(), *(_log_key(text) for text in untrusted))))
            self._store(_KNOWN, keys)
        return keys

    def drop_logs(self, untrusted: Sequence[str]) -> tuple[VerifierKey, ...]:
        """Cosign nothing more by these log keys, durably; returns the keys that are left.

        Raises MalformedNote for a key that is not known, and for the last one of a log: a log known by no key
        is not witnessed any more, which is never what a change of keys asks for.
        """
        with locked(self.folder):
            known, dropped = self.list_logs(), [_log_key(text) for text in untrusted]
            left = tuple(key for key in known if key not in dropped)
            for key in dropped:
                if key not in known:
                    raise MalformedNote(f"key {key.key_id.hex()} of {key.name} is not known here")
                if all(other.name != key.name for other in left):
                    raise MalformedNote(f"{key.name} would be known by no key: add its new keys first")
            # What is dropped is kept first: between the two steps a key stands in both files.
            self._store(_FORMER, tuple(dict.fromkeys((*self.list_former_logs(), *dropped))))
            self._store(_KNOWN, left)
        return left

    def _list(self, name: str) -> tuple[VerifierKey, ...]:
        data = _read(self.folder / name)
        try:
            return tuple(_log_key(line) for line in (data or b"").decode().splitlines())
        except (AuditError, UnicodeDecodeError) as error:
            raise WitnessBroken(f"{self.folder / name}: {error}") from None

    def _store(self, name: str, keys: Sequence[VerifierKey]) -> None:
        text = "".join(f"{key.to_text()}\n" for key in keys)
        store_file(self._disk, self.folder / name, text.encode())

    def find_checkpoint(self, name: str) -> bytes | None:
        """Return the last cosigned checkpoint of the log of this `origin_name`, None before the first."""
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            return None
        return _read(self.folder / _LOGS / name)

    def find_state(self, origin: str, signers: Sequence[CheckpointSigner]) -> WitnessState | None:
        """Return what was cosigned last, verified with the witness's own keys; raises WitnessBroken."""
        data = self.find_checkpoint(origin_name(origin))
        if data is None:
            return None
        try:
            opened = open_note(data, verifiers(signer.key for signer in signers))
            head = parse_tree_head(opened.text)
        except AuditError as error:
            raise WitnessBroken(f"the memory of {origin} cannot be believed: {error}") from None
        if head.origin != origin:
            raise WitnessBroken(f"the memory of {origin} holds a checkpoint of {head.origin}")
        at = max(item.time or 0 for item in opened.verified)
        return WitnessState(origin=origin, size=head.size, root=head.root, checkpoint=data, cosigned_at=at)

    def keep_state(self, state: WitnessState) -> None:
        """Replace what was cosigned last, durably; only under the lock that the decision was made under."""
        store_file(self._disk, self.folder / _LOGS / origin_name(state.origin), state.checkpoint)

    def keep_guilt(self, proof: ProofOfGuilt) -> Path:
        """Keep a proof of guilt, durably and for ever; returns its file. The same proof is kept once."""
        data = proof.to_bytes()
        path = self.folder / _GUILT / sha256(data).hexdigest()
        if _read(path) != data:
            store_file(self._disk, path, data)
        return path

    def list_guilt(self) -> tuple[tuple[str, ProofOfGuilt], ...]:
        """Return every proof of guilt under its name; raises WitnessBroken for a damaged one."""
        found = []
        for path in sorted((self.folder / _GUILT).glob("[0-9a-f]*")):
            try:
                found.append((path.name, parse_guilt(_read(path) or b"")))
            except MalformedNote as error:
                raise WitnessBroken(f"{path}: {error}") from None
        return tuple(found)


def _log_key(untrusted: str) -> VerifierKey:
    key = parse_vkey(untrusted)
    if key.type not in LOG_TYPES:
        raise MalformedNote("a log's key is of type 0x01 or 0x06")
    check_origin(key.name)
    return key


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST)
    except FileNotFoundError:
        return None
