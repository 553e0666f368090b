"""What the holder of a new device key signs: this key, for this person, in this log.

The proof stands in the entry that enrols the key, so that whoever reads the log sees that nobody enrolled a
key they did not hold. That the person named is the person who held it, no signature can say: an auditor
compares key ids with a list that came another way. Format: docs/formats/entry.md.
"""

from crypto.digest import b64decode
from crypto.keys import PublicKey

DOMAIN = "kt1/enrol/v1"


def challenge(origin: str, owner: int, public_key: PublicKey) -> bytes:
    r"""Return the signed message: `kt1/enrol/v1`, origin, user id and public key, each ended by `\n`."""
    return f"{DOMAIN}\n{origin}\n{owner}\n{public_key.to_text()}\n".encode()


def verify_proof(untrusted_proof: str, *, origin: str, owner: int, public_key: PublicKey) -> None:
    """Raise `crypto.errors.CryptoError` unless the key itself signed its enrolment for this owner and log."""
    public_key.verify(b64decode(untrusted_proof), challenge(origin, owner, public_key))
