"""What an installation publishes, its auditor verifies under the trust file it was given."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import run
from app.factory import Toolbox
from audit.__main__ import main
from tests.support import tlog

Kt1 = Callable[..., int]


@pytest.fixture
def kt1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kt1:
    """Run commands against an installation in a folder of its own."""
    monkeypatch.setenv("KT1_DATA_DIR", str(tmp_path / "var"))
    assert run(Toolbox(), ("init",)) == 0
    return lambda *arguments: run(Toolbox(), arguments)


def test_the_published_tree_holds_under_the_trust_file_and_with_what_was_kept(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree, kept, trust = tmp_path / "var" / "tlog", tmp_path / "kept", tmp_path / "trust.json"
    assert kt1("log", "publish") == 0
    shutil.copy(tree / "checkpoint", kept)
    assert kt1("agency", "load", "deploy/province-24") == 0
    assert kt1("log", "publish") == 0
    assert kt1("keys", "trust", str(trust)) == 0
    capsys.readouterr()
    command = ["verify", str(tree), "--trust", str(trust), "--checkpoint", str(kept), "--jobs", "1"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "checkpoints  2, with 4 signatures by the log" in said
    assert "GOOD" in said
    data = (tree / "tile/0/000.p/1").read_bytes()
    (tree / "tile/0/000.p/1").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert main([*command, "--depth", "tree"]) == 1
    assert "file tile/0/000.p/1 (tile)" in capsys.readouterr().out


def test_the_trust_file_names_witnesses_and_revoked_devices(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust, policy = tmp_path / "trust.json", tmp_path / "policy"
    policy.write_text(f"witness w {tlog.W1.key.to_text()}\nquorum w\n")
    revoked = ("--revoke-device", "0123456789abcdef:5")
    assert kt1("keys", "trust", str(trust), "--witnesses", str(policy), *revoked) == 0
    assert '"revoked_devices":[{"key_id":"0123456789abcdef","until":5}]' in trust.read_text()
    assert kt1("log", "publish") == 0
    capsys.readouterr()
    assert main(["verify", str(tmp_path / "var" / "tlog"), "--trust", str(trust)]) == 1
    assert "(quorum)" in capsys.readouterr().out
    for wrong in ("0123", "0123456789abcdef:x"):
        assert kt1("keys", "trust", str(trust), "--revoke-device", wrong) != 0
