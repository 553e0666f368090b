"""Key files: what is written opens, and nothing else does; one known file was made without our code."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from crypto import canonical
from crypto.canonical import JsonValue
from crypto.digest import b64decode, b64encode
from crypto.errors import MalformedKey
from crypto.keyfile import (
    Cost,
    Passphrase,
    load_ed25519,
    load_ml_dsa_44,
    read_public_key,
    store_key,
)
from crypto.keys import SigningKey, generate_signing_key
from crypto.mldsa import MlDsaSigningKey
from crypto.signer_store import FileSignerStore
from tests.house.tree import ROOT

SECRET = b"correct horse battery staple"
KEY = SigningKey.from_seed(bytes(range(32)))
PQ_KEY = MlDsaSigningKey.from_seed(bytes(range(32)))
MESSAGE = b"kt1"
Value = dict[str, JsonValue]


@pytest.fixture(scope="module")
def passphrase() -> Passphrase:
    return Passphrase(SECRET)


@pytest.fixture
def path(tmp_path: Path, passphrase: Passphrase) -> Path:
    stored = tmp_path / "log.key"
    store_key(KEY, stored, passphrase=passphrase)
    return stored


def test_what_is_stored_opens_with_a_passphrase_read_anew(path: Path, tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_bytes(SECRET + b"\r\n")
    key = load_ed25519(path, passphrase=Passphrase.read(tmp_path / "passphrase"))
    assert key.sign(MESSAGE) == KEY.sign(MESSAGE)
    assert read_public_key(path) == KEY.public_key


def test_a_post_quantum_key_too(tmp_path: Path, passphrase: Passphrase) -> None:
    store_key(PQ_KEY, tmp_path / "pq.key", passphrase=passphrase)
    key = load_ml_dsa_44(tmp_path / "pq.key", passphrase=passphrase)
    PQ_KEY.public_key.verify(key.sign(MESSAGE), MESSAGE)
    with pytest.raises(MalformedKey, match="Ed25519"):
        load_ed25519(tmp_path / "pq.key", passphrase=passphrase)


def test_an_ed25519_key_is_no_post_quantum_key(path: Path, passphrase: Passphrase) -> None:
    with pytest.raises(MalformedKey, match="ML-DSA-44"):
        load_ml_dsa_44(path, passphrase=passphrase)


def test_a_file_is_for_its_owner_and_written_once(path: Path, passphrase: Passphrase) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(MalformedKey, match="cannot write"):
        store_key(generate_signing_key(), path, passphrase=passphrase)
    assert path.read_bytes() == before
    assert KEY.to_pkcs8()[-32:] not in before


def test_the_cost_stands_in_the_file(path: Path) -> None:
    value = json.loads(path.read_bytes())
    assert {name: value["kdf"][name] for name in ("iterations", "lanes", "memory_kib", "name")} == {
        "iterations": 3,
        "lanes": 4,
        "memory_kib": 65_536,
        "name": "argon2id",
    }


def test_the_format_is_the_one_of_its_page(path: Path) -> None:
    """Open a file by docs/formats/keyfile.md alone."""
    value = json.loads(path.read_bytes())
    kdf = value["kdf"]
    derivation = Argon2id(
        salt=b64decode(kdf["salt"]),
        length=32,
        iterations=kdf["iterations"],
        lanes=kdf["lanes"],
        memory_cost=kdf["memory_kib"],
    )
    ciphertext = b64decode(value.pop("ciphertext"))
    header = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    plain = AESGCM(derivation.derive(SECRET)).decrypt(b64decode(value["nonce"]), ciphertext, header)
    assert plain == KEY.to_pkcs8()


def test_the_example_of_the_page_opens(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "formats" / "keyfile.md").read_text(encoding="utf-8")
    (tmp_path / "key").write_text(page.split("```json\n")[1].split("```")[0])
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = load_ed25519(tmp_path / "key", passphrase=Passphrase(SECRET))
    assert key.public_key == SigningKey.from_seed(seed).public_key


def test_a_wrong_passphrase_opens_nothing(path: Path) -> None:
    with pytest.raises(MalformedKey, match="passphrase is wrong"):
        load_ed25519(path, passphrase=Passphrase(b"another passphrase"))


def _kdf(**changes: JsonValue) -> Callable[[Value], Value]:
    def change(value: Value) -> Value:
        kdf = value["kdf"]
        assert isinstance(kdf, dict)
        return value | {"kdf": {**kdf, **changes}}

    return change


def _set(name: str, content: JsonValue) -> Callable[[Value], Value]:
    return lambda value: value | {name: content}


OTHER = generate_signing_key().public_key.to_text()


@pytest.mark.parametrize(
    "change",
    [
        _set("format", "kt1/keyfile/2"),
        _set("algorithm", "ed448"),
        _set("algorithm", "ml-dsa-44"),
        _set("public_key", OTHER),
        _set("public_key", 7),
        _set("public_key", b64encode(bytes(32))),
        _set("nonce", b64encode(bytes(11))),
        _set("nonce", b64encode(bytes(12))),
        _set("ciphertext", b64encode(bytes(64))),
        _set("ciphertext", "=="),
        _set("more", 1),
        _set("kdf", None),
        _kdf(name="argon2i"),
        _kdf(salt=b64encode(bytes(16))),
        _kdf(salt=b64encode(bytes(8))),
        _kdf(lanes=True),
        _kdf(lanes="4"),
        _kdf(iterations=0),
        _kdf(iterations=17),
        _kdf(memory_kib=1024),
        _kdf(memory_kib=1 << 30),
    ],
)
def test_a_changed_file_opens_nothing(
    path: Path, passphrase: Passphrase, change: Callable[[Value], Value]
) -> None:
    value = canonical.parse(path.read_bytes().removesuffix(b"\n"))
    assert isinstance(value, dict)
    path.write_bytes(canonical.encode(change(value)))
    with pytest.raises(MalformedKey):
        load_ed25519(path, passphrase=passphrase)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"null", b"\xff", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"]
)
def test_what_is_no_key_file_is_refused(tmp_path: Path, passphrase: Passphrase, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(MalformedKey):
        load_ed25519(tmp_path / "key", passphrase=passphrase)


def test_missing_files_and_short_passphrases_are_refused(tmp_path: Path, passphrase: Passphrase) -> None:
    with pytest.raises(MalformedKey, match="cannot read"):
        load_ed25519(tmp_path / "none", passphrase=passphrase)
    with pytest.raises(MalformedKey, match="cannot read"):
        Passphrase.read(tmp_path / "none")
    with pytest.raises(MalformedKey, match="16 bytes"):
        Passphrase(b"short")
    assert "correct" not in repr(passphrase)


def test_a_weaker_derivation_cannot_even_be_named() -> None:
    with pytest.raises(MalformedKey, match="46 MiB"):
        Cost(memory_kib=19_456)


def test_a_store_of_signers_names_files_after_their_keys(tmp_path: Path, passphrase: Passphrase) -> None:
    store = FileSignerStore(tmp_path, passphrase)
    signer = store.make_signer()
    assert store.path_of(signer.key_id).is_file()
    assert store.list_keys() == (signer.public_key,)
    signer.public_key.verify(store.open_signer(signer.key_id).sign(MESSAGE), MESSAGE)


def test_a_file_that_a_power_cut_tore_has_no_name_that_counts(tmp_path: Path, passphrase: Passphrase) -> None:
    """It is written under another name, which the next attempt clears away."""
    store = FileSignerStore(tmp_path, passphrase)
    made = store.make_signer()
    torn = tmp_path / f".{store.path_of(made.key_id).name}.new"
    torn.write_bytes(b'{"algorithm":')
    assert [key.key_id for key in store.list_keys()] == [made.key_id]
    store.path_of(made.key_id).unlink()
    store_key(generate_signing_key(), store.path_of(made.key_id), passphrase=passphrase)
    assert not torn.exists()
