"""The key files of one installation: made once by `kt1 init`, read at every start.

Keys live in files of their owner (folder 0700, files 0600) and are named to the server by path. A missing or
damaged key stops the start; it must never be made anew on the way, because a new key would begin another log,
repeat codes or leave sealed fields closed for ever.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from crypto.checkpoint_cabinet import CheckpointCabinet, key_file
from crypto.digest import b64decode, b64encode
from crypto.errors import CryptoError
from crypto.keyfile import Passphrase, store_key
from crypto.keys import generate_signing_key
from crypto.label_mac import LabelKeys
from crypto.mldsa import generate_mldsa_key
from crypto.permutation import SerialPermutation
from crypto.signer import Algorithm, Signer
from crypto.signer_store import FileSignerStore, SignerStore, open_only
from crypto.vault import Vault

CHECKPOINT_KEY = key_file(Algorithm.ED25519)
CHECKPOINT_PQ_KEY = key_file(Algorithm.ML_DSA_44)
PASSPHRASE = "signing-passphrase"  # noqa: S105  # a file name
VAULT_KEYS = "vault-keys.json"
LABEL_KEYS = "label-keys.json"
SERIAL_KEY = "serial-key"
WEB_SECRET = "web-secret"  # noqa: S105  # a file name
_KEY_BYTES = 32


class KeysError(Exception):
    """The key files are missing, damaged, or already there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Everything secret that a server holds in memory.

    `log_keys` are the key files of the log's entries; `checkpoint_keys` hold those that sign tree heads and
    nothing else.
    """

    log_keys: FileSignerStore
    checkpoint_keys: CheckpointCabinet
    vault: Vault
    label_keys: LabelKeys
    codes: SerialPermutation
    web_secret: bytes


@dataclass(frozen=True, slots=True)
class _Ring:
    """Named keys of which one is active, as JSON on disk."""

    keys: dict[str, bytes]
    active: str

    def to_bytes(self) -> bytes:
        named = {name: b64encode(key) for name, key in self.keys.items()}
        return json.dumps({"active": self.active, "keys": named}, indent=1, sort_keys=True).encode() + b"\n"


def create_keys(directory: Path, *, log_key: bool = True) -> Keys:
    """Make every key of a new installation; raises KeysError when any of them exists already.

    Without `log_key` the log's own key and its checkpoints' Ed25519 key are left to be made elsewhere: in a
    token, which knows no ML-DSA.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.chmod(0o700)
    present = {name for name in _ALL_FILES if (directory / name).exists()}
    present |= {path.name for kind in ("log", "checkpoint") for path in directory.glob(f"{kind}-*.key")}
    if present:
        raise KeysError(f"{directory} already holds {', '.join(sorted(present))}: keys are never overwritten")
    _write_new(directory / PASSPHRASE, secrets.token_urlsafe(_KEY_BYTES).encode() + b"\n")
    passphrase = Passphrase.read(directory / PASSPHRASE)
    store_key(generate_mldsa_key(), directory / CHECKPOINT_PQ_KEY, passphrase=passphrase)
    if log_key:
        store_key(generate_signing_key(), directory / CHECKPOINT_KEY, passphrase=passphrase)
        FileSignerStore(directory, passphrase).make_signer()
    for name in (VAULT_KEYS, LABEL_KEYS):
        key_id = _new_key_id()
        _write_new(directory / name, _Ring({key_id: secrets.token_bytes(_KEY_BYTES)}, key_id).to_bytes())
    for name in (SERIAL_KEY, WEB_SECRET):
        _write_new(directory / name, b64encode(secrets.token_bytes(_KEY_BYTES)).encode() + b"\n")
    _sync_folder(directory)
    return load_keys(directory)


def load_keys(directory: Path) -> Keys:
    """Read every key; raises KeysError naming the file that cannot be used, never its content."""
    try:
        vault, label = _read_ring(directory / VAULT_KEYS), _read_ring(directory / LABEL_KEYS)
        codes, web_secret = _read_key(directory / SERIAL_KEY), _read_key(directory / WEB_SECRET)
        # What is read above is cheap; this derives a key of the passphrase once for all files of this `init`.
        passphrase = Passphrase.read(directory / PASSPHRASE)
        return Keys(
            log_keys=FileSignerStore(directory, passphrase),
            checkpoint_keys=CheckpointCabinet(directory, passphrase),
            vault=Vault(vault.keys, vault.active),
            label_keys=LabelKeys(label.keys, label.active),
            codes=SerialPermutation(codes),
            web_secret=web_secret,
        )
    except CryptoError as error:
        raise KeysError(f"the keys in {directory} cannot be used: {error}") from None


def open_log_signer(store: SignerStore, key_id: str | None = None) -> Signer:
    """Open the key the log is signed with (None: the log has not begun); raises KeysError without it."""
    try:
        return open_only(store) if key_id is None else store.open_signer(key_id)
    except CryptoError as error:
        raise KeysError(f"the key of the log cannot be used: {error}") from None


def make_log_signer(store: SignerStore) -> Signer:
    """Make a new key for the log's entries, durably; raises KeysError."""
    try:
        return store.make_signer()
    except CryptoError as error:
        raise KeysError(f"no key for the log was made: {error}") from None


def check_no_log_key(store: SignerStore) -> None:
    """Raise KeysError when the store cannot be reached or holds the key of another log already."""
    try:
        present = store.list_keys()
    except CryptoError as error:
        raise KeysError(f"no key for the log can be made: {error}") from None
    if present:
        names = ", ".join(key.key_id for key in present)
        raise KeysError(f"the token already holds {names}: one token, one log")


def add_vault_key(directory: Path) -> str:
    """Add a vault key, make it the active one and return its name; old keys stay to open what they sealed."""
    path = directory / VAULT_KEYS
    ring = _read_ring(path)
    key_id = _new_key_id()
    fresh = directory / f"{VAULT_KEYS}.new"
    fresh.unlink(missing_ok=True)
    _write_new(fresh, _Ring({**ring.keys, key_id: secrets.token_bytes(_KEY_BYTES)}, key_id).to_bytes())
    fresh.replace(path)
    _sync_folder(directory)
    return key_id


_ALL_FILES = (CHECKPOINT_KEY, CHECKPOINT_PQ_KEY, PASSPHRASE, VAULT_KEYS, LABEL_KEYS, SERIAL_KEY, WEB_SECRET)


def _new_key_id() -> str:
    return secrets.token_hex(4)


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeysError(f"cannot read {path}: {error.strerror}; `kt1 init` makes the keys once") from None


def _read_key(path: Path) -> bytes:
    key = b64decode(_read_file(path).decode("ascii", "replace").strip())
    if len(key) != _KEY_BYTES:
        raise KeysError(f"{path} does not hold a {_KEY_BYTES}-byte key")
    return key


def _read_ring(path: Path) -> _Ring:
    try:
        ring = json.loads(_read_file(path))
        keys = {str(name): b64decode(str(key)) for name, key in ring["keys"].items()}
        return _Ring(keys, str(ring["active"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeysError(f"{path} is damaged: restore it from its backup") from None
