"""The log's keys in a hardware token: PKCS#11 behind the `Signer` port. The only module that knows `pkcs11`.

Keys are made in the token, sensitive and not extractable, and never leave it. They are found by what they are
(Ed25519, a label of ours for each use) and named by their public half, as everywhere. Every signature is
verified before it goes out, so a faulty token cannot put a bad entry into the log. The PIN is read from a
file when it is needed and must never be kept, logged or put into an error.
"""

import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, SignMixin
from pkcs11.exceptions import PKCS11Error, UserAlreadyLoggedIn

from crypto.errors import BadSignature, CryptoError, MalformedKey, TokenError
from crypto.keys import PUBLIC_KEY_LENGTH, PublicKey
from crypto.signer import Algorithm

KEY_LABEL = "kt1-log"
CHECKPOINT_LABEL = "kt1-checkpoint"
# DER of the object identifier 1.3.101.112, Ed25519 (RFC 8410).
_ED25519 = bytes.fromhex("06032b6570")
_ID_LENGTH = 8
_PROOF = b"kt1/token-check/v1\n"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAddress:
    """Where a token is: the vendor's module, the token's label, and the file that holds its user PIN."""

    module: Path
    label: str
    pin_file: Path


class Pkcs11Token:
    """One token, logged in when first needed, again after a fork, and again after it was unplugged."""

    def __init__(self, address: TokenAddress) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._session: pkcs11.Session | None = None
        self._pid = os.getpid()

    def do(self, work: Callable[[pkcs11.Session], T]) -> T:
        """Run `work` on the session, alone; raises TokenError when the token fails twice, or MalformedKey."""
        with self._lock:
            try:
                return work(self._open())
            except PKCS11Error:
                # Unplugged and plugged in again, a token has forgotten its sessions. Once more, anew.
                self._session = None
            try:
                return work(self._open())
            except PKCS11Error as error:
                self._session = None
                raise TokenError(f"the token {self.address.label!r} failed: {_reason(error)}") from None

    def _open(self) -> pkcs11.Session:
        forked = self._pid != os.getpid()
        if self._session is None or forked:
            library = pkcs11.lib(str(self.address.module))
            if forked:
                # PKCS#11 says nothing of a parent's session in a child: the child begins anew.
                library.reinitialize()
            token = library.get_token(token_label=self.address.label)
            try:
                self._session = token.open(user_pin=_read_pin(self.address.pin_file), rw=True)
            except UserAlreadyLoggedIn:
                # A login counts for the whole process: another store of ours has made it.
                self._session = token.open(rw=True)
            self._pid = os.getpid()
        return self._session


class Pkcs11Signer:
    """Signs with one key of the token."""

    __slots__ = ("_found", "_id", "_label", "_token", "algorithm", "key_id", "public_key")

    def __init__(
        self, token: Pkcs11Token, public_key: PublicKey, object_id: bytes, *, label: str = KEY_LABEL
    ) -> None:
        self._token = token
        self._id = object_id
        self._label = label
        self._found: tuple[pkcs11.Session, SignMixin] | None = None
        self.algorithm = Algorithm.ED25519
        self.public_key = public_key
        self.key_id = public_key.key_id

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature over `message`; raises TokenError."""
        signature = self._token.do(lambda session: self._sign(session, message))
        try:
            self.public_key.verify(signature, message)
        except BadSignature:
            raise TokenError("the token made a signature that does not hold") from None
        return signature

    def _sign(self, session: pkcs11.Session, message: bytes) -> bytes:
        # Looking for the key costs as much as signing, so it is looked for once a session.
        if self._found is None or self._found[0] is not session:
            key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=self._label, id=self._id)
            if not isinstance(key, SignMixin):
                raise TokenError(f"the key {self.key_id} of the token does not sign")
            self._found = (session, key)
        return bytes(self._found[1].sign(message, mechanism=Mechanism.EDDSA))


class Pkcs11SignerStore:
    """The keys of one use in one token (`crypto.signer_store.SignerStore`): one key, one use, one label."""

    def __init__(self, token: Pkcs11Token, *, label: str = KEY_LABEL) -> None:
        self._token = token
        self._label = label

    def list_keys(self) -> tuple[PublicKey, ...]:
        """Return the public halves of all keys under our label, ordered by name."""
        return tuple(sorted(self._find(), key=lambda key: key.key_id))

    def open_signer(self, key_id: str) -> Pkcs11Signer:
        """Return what signs with the key of this name; raises MalformedKey or TokenError."""
        for public_key, object_id in self._find().items():
            if public_key.key_id == key_id:
                return self._proved(Pkcs11Signer(self._token, public_key, object_id, label=self._label))
        raise MalformedKey(f"the token {self._token.address.label!r} holds no {self._label} key {key_id}")

    def make_signer(self) -> Pkcs11Signer:
        """Make a key inside the token; raises TokenError."""

        def work(session: pkcs11.Session) -> tuple[PublicKey, bytes]:
            object_id = secrets.token_bytes(_ID_LENGTH)
            curve = session.create_domain_parameters(
                KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _ED25519}, local=True
            )
            public, _ = curve.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                label=self._label,
                id=object_id,
                private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )
            return _public_key(public), object_id

        return self._proved(Pkcs11Signer(self._token, *self._token.do(work), label=self._label))

    def _proved(self, signer: Pkcs11Signer) -> Pkcs11Signer:
        # A public half without its private one must stop the start, not the first scan.
        signer.sign(_PROOF)
        return signer

    def _find(self) -> dict[PublicKey, bytes]:
        def work(session: pkcs11.Session) -> dict[PublicKey, bytes]:
            wanted = {
                Attribute.CLASS: ObjectClass.PUBLIC_KEY,
                Attribute.KEY_TYPE: KeyType.EC_EDWARDS,
                Attribute.LABEL: self._label,
            }
            return {_public_key(item): bytes(item[Attribute.ID]) for item in session.get_objects(wanted)}

        return self._token.do(work)


def _public_key(item: pkcs11.Object) -> PublicKey:
    point = bytes(item[Attribute.EC_POINT])
    # The standard wraps the point into an OCTET STRING; some tokens give it bare.
    return PublicKey(point.removeprefix(b"\x04\x20") if len(point) > PUBLIC_KEY_LENGTH else point)


def _read_pin(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise CryptoError(f"cannot read the PIN file {path}: {reason}") from None


def _reason(error: PKCS11Error) -> str:
    return f"{type(error).__name__} {error}".strip()
