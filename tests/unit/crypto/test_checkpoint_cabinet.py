"""Checkpoint keys in a folder: several of each algorithm, each opened by what it is and never guessed."""

from pathlib import Path

import pytest

from crypto.checkpoint_cabinet import CheckpointCabinet, key_file
from crypto.errors import MalformedKey
from crypto.keyfile import Passphrase, store_key
from crypto.keys import PublicKey, generate_signing_key
from crypto.mldsa import MlDsaPublicKey, generate_mldsa_key
from crypto.signer import Algorithm
from crypto.signer_store import FileSignerStore


@pytest.fixture
def passphrase() -> Passphrase:
    return Passphrase(b"a passphrase of the tests")


@pytest.fixture
def cabinet(tmp_path: Path, passphrase: Passphrase) -> CheckpointCabinet:
    """Return a cabinet with a first pair."""
    store_key(generate_signing_key(), tmp_path / "checkpoint-ed25519.key", passphrase=passphrase)
    store_key(generate_mldsa_key(), tmp_path / "checkpoint-ml-dsa-44.key", passphrase=passphrase)
    return CheckpointCabinet(tmp_path, passphrase)


def test_keys_made_later_stand_beside_the_first_and_each_is_found(
    cabinet: CheckpointCabinet, tmp_path: Path
) -> None:
    first = [cabinet.first_key(algorithm) for algorithm in Algorithm]
    made = [cabinet.make_signer(algorithm).public_key for algorithm in Algorithm]
    assert [cabinet.first_key(algorithm) for algorithm in Algorithm] == first
    assert set(cabinet.list_keys()) == {*first, *made}
    assert {path.name for path in tmp_path.iterdir()} == {
        *(key_file(algorithm) for algorithm in Algorithm),
        *(key_file(algorithm, key.key_id) for algorithm, key in zip(Algorithm, made, strict=True)),
    }
    for key in cabinet.list_keys():
        key.verify(cabinet.open_signer(key).sign(b"a tree head"), b"a tree head")


def test_a_key_that_is_not_there_is_named_with_its_file(cabinet: CheckpointCabinet, tmp_path: Path) -> None:
    for algorithm, key in (
        (Algorithm.ED25519, generate_signing_key().public_key),
        (Algorithm.ML_DSA_44, generate_mldsa_key().public_key),
    ):
        assert isinstance(key, PublicKey | MlDsaPublicKey)
        with pytest.raises(MalformedKey, match=rf"{key_file(algorithm, key.key_id)} is missing"):
            cabinet.open_signer(key)
        (tmp_path / key_file(algorithm)).unlink()
        assert cabinet.first_key(algorithm) is None


def test_a_damaged_file_is_named(cabinet: CheckpointCabinet, tmp_path: Path) -> None:
    (tmp_path / "checkpoint-ed25519.key").write_bytes(b"{}")
    for look in (cabinet.list_keys, lambda: cabinet.first_key(Algorithm.ED25519)):
        with pytest.raises(MalformedKey, match=r"checkpoint-ed25519\.key"):
            look()


def test_the_first_key_of_another_store_is_kept_in_mind_before_a_second_is_made(
    tmp_path: Path, passphrase: Passphrase
) -> None:
    """A store that holds several keys cannot tell which was the first: it is written down while it can."""
    (tmp_path / "elsewhere").mkdir()
    elsewhere = FileSignerStore(tmp_path / "elsewhere", passphrase)
    cabinet = CheckpointCabinet(tmp_path, passphrase).with_token(elsewhere)
    assert cabinet.first_key(Algorithm.ED25519) is None
    first = elsewhere.make_signer().public_key
    assert cabinet.first_key(Algorithm.ED25519) == first
    second = cabinet.make_signer(Algorithm.ED25519).public_key
    assert set(elsewhere.list_keys()) == {first, second} == set(cabinet.list_keys())
    assert CheckpointCabinet(tmp_path, passphrase, elsewhere).first_key(Algorithm.ED25519) == first
    assert cabinet.open_signer(first).public_key == first
    (tmp_path / "checkpoint-ed25519.first").unlink()
    with pytest.raises(MalformedKey, match="exactly one"):
        cabinet.first_key(Algorithm.ED25519)
