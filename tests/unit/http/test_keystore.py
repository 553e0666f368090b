"""Keys are made once, for their owner alone, and a damaged one stops the start without saying its content."""

import stat
from pathlib import Path

import pytest

from app.keystore import (
    Keys,
    KeysError,
    add_vault_key,
    create_keys,
    load_keys,
    open_log_signer,
)
from app.services.log.key_ring import KeyRing
from crypto.errors import CryptoError
from tests.support.cabinets import NOTHING_LOGGED


def open_checkpoint_signers(keys: Keys) -> list[str]:
    """Open the keys of the first checkpoint and return their names."""
    ring = KeyRing("kt1.test/24", keys.checkpoint_keys, lambda: NOTHING_LOGGED)
    try:
        return [item.key.to_text() for item in ring.signers_at(0)]
    except CryptoError as error:
        raise KeysError(str(error)) from None


def start(folder: Path) -> Keys:
    """Load everything, as a server does when it starts."""
    keys = load_keys(folder)
    open_log_signer(keys.log_keys)
    open_checkpoint_signers(keys)
    return keys


def test_what_was_made_can_be_loaded(tmp_path: Path) -> None:
    made = create_keys(tmp_path / "keys")
    loaded = load_keys(tmp_path / "keys")
    assert open_log_signer(loaded.log_keys).key_id == open_log_signer(made.log_keys).key_id
    assert open_checkpoint_signers(loaded) == open_checkpoint_signers(made)
    assert (
        loaded.vault.open(made.vault.seal("Nguyễn Văn An", context="a/1"), context="a/1") == "Nguyễn Văn An"
    )
    assert loaded.label_keys.verify(made.label_keys.qr_text("ZK000000005VN")) == "ZK000000005VN"
    assert loaded.codes.apply(7) == made.codes.apply(7)
    assert loaded.web_secret == made.web_secret


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    create_keys(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_keys_are_never_made_twice(tmp_path: Path) -> None:
    create_keys(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(KeysError, match="never overwritten"):
        create_keys(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_every_missing_file_is_named(tmp_path: Path) -> None:
    create_keys(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        content = path.read_bytes()
        path.unlink()
        named = "one key to begin with" if path.name.startswith("log-") else path.name
        with pytest.raises(KeysError, match=named):
            start(tmp_path)
        path.write_bytes(content)
    start(tmp_path)


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"{}", b'{"active":"a","keys":[]}', b"AAAA", b"null"])
def test_a_damaged_file_stops_the_start(tmp_path: Path, damage: bytes) -> None:
    create_keys(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        content = path.read_bytes()
        path.write_bytes(damage)
        with pytest.raises(KeysError):
            start(tmp_path)
        path.write_bytes(content)


def test_a_new_vault_key_opens_what_the_old_one_sealed(tmp_path: Path) -> None:
    old = create_keys(tmp_path).vault
    sealed = old.seal("tên", context="a/1")
    name = add_vault_key(tmp_path)
    new = load_keys(tmp_path).vault
    assert new.active == name != old.active
    assert new.open(sealed, context="a/1") == "tên"
    again = new.reseal(sealed, context="a/1")
    assert again is not None
    assert new.open(again, context="a/1") == "tên"


def test_a_log_key_may_be_kept_elsewhere(tmp_path: Path) -> None:
    keys = create_keys(tmp_path, log_key=False)
    with pytest.raises(KeysError, match="here: none"):
        open_log_signer(keys.log_keys)


def test_between_two_log_keys_only_the_log_can_choose(tmp_path: Path) -> None:
    keys = create_keys(tmp_path)
    first, second = open_log_signer(keys.log_keys), keys.log_keys.make_signer()
    assert {key.key_id for key in keys.log_keys.list_keys()} == {first.key_id, second.key_id}
    with pytest.raises(KeysError, match="exactly one"):
        open_log_signer(keys.log_keys)
    assert open_log_signer(load_keys(tmp_path).log_keys, second.key_id).public_key == second.public_key
    with pytest.raises(KeysError, match="cannot read"):
        open_log_signer(keys.log_keys, "0" * 16)


def test_a_log_key_under_another_name_is_refused(tmp_path: Path) -> None:
    keys = create_keys(tmp_path)
    (path,) = tmp_path.glob("log-*.key")
    path.rename(tmp_path / f"log-{'0' * 16}.key")
    with pytest.raises(KeysError, match="another key"):
        open_log_signer(keys.log_keys, "0" * 16)
