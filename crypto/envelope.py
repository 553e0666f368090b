"""DSSE envelopes (secure-systems-lab/dsse v1): the one way a device's statement is signed and carried.

The form is narrower than DSSE allows: canonical JSON, exactly one signature, strict base64. What is signed is
the pre-authentication encoding of type and payload, so a signature can never be moved to another type. The
payload is opaque here: this module must never look into it. Format: docs/formats/envelope.md.
"""

import re
from dataclasses import dataclass

from crypto import canonical
from crypto.canonical import JsonValue
from crypto.digest import b64decode, b64encode
from crypto.errors import BadSignature, MalformedEncoding, MalformedEnvelope, NotCanonical
from crypto.keys import SIGNATURE_LENGTH, PublicKey
from crypto.signer import Signer

EVIDENCE_TYPE = "application/vnd.kt1.evidence.v1+json"
MAX_ENVELOPE_BYTES = 40_000
_FIELDS = {"payload", "payloadType", "signatures"}
_SIGNATURE_FIELDS = {"keyid", "sig"}
_KEY_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One signed statement: the payload's bytes as signed, its type, the signer's key and signature."""

    payload: bytes
    payload_type: str
    key_id: str
    signature: bytes

    def to_json(self) -> dict[str, JsonValue]:
        """Return the JSON object, for embedding in a canonical document."""
        return {
            "payload": b64encode(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": self.key_id, "sig": b64encode(self.signature)}],
        }

    def to_bytes(self) -> bytes:
        """Return the canonical JSON bytes; `parse` of them gives this envelope back."""
        return canonical.encode(self.to_json())


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes a DSSE signature covers: `DSSEv1 <len type> <type> <len payload> <payload>`."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, payload_type: str, signer: Signer) -> Envelope:
    """Sign `payload` as `payload_type`."""
    signature = signer.sign(pre_authentication(payload_type, payload))
    return Envelope(payload=payload, payload_type=payload_type, key_id=signer.key_id, signature=signature)


def verify(envelope: Envelope, public_key: PublicKey) -> None:
    """Raise BadSignature unless the envelope names this key and its signature holds."""
    if envelope.key_id != public_key.key_id:
        raise BadSignature("the envelope names another key")
    public_key.verify(envelope.signature, pre_authentication(envelope.payload_type, envelope.payload))


def parse(untrusted: bytes) -> Envelope:
    """Read canonical envelope bytes; raises MalformedEnvelope. Nothing is verified yet."""
    if len(untrusted) > MAX_ENVELOPE_BYTES:
        raise MalformedEnvelope("envelope too long")
    try:
        return from_json(canonical.parse(untrusted))
    except NotCanonical as error:
        raise MalformedEnvelope(str(error)) from None


def from_json(untrusted: JsonValue) -> Envelope:
    """Read an envelope object out of an already parsed canonical document; raises MalformedEnvelope."""
    if not isinstance(untrusted, dict) or untrusted.keys() != _FIELDS:
        raise MalformedEnvelope("an envelope has exactly payload, payloadType and signatures")
    payload_type, signatures = untrusted["payloadType"], untrusted["signatures"]
    if not isinstance(payload_type, str) or not payload_type.isascii():
        raise MalformedEnvelope("payloadType must be ASCII text")
    if not isinstance(signatures, list) or len(signatures) != 1:
        raise MalformedEnvelope("an envelope carries exactly one signature")
    only = signatures[0]
    if not isinstance(only, dict) or only.keys() != _SIGNATURE_FIELDS:
        raise MalformedEnvelope("a signature has exactly keyid and sig")
    key_id = only["keyid"]
    if not isinstance(key_id, str) or _KEY_ID.fullmatch(key_id) is None:
        raise MalformedEnvelope("keyid is 16 lower-case hexadecimal digits")
    signature = _decode(only["sig"], "sig")
    if len(signature) != SIGNATURE_LENGTH:
        raise MalformedEnvelope("sig is 64 bytes")
    payload = _decode(untrusted["payload"], "payload")
    return Envelope(payload=payload, payload_type=payload_type, key_id=key_id, signature=signature)


def _decode(untrusted: JsonValue, name: str) -> bytes:
    if not isinstance(untrusted, str):
        raise MalformedEnvelope(f"{name} must be text")
    try:
        return b64decode(untrusted)
    except MalformedEncoding as error:
        raise MalformedEnvelope(f"{name}: {error}") from None
