"""Private keys in files: PKCS#8 under AES-256-GCM, by a key that Argon2id makes of a passphrase.

The public half stands in the clear, so that keys can be listed without opening them; it is authenticated and
compared when the file is opened. A file is written once, for its owner alone, and never over another. It must
never accept a derivation weaker than the one it writes with, nor one that could exhaust the machine. Format:
docs/formats/keyfile.md.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from crypto import canonical
from crypto.canonical import JsonValue
from crypto.digest import b64decode, b64encode
from crypto.errors import CryptoError, MalformedKey
from crypto.keys import PublicKey, SigningKey
from crypto.mldsa import MlDsaPublicKey, MlDsaSigningKey
from crypto.signer import Algorithm

FORMAT = "kt1/keyfile/1"
MIN_PASSPHRASE = 16
MAX_FILE_BYTES = 100_000
_SALT, _NONCE, _KEY = 16, 12, 32
_NAMES = {"algorithm", "ciphertext", "format", "kdf", "nonce", "public_key"}
_COST_NAMES = {"iterations", "lanes", "memory_kib", "name", "salt"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one derivation takes: by default RFC 9106's second recommendation, above what ASVS asks."""

    iterations: int = 3
    lanes: int = 4
    memory_kib: int = 64 * 1024

    def __post_init__(self) -> None:
        """Refuse what is weaker than ASVS asks, and what would take the machine's memory or hours."""
        if not (
            1 <= self.iterations <= 16 and 1 <= self.lanes <= 16 and 47_104 <= self.memory_kib <= 1 << 20
        ):
            raise MalformedKey("a key file is derived with 46 MiB to 1 GiB, 1 to 16 passes, 1 to 16 lanes")


class Passphrase:
    """A passphrase and what was derived from it, so that one start derives once for all files of one `init`.

    Raises MalformedKey for less than 16 bytes. It shows nothing of itself.
    """

    __slots__ = ("_cost", "_derived", "_salt", "_secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_PASSPHRASE:
            raise MalformedKey("a passphrase has at least 16 bytes")
        self._secret = secret
        self._cost = Cost()
        self._salt = secrets.token_bytes(_SALT)
        self._derived: dict[tuple[Cost, bytes], AESGCM] = {}

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file whose first line, without its end, is the passphrase."""
        return cls(_read(path).rstrip(b"\r\n"))

    def seal(self, plain: bytes, header: dict[str, JsonValue]) -> bytes:
        """Return the file: `header` in the clear and authenticated, `plain` encrypted."""
        nonce = secrets.token_bytes(_NONCE)
        value = {**header, "kdf": _kdf_to_json(self._cost, self._salt), "nonce": b64encode(nonce)}
        cipher = self._derive(self._cost, self._salt)
        value["ciphertext"] = b64encode(cipher.encrypt(nonce, plain, canonical.encode(value)))
        return canonical.encode(value) + b"\n"

    def open(self, value: dict[str, JsonValue]) -> bytes:
        """Return what `seal` encrypted; raises MalformedKey, whatever was wrong."""
        header = {name: part for name, part in value.items() if name != "ciphertext"}
        cost, salt = _kdf_from_json(value["kdf"])
        nonce, ciphertext = _bytes(value["nonce"]), _bytes(value["ciphertext"])
        if len(nonce) != _NONCE:
            raise MalformedKey("the nonce of a key file is 12 bytes")
        try:
            return self._derive(cost, salt).decrypt(nonce, ciphertext, canonical.encode(header))
        except InvalidTag:
            raise MalformedKey("the passphrase is wrong, or the key file was changed") from None

    def _derive(self, cost: Cost, salt: bytes) -> AESGCM:
        if (cost, salt) not in self._derived:
            derivation = Argon2id(
                salt=salt,
                length=_KEY,
                iterations=cost.iterations,
                lanes=cost.lanes,
                memory_cost=cost.memory_kib,
            )
            self._derived[cost, salt] = AESGCM(derivation.derive(self._secret))
        return self._derived[cost, salt]

    def __repr__(self) -> str:
        return "Passphrase(...)"


def store_key(key: SigningKey | MlDsaSigningKey, path: Path, *, passphrase: Passphrase) -> None:
    """Write a key to a new file (mode 0600), durably; an existing file is never overwritten."""
    algorithm = Algorithm.ED25519 if isinstance(key, SigningKey) else Algorithm.ML_DSA_44
    header: dict[str, JsonValue] = {
        "algorithm": algorithm,
        "format": FORMAT,
        "public_key": key.public_key.to_text(),
    }
    try:
        write_new(path, passphrase.seal(key.to_pkcs8(), header))
    except OSError as error:
        raise MalformedKey(f"cannot write {path}: {error.strerror}") from None


def write_new(path: Path, content: bytes) -> None:
    """Write a new file (mode 0600) whole or not at all, durably; raises OSError, also when it is there."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        # A link replaces nothing, and a power cut leaves the whole file under its name, or none.
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def load_ed25519(path: Path, *, passphrase: Passphrase) -> SigningKey:
    """Open an Ed25519 key; raises MalformedKey."""
    key = _open(path, passphrase)
    if not isinstance(key, SigningKey):
        raise MalformedKey(f"{path} does not hold an Ed25519 key")
    return key


def load_ml_dsa_44(path: Path, *, passphrase: Passphrase) -> MlDsaSigningKey:
    """Open an ML-DSA-44 key; raises MalformedKey."""
    key = _open(path, passphrase)
    if not isinstance(key, MlDsaSigningKey):
        raise MalformedKey(f"{path} does not hold an ML-DSA-44 key")
    return key


def read_public_key(path: Path) -> PublicKey | MlDsaPublicKey:
    """Return the public half a file names, unauthenticated until the file is opened; raises MalformedKey."""
    return _public_key(_parse(path))


def _open(path: Path, passphrase: Passphrase) -> SigningKey | MlDsaSigningKey:
    value = _parse(path)
    named = _public_key(value)
    try:
        private = serialization.load_der_private_key(passphrase.open(value), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise MalformedKey(f"{path} does not hold a PKCS#8 key") from None
    key: SigningKey | MlDsaSigningKey
    if isinstance(private, Ed25519PrivateKey):
        key = SigningKey(private)
    elif isinstance(private, MLDSA44PrivateKey):
        key = MlDsaSigningKey(private)
    else:
        raise MalformedKey(f"{path} holds neither an Ed25519 nor an ML-DSA-44 key")
    if key.public_key != named:
        raise MalformedKey(f"{path} names another public key than the one it holds")
    return key


def _parse(path: Path) -> dict[str, JsonValue]:
    try:
        value = canonical.parse(_read(path).removesuffix(b"\n"))
    except CryptoError as error:
        raise MalformedKey(f"{path}: {error}") from None
    if not isinstance(value, dict) or value.keys() != _NAMES or value["format"] != FORMAT:
        raise MalformedKey(f"{path} is not a key file of this version")
    return value


def _public_key(value: dict[str, JsonValue]) -> PublicKey | MlDsaPublicKey:
    raw = _bytes(value["public_key"])
    if value["algorithm"] == Algorithm.ED25519:
        return PublicKey(raw)
    if value["algorithm"] == Algorithm.ML_DSA_44:
        return MlDsaPublicKey(raw)
    raise MalformedKey("a key file holds an Ed25519 or an ML-DSA-44 key")


def _kdf_to_json(cost: Cost, salt: bytes) -> dict[str, JsonValue]:
    return {
        "iterations": cost.iterations,
        "lanes": cost.lanes,
        "memory_kib": cost.memory_kib,
        "name": "argon2id",
        "salt": b64encode(salt),
    }


def _kdf_from_json(untrusted: JsonValue) -> tuple[Cost, bytes]:
    if not isinstance(untrusted, dict) or untrusted.keys() != _COST_NAMES or untrusted["name"] != "argon2id":
        raise MalformedKey("a key file names the cost of its derivation")
    salt = _bytes(untrusted["salt"])
    if len(salt) != _SALT:
        raise MalformedKey("the salt of a key file is 16 bytes")
    iterations, lanes, memory = (_number(untrusted[name]) for name in ("iterations", "lanes", "memory_kib"))
    return Cost(iterations=iterations, lanes=lanes, memory_kib=memory), salt


def _number(untrusted: JsonValue) -> int:
    if not isinstance(untrusted, int) or isinstance(untrusted, bool):
        raise MalformedKey("the cost of a key file is in whole numbers")
    return untrusted


def _bytes(untrusted: JsonValue) -> bytes:
    try:
        return b64decode(untrusted if isinstance(untrusted, str) else "?")
    except CryptoError as error:
        raise MalformedKey(str(error)) from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_FILE_BYTES)
    except OSError as error:
        raise MalformedKey(f"cannot read {path}: {error.strerror}") from None
