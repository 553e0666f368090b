"""Where the keys of checkpoints lie: files of both algorithms, and a token that may hold the Ed25519 keys.

A log changes these keys now and then, so the cabinet holds several; which of them sign is said by the log
itself, never here. The first pair has plain names, later keys are named after themselves. It must never guess
between two keys, write over one, or remove one.
"""

from pathlib import Path
from typing import Final, TypeAlias

from crypto.errors import MalformedKey
from crypto.keyfile import Passphrase, load_ed25519, load_ml_dsa_44, read_public_key, store_key, write_new
from crypto.keys import PublicKey, SigningKey, generate_signing_key
from crypto.mldsa import MlDsaFileSigner, MlDsaPublicKey, generate_mldsa_key
from crypto.signer import Algorithm, AnySigner, FileSigner
from crypto.signer_store import SignerStore, open_only

CheckpointPublicKey: TypeAlias = PublicKey | MlDsaPublicKey
# Says which key of the token was its first, written before a second one is made there.
FIRST_IN_TOKEN: Final = "checkpoint-ed25519.first"  # noqa: S105  # a file name


def key_file(algorithm: Algorithm, key_id: str = "") -> str:
    """Name the file of a key; without a key id that of the first one."""
    return f"checkpoint-{algorithm}{key_id and '-'}{key_id}.key"


class CheckpointCabinet:
    """The folder, its passphrase, and the token's keys for checkpoints where one is configured."""

    def __init__(self, folder: Path, passphrase: Passphrase, token: SignerStore | None = None) -> None:
        self._folder = folder
        self._passphrase = passphrase
        self._token = token

    def with_token(self, token: SignerStore) -> "CheckpointCabinet":
        """Return the same folder beside a token, in which new Ed25519 keys are made from now on."""
        return CheckpointCabinet(self._folder, self._passphrase, token)

    def first_key(self, algorithm: Algorithm) -> CheckpointPublicKey | None:
        """Return the key that signed before any rotation, None when it is not here.

        Raises MalformedKey for a damaged file, and for a token in which several keys could be it.
        """
        path = self._folder / key_file(algorithm)
        if path.exists():
            return read_public_key(path)
        if algorithm is not Algorithm.ED25519 or self._token is None:
            return None
        named = self._folder / FIRST_IN_TOKEN
        if not named.exists():
            return open_only(self._token).public_key if self._token.list_keys() else None
        key_id = named.read_text(encoding="ascii").strip()
        return next((key for key in self._token.list_keys() if key.key_id == key_id), None)

    def list_keys(self) -> tuple[CheckpointPublicKey, ...]:
        """Return the public halves of all keys here; raises MalformedKey or TokenError."""
        found: list[CheckpointPublicKey] = [read_public_key(path) for path in self._files()]
        return (*found, *(() if self._token is None else self._token.list_keys()))

    def open_signer(self, public_key: CheckpointPublicKey) -> AnySigner:
        """Return what signs with this key; raises MalformedKey when it is not here."""
        for path in self._files():
            if read_public_key(path) == public_key:
                if isinstance(public_key, PublicKey):
                    return FileSigner(load_ed25519(path, passphrase=self._passphrase))
                return MlDsaFileSigner(load_ml_dsa_44(path, passphrase=self._passphrase))
        if isinstance(public_key, PublicKey) and self._token is not None:
            return self._token.open_signer(public_key.key_id)
        algorithm = Algorithm.ED25519 if isinstance(public_key, PublicKey) else Algorithm.ML_DSA_44
        name = key_file(algorithm, public_key.key_id)
        raise MalformedKey(f"{name} is missing: restore it from its backup, or reach the token that holds it")

    def make_signer(self, algorithm: Algorithm) -> AnySigner:
        """Make one more key, durably: an Ed25519 key in the token if there is one, any other in a file."""
        if algorithm is Algorithm.ED25519 and self._token is not None:
            self._note_first(self._token)
            return self._token.make_signer()
        key = generate_signing_key() if algorithm is Algorithm.ED25519 else generate_mldsa_key()
        store_key(key, self._folder / key_file(algorithm, key.public_key.key_id), passphrase=self._passphrase)
        return FileSigner(key) if isinstance(key, SigningKey) else MlDsaFileSigner(key)

    def _note_first(self, token: SignerStore) -> None:
        """Keep in mind which key of the token is the first, as long as there is only one to tell."""
        path = self._folder / FIRST_IN_TOKEN
        if path.exists() or not token.list_keys():
            return
        write_new(path, f"{open_only(token).key_id}\n".encode())

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("checkpoint-*.key"))
