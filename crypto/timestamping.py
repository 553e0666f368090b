"""RFC 3161 time stamps: the question, the answer, and whether the answer holds. Nobody else knows the format.

A token says that an authority saw exactly these bytes at its time; it says nothing about any other time. It
must never be believed without the authority's root, and only DER is read: an authority that sends its chain
in another order is asked to send no certificate, and its own stands in our file.
"""

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from crypto.errors import MalformedKey, TimeTokenRefused
from crypto.time_token import StampedTime

MAX_REPLY_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Whose tokens count: root certificates, those between, and the signer's own when it is known."""

    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()
    signer: x509.Certificate | None = None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a PEM file of certificates and tell them apart by what they say; raises MalformedKey."""
        try:
            found = x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError):
            raise MalformedKey(f"{path} does not hold certificates in PEM") from None
        roots = tuple(item for item in found if item.issuer == item.subject)
        signers = [item for item in found if item not in roots and _stamps_time(item)]
        if not roots or len(signers) > 1:
            raise MalformedKey(f"{path} must hold a root certificate, and at most one that stamps time")
        between = tuple(item for item in found if item not in roots and item not in signers)
        return cls(roots=roots, intermediates=between, signer=signers[0] if signers else None)

    def make_request(self, message: bytes) -> bytes:
        """Return a request (DER) over SHA-256 of `message`, with a nonce."""
        builder = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256)
        return builder.cert_request(cert_request=self.signer is None).build().as_bytes()

    def verify(self, untrusted_reply: bytes, message: bytes) -> StampedTime:
        """Return what a reply (DER) says of `message`; raises TimeTokenRefused."""
        if len(untrusted_reply) > MAX_REPLY_BYTES:
            raise TimeTokenRefused("a reply has at most 1,000,000 bytes")
        verifier = VerifierBuilder(
            tsa_certificate=self.signer, intermediates=list(self.intermediates), roots=list(self.roots)
        ).build()
        try:
            reply = decode_timestamp_response(untrusted_reply)
            verifier.verify_message(reply, message)
            said = reply.tst_info
            at = said.gen_time
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
            return StampedTime(at=at, serial=said.serial_number, policy=said.policy.dotted_string)
        except VerificationError as error:
            raise TimeTokenRefused(f"the time stamp does not hold: {error}") from None
        except (ValueError, TypeError):
            # What the library raises for every form it does not read: rejections without a token, and BER.
            raise TimeTokenRefused(
                "not a time stamp in DER: the authority refused, or sent certificates in another order"
            ) from None


def _stamps_time(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage.value
