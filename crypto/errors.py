"""What can go wrong in `crypto`, as one tree.

CryptoError
├── NotCanonical        bytes or a value outside the restricted RFC 8785 profile
├── MalformedEncoding   base64, hex or a timestamp that is not exactly in its one allowed form
├── MalformedKey        a key that cannot be read, has the wrong length, or is worthless
├── MalformedEnvelope   a DSSE envelope that is not exactly ours
├── BadSignature        a signature that does not fit message and key
├── BadCommitment       a disclosed value that does not fit its commitment
├── TokenError          a PKCS#11 token that is missing, locked, or signs wrongly
├── TimeTokenRefused    a time stamp that is not one, or not over these bytes, or not of a known authority
├── ForgedLabel         a label's QR text whose MAC is missing, unknown or wrong
└── VaultError          a sealed value that cannot be opened (which part failed is never said)

No message ever contains key material or a plain value that was to stay sealed.
"""


# ruff: noqa: N818 -- errors are named for what happened, as design.md section 7 lists them.


class CryptoError(Exception):
    """Root of every error that leaves this package."""


class NotCanonical(CryptoError):
    """The value or the bytes are outside the restricted RFC 8785 profile."""


class MalformedEncoding(CryptoError):
    """Base64, hexadecimal or a timestamp is not in its one allowed form."""


class MalformedKey(CryptoError):
    """A key cannot be read, has the wrong length or would verify anything."""


class MalformedEnvelope(CryptoError):
    """An envelope is not exactly the DSSE form of `docs/formats/envelope.md`."""


class BadSignature(CryptoError):
    """The signature does not fit this message and this key."""


class BadCommitment(CryptoError):
    """The disclosed label, salt and value do not hash to the commitment."""


class TokenError(CryptoError):
    """The hardware token is missing, refuses its PIN, or does not do what it is there for."""


class TimeTokenRefused(CryptoError):
    """A reply of a time-stamp authority cannot be read or does not hold."""


class ForgedLabel(CryptoError):
    """The QR text of a label does not carry a MAC of ours."""


class VaultError(CryptoError):
    """A sealed value cannot be opened in this context with the keys at hand."""
