"""Where the keys of a log live: the port, and its adapter for a folder of key files.

A log changes its key now and then, so a store holds several; which one signs is said by the log itself, never
by the store. Each file is named after its key. It must never guess between two keys, nor remove one.
"""

from pathlib import Path
from typing import Protocol

from crypto.errors import MalformedKey
from crypto.keyfile import Passphrase, load_ed25519, read_public_key, store_key
from crypto.keys import PublicKey, generate_signing_key
from crypto.signer import FileSigner, Signer


class SignerStore(Protocol):
    """Holds private keys and hands out what signs with them; never the keys."""

    def list_keys(self) -> tuple[PublicKey, ...]:
        """Return the public halves of all keys it holds, ordered by name."""
        ...

    def open_signer(self, key_id: str) -> Signer:
        """Return what signs with the key of this name; raises MalformedKey when it is not here."""
        ...

    def make_signer(self) -> Signer:
        """Make a new key, durably, and return what signs with it."""
        ...


class FileSignerStore:
    """The log's keys in `<folder>/log-<key id>.key`, all under one passphrase."""

    def __init__(self, folder: Path, passphrase: Passphrase) -> None:
        self._folder = folder
        self._passphrase = passphrase

    def list_keys(self) -> tuple[PublicKey, ...]:
        """Read the names the files give; raises MalformedKey for one that is no key file."""
        found = (read_public_key(path) for path in sorted(self._folder.glob("log-*.key")))
        return tuple(key for key in found if isinstance(key, PublicKey))

    def open_signer(self, key_id: str) -> FileSigner:
        """Open the file of this key; raises MalformedKey."""
        signer = FileSigner(load_ed25519(self.path_of(key_id), passphrase=self._passphrase))
        if signer.key_id != key_id:
            raise MalformedKey(f"{self.path_of(key_id)} holds another key than its name says")
        return signer

    def make_signer(self) -> FileSigner:
        """Make a key and its file."""
        key = generate_signing_key()
        store_key(key, self.path_of(key.public_key.key_id), passphrase=self._passphrase)
        return FileSigner(key)

    def path_of(self, key_id: str) -> Path:
        """Return where the key of this name lies."""
        return self._folder / f"log-{key_id}.key"


def open_only(store: SignerStore) -> Signer:
    """Return the signer of the only key there is; raises MalformedKey when there is none, or a choice."""
    keys = store.list_keys()
    if len(keys) != 1:
        names = ", ".join(key.key_id for key in keys) or "none"
        raise MalformedKey(f"a log that has not begun needs exactly one key to begin with; here: {names}")
    return store.open_signer(keys[0].key_id)
