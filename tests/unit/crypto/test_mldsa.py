"""ML-DSA-44 keys: named after themselves, and a signature holds for one message and one key."""

import hashlib
import pickle

import pytest

from crypto import mldsa
from crypto.errors import BadSignature, MalformedKey
from crypto.keys import generate_signing_key
from crypto.mldsa import MlDsaFileSigner, MlDsaPublicKey, MlDsaSigningKey
from crypto.signer import Algorithm, FileSigner

KEY = MlDsaSigningKey.from_seed(bytes(range(32)))


def test_a_signature_holds_for_its_message_and_key_only() -> None:
    signature = KEY.sign(b"message")
    assert len(signature) == mldsa.MLDSA_SIGNATURE_LENGTH
    KEY.public_key.verify(signature, b"message")
    other = mldsa.generate_mldsa_key().public_key
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    for key, signed, message in (
        (KEY.public_key, signature, b"massage"),
        (other, signature, b"message"),
        (KEY.public_key, flipped, b"message"),
        (KEY.public_key, signature[:-1], b"message"),
        (KEY.public_key, signature + b"\0", b"message"),
        (KEY.public_key, b"", b"message"),
    ):
        with pytest.raises(BadSignature):
            key.verify(signed, message)


def test_two_signatures_differ_and_both_hold() -> None:
    first, second = KEY.sign(b"m"), KEY.sign(b"m")
    assert first != second
    KEY.public_key.verify(first, b"m")
    KEY.public_key.verify(second, b"m")


def test_a_key_is_named_after_itself() -> None:
    raw = KEY.public_key.raw
    assert KEY.public_key.key_id == hashlib.sha256(b"kt1/mldsa44-key/v1\n" + raw).hexdigest()[:16]
    assert MlDsaPublicKey.from_text(KEY.public_key.to_text()) == KEY.public_key
    assert pickle.loads(pickle.dumps(KEY.public_key)) == KEY.public_key  # noqa: S301 -- bytes made here
    assert repr(KEY) == f"MlDsaSigningKey({KEY.public_key.key_id})"


@pytest.mark.parametrize("raw", [b"", bytes(32), bytes(1_311), bytes(1_313)])
def test_what_is_not_a_public_key(raw: bytes) -> None:
    with pytest.raises(MalformedKey):
        MlDsaPublicKey(raw)
    with pytest.raises(MalformedKey):
        MlDsaPublicKey.from_text("AAAA")


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(64)])
def test_what_is_not_a_seed(seed: bytes) -> None:
    with pytest.raises(MalformedKey):
        MlDsaSigningKey.from_seed(seed)


def test_every_signer_says_how_it_signs() -> None:
    signer = MlDsaFileSigner(KEY)
    assert (signer.algorithm, signer.public_key) == (Algorithm.ML_DSA_44, KEY.public_key)
    KEY.public_key.verify(signer.sign(b"m"), b"m")
    assert FileSigner(generate_signing_key()).algorithm is Algorithm.ED25519
