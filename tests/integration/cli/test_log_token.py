"""An installation whose log key is in a token: made there, signing there, verified without it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pkcs11
import pytest

from app.cli.main import run
from app.factory import Toolbox
from app.http.ports import Unavailable
from app.services.log.publishing import publish
from app.storage.uow import UnitOfWork
from audit.checkpoint import open_checkpoint
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from audit.vkey import SignatureType, VerifierKey
from crypto.keyfile import Passphrase, store_key
from crypto.keys import PublicKey, generate_signing_key
from crypto.pkcs11_signer import CHECKPOINT_LABEL, Pkcs11SignerStore, Pkcs11Token, TokenAddress
from tests.house.tree import ROOT
from tests.support.tokens import PIN, add_token, token_address

__all__ = ["token_address"]
Kt1 = Callable[..., int]


@pytest.fixture
def kt1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, token_address: TokenAddress) -> Kt1:
    """Run commands against an installation whose configuration names the token."""
    settings = {
        "KT1_DATA_DIR": tmp_path / "var",
        "KT1_LOG_SIGNER": "pkcs11",
        "KT1_PKCS11_MODULE": token_address.module,
        "KT1_PKCS11_PIN_FILE": token_address.pin_file,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))
    return lambda *arguments: run(Toolbox(), arguments)


def test_the_log_is_signed_by_the_token_and_verified_without_it(
    kt1: Kt1, tmp_path: Path, token_address: TokenAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    (key,) = Pkcs11SignerStore(Pkcs11Token(token_address)).list_keys()
    assert capsys.readouterr().out == f"log key {key.key_id}\n"
    assert not list((tmp_path / "var" / "keys").glob("log-*"))
    bundle, trust = tmp_path / "log.kt1", tmp_path / "trust.json"
    assert kt1("keys", "trust", str(trust)) == 0
    assert kt1("log", "export", str(bundle)) == 0
    verify = [sys.executable, "-m", "audit", "verify", str(bundle), "--trust", str(trust)]
    elsewhere = subprocess.run(verify, cwd=ROOT, check=False, capture_output=True, text=True)
    assert elsewhere.returncode == 0, elsewhere.stdout + elsewhere.stderr
    assert key.to_text() in trust.read_text()


def test_the_token_signs_checkpoints_too_and_a_file_adds_what_it_does_not_know(
    kt1: Kt1, tmp_path: Path, token_address: TokenAddress
) -> None:
    assert kt1("init") == 0
    assert [path.name for path in (tmp_path / "var" / "keys").glob("checkpoint-*")] == [
        "checkpoint-ml-dsa-44.key"
    ]
    token = Pkcs11Token(token_address)
    (made,) = Pkcs11SignerStore(token, label=CHECKPOINT_LABEL).list_keys()
    (entries,) = Pkcs11SignerStore(token).list_keys()
    assert made != entries
    with Toolbox().open_runtime(Toolbox().read_config()) as runtime:
        published = publish(runtime, runtime.published, clock=runtime.now)
        classic, post_quantum = runtime.published.keys
        assert classic.public_key.raw == made.raw
        checkpoint = open_checkpoint(published.checkpoint, log_keys=(classic, post_quantum))
    assert checkpoint.log_types == {SignatureType.ED25519, SignatureType.ML_DSA_44}


def test_the_checkpoints_change_to_a_new_key_in_the_token(
    kt1: Kt1, tmp_path: Path, token_address: TokenAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    assert kt1("log", "publish") == 0
    store = Pkcs11SignerStore(Pkcs11Token(token_address), label=CHECKPOINT_LABEL)
    (first,) = store.list_keys()
    assert kt1("keys", "rotate-checkpoint", "--prepare") == 0
    (second,) = set(store.list_keys()) - {first}
    capsys.readouterr()
    # Between the two steps the token holds two keys, and the first still signs.
    assert kt1("keys", "list") == 0
    listed = capsys.readouterr().out
    assert f"not used  {vkey_of(second)}" in listed
    assert f"in use  {vkey_of(first)}" in listed
    assert kt1("keys", "rotate-checkpoint") == 0
    assert kt1("log", "export", str(tmp_path / "log.kt1")) == 0
    assert kt1("log", "publish") == 0
    trust = tmp_path / "trust.json"
    assert kt1("keys", "trust", str(trust)) == 0
    verify = [sys.executable, "-m", "audit", "verify", str(tmp_path / "var" / "tlog"), "--trust", str(trust)]
    done = subprocess.run(verify, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(store.list_keys()) == {first, second}
    with Toolbox().open_runtime(Toolbox().read_config()) as runtime:
        assert runtime.published.keys[0].public_key == second


def test_the_checkpoints_move_from_a_file_into_the_token(
    kt1: Kt1, tmp_path: Path, token_address: TokenAddress
) -> None:
    """An installation whose entries the token signs, and whose first checkpoint key was made in a file."""
    assert kt1("init") == 0
    keys = tmp_path / "var" / "keys"
    secret = Passphrase.read(keys / "signing-passphrase")
    store_key(generate_signing_key(), keys / "checkpoint-ed25519.key", passphrase=secret)
    assert kt1("log", "publish") == 0
    with Toolbox().open_runtime(Toolbox().read_config()) as runtime:
        assert (keys / "checkpoint-ed25519.key").exists()
        in_file = runtime.published.keys[0].public_key
        (spare,) = [key for key in runtime.published.ring.list_next() if key.type is SignatureType.ED25519]
    assert kt1("keys", "rotate-checkpoint") == 0
    with Toolbox().open_runtime(Toolbox().read_config()) as runtime:
        assert runtime.published.keys[0] == spare
        assert runtime.published.keys[0].public_key != in_file
    (held,) = Pkcs11SignerStore(Pkcs11Token(token_address), label=CHECKPOINT_LABEL).list_keys()
    assert held == spare.public_key


def vkey_of(key: PublicKey) -> str:
    return VerifierKey("kt1.local/log", SignatureType.ED25519, key).to_text()


def test_a_token_without_its_checkpoint_key_stops_the_start(
    kt1: Kt1, token_address: TokenAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    Pkcs11SignerStore(Pkcs11Token(token_address), label=CHECKPOINT_LABEL).make_signer()
    assert kt1("keys", "list") == 1
    assert "the key of the checkpoints cannot be used" in capsys.readouterr().err


def test_a_token_that_belongs_to_a_log_begins_no_other(
    kt1: Kt1, tmp_path: Path, token_address: TokenAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    Pkcs11SignerStore(Pkcs11Token(token_address)).make_signer()
    assert kt1("init") == 1
    assert "one token, one log" in capsys.readouterr().err
    assert not (tmp_path / "var" / "keys").exists()


def test_a_missing_token_stops_the_start(
    kt1: Kt1, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    add_token("another")
    monkeypatch.setenv("KT1_PKCS11_TOKEN", "a third")
    assert kt1("log", "verify") == 1
    assert "a third" in capsys.readouterr().err


def test_without_the_token_nothing_is_stored(
    kt1: Kt1, token_address: TokenAddress, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    with Toolbox().open_runtime(Toolbox().read_config()) as runtime:
        size = runtime.read(lambda uow: uow.audit.head().size)
        token_address.pin_file.write_text("the PIN was changed")
        pkcs11.lib(str(token_address.module)).reinitialize()
        with pytest.raises(Unavailable):
            runtime.write(note)
        token_address.pin_file.write_text(PIN, encoding="utf-8")
        assert runtime.read(lambda uow: uow.audit.head().size) == size
        runtime.write(note)
        assert runtime.read(lambda uow: uow.audit.head().size) == size + 1
    capsys.readouterr()
    assert kt1("log", "verify", "--jobs", "1") == 0


def note(uow: UnitOfWork) -> None:
    uow.audit.append(EntryDraft(kind=EntryKind.LOG_EXPORTED, facts={"size": 1}))
