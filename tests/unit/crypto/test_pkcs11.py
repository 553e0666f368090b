"""A key in a token signs like a key in a file, stays where it is, and every failure is named."""

import os
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass
from pkcs11.exceptions import PKCS11Error

from audit.chain import EMPTY, extend
from audit.entry import parse_entry, verify_entry
from crypto.errors import CryptoError, MalformedKey, TokenError
from crypto.keys import PublicKey, generate_signing_key
from crypto.pkcs11_signer import KEY_LABEL, Pkcs11Signer, Pkcs11SignerStore, Pkcs11Token, TokenAddress
from crypto.signer import Signer
from crypto.signer_store import SignerStore, open_only
from tests.support.logs import STARTED_AT, created
from tests.support.tokens import PIN, token_address

__all__ = ["token_address"]
MESSAGE = b"kt1"


@pytest.fixture
def token(token_address: TokenAddress) -> Pkcs11Token:
    return Pkcs11Token(token_address)


@pytest.fixture
def store(token: Pkcs11Token) -> Pkcs11SignerStore:
    return Pkcs11SignerStore(token)


def private_key(token: Pkcs11Token) -> pkcs11.PrivateKey:
    def work(session: pkcs11.Session) -> pkcs11.PrivateKey:
        key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=KEY_LABEL)
        assert isinstance(key, pkcs11.PrivateKey)
        return key

    return token.do(work)


def test_a_key_made_in_the_token_signs_for_everybody_else(store: Pkcs11SignerStore) -> None:
    port: SignerStore = store
    made: Signer = port.make_signer()
    public_key = PublicKey(made.public_key.raw)
    public_key.verify(made.sign(MESSAGE), MESSAGE)
    assert port.list_keys() == (public_key,)
    assert open_only(port).key_id == made.key_id == public_key.key_id
    public_key.verify(port.open_signer(made.key_id).sign(b""), b"")


def test_an_entry_signed_by_a_token_is_an_entry(store: Pkcs11SignerStore) -> None:
    signer = store.make_signer()
    (sealed,) = extend(EMPTY, [created()], at=STARTED_AT, signer=signer, item_heads={})
    verify_entry(parse_entry(sealed.data), signer.public_key)


def test_the_key_cannot_be_taken_out(store: Pkcs11SignerStore, token: Pkcs11Token) -> None:
    store.make_signer()
    key = private_key(token)
    assert key[Attribute.SENSITIVE]
    assert key[Attribute.NEVER_EXTRACTABLE]
    assert not key[Attribute.EXTRACTABLE]
    with pytest.raises(PKCS11Error):
        _ = key[Attribute.VALUE]


def test_a_token_holds_several_keys_and_the_name_chooses(store: Pkcs11SignerStore) -> None:
    first, second = store.make_signer(), store.make_signer()
    assert {key.key_id for key in store.list_keys()} == {first.key_id, second.key_id}
    second.public_key.verify(store.open_signer(second.key_id).sign(MESSAGE), MESSAGE)
    first.public_key.verify(store.open_signer(first.key_id).sign(MESSAGE), MESSAGE)
    with pytest.raises(MalformedKey, match="exactly one"):
        open_only(store)
    with pytest.raises(MalformedKey, match="holds no kt1-log key"):
        store.open_signer("0" * 16)


def test_a_new_process_finds_the_key_again(token_address: TokenAddress, store: Pkcs11SignerStore) -> None:
    made = store.make_signer()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, made.sign(MESSAGE))
        os._exit(0)
    os.waitpid(child, 0)
    made.public_key.verify(os.read(reader, 100), MESSAGE)
    os.close(reader)
    os.close(writer)
    made.public_key.verify(made.sign(b"the parent still signs"), b"the parent still signs")
    pkcs11.lib(str(token_address.module)).reinitialize()
    again = Pkcs11SignerStore(Pkcs11Token(token_address))
    assert again.open_signer(made.key_id).public_key == made.public_key


def test_a_token_unplugged_and_plugged_in_again_goes_on(
    token_address: TokenAddress,
    store: Pkcs11SignerStore,
) -> None:
    made = store.make_signer()
    made.sign(MESSAGE)
    pkcs11.lib(str(token_address.module)).reinitialize()
    made.public_key.verify(made.sign(MESSAGE), MESSAGE)


def test_two_stores_share_the_login_of_the_process(
    token_address: TokenAddress,
    store: Pkcs11SignerStore,
) -> None:
    made = store.make_signer()
    assert Pkcs11SignerStore(Pkcs11Token(token_address)).list_keys() == (made.public_key,)


def test_a_signature_of_another_key_never_goes_out(store: Pkcs11SignerStore, token: Pkcs11Token) -> None:
    made = store.make_signer()
    object_id = bytes(private_key(token)[Attribute.ID])
    wrong = Pkcs11Signer(token, generate_signing_key().public_key, object_id)
    with pytest.raises(TokenError, match="does not hold"):
        wrong.sign(MESSAGE)
    Pkcs11Signer(token, made.public_key, object_id).sign(MESSAGE)


def test_every_failure_is_named_and_no_pin_is_said(token_address: TokenAddress, tmp_path: Path) -> None:
    wrong_pin = tmp_path / "wrong"
    wrong_pin.write_text("999999", encoding="utf-8")
    broken = {
        "module": tmp_path / "no-such-module.so",
        "label": "another token",
        "pin_file": wrong_pin,
    }
    for name, value in broken.items():
        address = replace(token_address, **{name: value})  # type: ignore[arg-type]  # each name has its type
        with pytest.raises(TokenError) as caught:
            Pkcs11SignerStore(Pkcs11Token(address)).list_keys()
        assert PIN not in str(caught.value)
        assert "999999" not in str(caught.value)
    with pytest.raises(CryptoError, match="PIN file"):
        Pkcs11SignerStore(Pkcs11Token(replace(token_address, pin_file=tmp_path / "none"))).list_keys()
