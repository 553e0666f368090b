"""Checks RFC 3161 time stamps with `cryptography` alone, for the verifier that must run without our server.

It shares no code with the library the server uses (`crypto.timestamping`), so each is a check on the other. A
token is believed only if an authority certificate that the auditor got by another way is at the end of its
chain, and only about the bytes whose digest it names. Certificates that came with it are never an end. What
is not read here (revocation lists, other algorithms) must never count as checked.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from crypto import der
from crypto.der import CONTEXT_0, CONTEXT_1, OCTETS, SEQUENCE, SET, Element
from crypto.errors import MalformedEncoding, MalformedKey, TimeTokenRefused

MAX_TOKEN_BYTES: Final = 1_000_000
_MAX_CHAIN = 6
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_HASHES: Mapping[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
_SHA256, _SHA384, _SHA512 = _HASHES
# Algorithm of the signature: which keys it is of, and which digest it names (None: the signer info's own).
_SIGNATURES: Mapping[str, tuple[type, str | None]] = {
    "1.2.840.113549.1.1.1": (rsa.RSAPublicKey, None),
    "1.2.840.113549.1.1.11": (rsa.RSAPublicKey, _SHA256),
    "1.2.840.113549.1.1.12": (rsa.RSAPublicKey, _SHA384),
    "1.2.840.113549.1.1.13": (rsa.RSAPublicKey, _SHA512),
    "1.2.840.10045.4.3.2": (ec.EllipticCurvePublicKey, _SHA256),
    "1.2.840.10045.4.3.3": (ec.EllipticCurvePublicKey, _SHA384),
    "1.2.840.10045.4.3.4": (ec.EllipticCurvePublicKey, _SHA512),
    "1.3.101.112": (ed25519.Ed25519PublicKey, None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StampedTime:
    """What a token that holds says: the authority's time, its serial number, and the policy it names."""

    at: datetime
    serial: int
    policy: str


@dataclass(frozen=True, slots=True)
class TimeCertificates:
    """The authority certificates an auditor trusts, each DER; raises MalformedKey for what is none."""

    certificates: tuple[x509.Certificate, ...]

    @classmethod
    def parse(cls, untrusted: tuple[bytes, ...]) -> "TimeCertificates":
        """Read certificates one by one."""
        return cls(tuple(_parse_certificate(item) for item in untrusted))

    def verify(self, untrusted_reply: bytes, message: bytes) -> StampedTime:
        """Return what a reply (`.tsr`, DER) says of exactly `message`; raises TimeTokenRefused."""
        if len(untrusted_reply) > MAX_TOKEN_BYTES:
            raise TimeTokenRefused("a reply has at most 1,000,000 bytes")
        try:
            signed = _open_reply(der.parse(untrusted_reply))
            content, signer = _read_signer(signed)
            stamped = _read_info(der.parse(content), message)
            certificate = _find_certificate((*self.certificates, *_embedded(signed)), signer)
            _verify_signature(certificate, signer)
            self._verify_chain(certificate, _embedded(signed), stamped.at)
        except (MalformedEncoding, MalformedKey, ValueError, IndexError) as error:
            raise TimeTokenRefused(f"not a time stamp: {error}") from None
        return stamped

    def _verify_chain(
        self, signer: x509.Certificate, untrusted: tuple[x509.Certificate, ...], at: datetime
    ) -> None:
        _check_purpose(signer)
        current = signer
        for _ in range(_MAX_CHAIN):
            if not current.not_valid_before_utc <= at <= current.not_valid_after_utc:
                raise TimeTokenRefused("a certificate was not valid at the time of the stamp")
            if current in self.certificates:
                return
            found = [item for item in (*self.certificates, *untrusted) if _has_issued(item, current)]
            if not found:
                break
            current = found[0]
        raise TimeTokenRefused("no chain leads from the signer to a trusted authority certificate")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    """The one signer info of a token, with its signed attributes by name."""

    issuer: bytes
    serial: int
    digest: str
    attributes: dict[str, Element]
    signed: bytes
    algorithm: str
    signature: bytes


def read_certificates(untrusted_pem: bytes) -> tuple[bytes, ...]:
    """Return the certificates of a PEM file, each as DER; raises MalformedKey."""
    try:
        found = x509.load_pem_x509_certificates(untrusted_pem)
    except ValueError:
        raise MalformedKey("not certificates in PEM") from None
    return tuple(item.public_bytes(serialization.Encoding.DER) for item in found)


def _parse_certificate(untrusted: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(untrusted)
    except ValueError:
        raise MalformedKey("not a certificate in DER") from None


def _open_reply(reply: Element) -> Element:
    """Return the SignedData of a granted reply (RFC 3161 section 2.4.2)."""
    status, *token = reply.parts(SEQUENCE)
    if status.parts(SEQUENCE)[0].integer() not in {0, 1} or len(token) != 1:
        raise TimeTokenRefused("the authority did not grant a time stamp")
    kind, wrapped = token[0].parts(SEQUENCE)[:2]
    if kind.oid() != _SIGNED_DATA or len(token[0].parts(SEQUENCE)) != 2:
        raise TimeTokenRefused("the token is not signed data")
    return wrapped.only(CONTEXT_0)


def _embedded(signed: Element) -> tuple[x509.Certificate, ...]:
    found = [part for part in signed.parts(SEQUENCE)[3:-1] if part.tag == CONTEXT_0]
    return tuple(_parse_certificate(item.raw) for part in found for item in part.parts(CONTEXT_0))


def _read_signer(signed: Element) -> tuple[bytes, _Signer]:
    """Return the bytes of the TSTInfo and the one signer info over them (RFC 5652 section 5)."""
    parts = signed.parts(SEQUENCE)
    kind, wrapped = parts[2].parts(SEQUENCE)[:2]
    if kind.oid() != _TST_INFO:
        raise TimeTokenRefused("what is signed is not a time stamp")
    content = wrapped.only(CONTEXT_0).bytes_of(OCTETS)
    fields = parts[-1].only(SET).parts(SEQUENCE)
    _, name, digest, attributes, algorithm, signature = fields[:6]
    if any(part.tag != CONTEXT_1 for part in fields[6:]):
        raise TimeTokenRefused("something stands behind the signature")
    issuer, serial = name.parts(SEQUENCE)
    found = dict[str, Element]()
    for attribute in attributes.parts(CONTEXT_0):
        label, values = attribute.parts(SEQUENCE)
        if label.oid() in found:
            raise TimeTokenRefused("a signed attribute stands twice")
        found[label.oid()] = values.only(SET)
    signer = _Signer(
        issuer=issuer.raw,
        serial=serial.integer(),
        digest=digest.parts(SEQUENCE)[0].oid(),
        attributes=found,
        # Signed as a SET, carried under a tag of its own: RFC 5652 section 5.4.
        signed=bytes([SET]) + attributes.raw[1:],
        algorithm=algorithm.parts(SEQUENCE)[0].oid(),
        signature=signature.bytes_of(OCTETS),
    )
    if signer.digest not in _HASHES:
        raise TimeTokenRefused("the token's digest is not SHA-256, SHA-384 or SHA-512")
    if _attribute(signer, _CONTENT_TYPE).oid() != _TST_INFO:
        raise TimeTokenRefused("the signature is over something else than a time stamp")
    if _attribute(signer, _MESSAGE_DIGEST).bytes_of(OCTETS) != _digest(signer.digest, content):
        raise TimeTokenRefused("the signature is over another time stamp")
    return content, signer


def _read_info(info: Element, message: bytes) -> StampedTime:
    """Read the TSTInfo (RFC 3161 section 2.4.2) and hold its digest against the message."""
    version, policy, imprint, serial, at = info.parts(SEQUENCE)[:5]
    algorithm, digest = imprint.parts(SEQUENCE)
    name = algorithm.parts(SEQUENCE)[0].oid()
    if version.integer() != 1 or name not in _HASHES:
        raise TimeTokenRefused("the version or the digest of the time stamp is not known here")
    if digest.bytes_of(OCTETS) != _digest(name, message):
        raise TimeTokenRefused("the time stamp is over other bytes")
    return StampedTime(at=at.time(), serial=serial.integer(), policy=policy.oid())


def _find_certificate(known: tuple[x509.Certificate, ...], signer: _Signer) -> x509.Certificate:
    """Return the certificate that both the signer info and its signed attribute (RFC 5816) name."""
    wanted = _certificate_digest(signer)
    for certificate in known:
        named = certificate.issuer.public_bytes() == signer.issuer
        if named and certificate.serial_number == signer.serial and wanted(certificate):
            return certificate
    raise TimeTokenRefused("the signer's certificate is neither trusted nor sent along")


def _certificate_digest(signer: _Signer) -> Callable[[x509.Certificate], bool]:
    if _SIGNING_CERTIFICATE_V2 in signer.attributes:
        first = signer.attributes[_SIGNING_CERTIFICATE_V2].parts(SEQUENCE)[0].parts(SEQUENCE)[0]
        fields = first.parts(SEQUENCE)
        name = _SHA256 if fields[0].tag == OCTETS else fields[0].parts(SEQUENCE)[0].oid()
        digest = fields[0 if fields[0].tag == OCTETS else 1].bytes_of(OCTETS)
        if name not in _HASHES:
            raise TimeTokenRefused("the signer's certificate is named by an unknown digest")
        return lambda item: item.fingerprint(_HASHES[name]()) == digest
    first = _attribute(signer, _SIGNING_CERTIFICATE).parts(SEQUENCE)[0].parts(SEQUENCE)[0]
    digest = first.parts(SEQUENCE)[0].bytes_of(OCTETS)
    # RFC 3161 itself knows only SHA-1 here. The chain and the signature do not hang on it.
    return lambda item: (
        hashlib.sha1(item.public_bytes(serialization.Encoding.DER), usedforsecurity=False).digest() == digest
    )


def _attribute(signer: _Signer, name: str) -> Element:
    found = signer.attributes.get(name)
    if found is None:
        raise TimeTokenRefused("a signed attribute is missing")
    return found


def _verify_signature(certificate: x509.Certificate, signer: _Signer) -> None:
    key = certificate.public_key()
    kind, named = _SIGNATURES.get(signer.algorithm, (type(None), None))
    if not isinstance(key, kind) or (named is not None and named != signer.digest):
        raise TimeTokenRefused("the algorithm of the signature is not of the signer's key or digest")
    digest = _HASHES[signer.digest]()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signer.signature, signer.signed, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signer.signature, signer.signed, ec.ECDSA(digest))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signer.signature, signer.signed)
    except InvalidSignature:
        raise TimeTokenRefused("the authority's signature does not hold") from None


def _check_purpose(signer: x509.Certificate) -> None:
    """Demand that the signer may stamp times and nothing else, as RFC 3161 section 2.3 does."""
    try:
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        raise TimeTokenRefused("the signer's certificate does not say what it is for") from None
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise TimeTokenRefused("the signer's certificate is not for time stamps alone")


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    if issuer == certificate or issuer.subject != certificate.issuer:
        return False
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage)
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return constraints.value.ca and usage.value.key_cert_sign


def _digest(name: str, data: bytes) -> bytes:
    digest = hashes.Hash(_HASHES[name]())
    digest.update(data)
    return digest.finalize()
