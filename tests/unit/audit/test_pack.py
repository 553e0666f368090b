"""The verifier as one file: the same bytes every time, and nothing needed but Python and `cryptography`."""

import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from audit.pack import main, modules, pack
from audit.trust_file import format_trust
from tests.support import logs, trees

ENTRIES = logs.seal(logs.honest_drafts(220))


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Make a virtual environment that has `cryptography`, what that needs, and nothing else."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    (packages,) = (tmp_path / "bare").glob("lib/python3*/site-packages")
    for name in ("cryptography", "cffi", "_cffi_backend"):
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        target = origin.parent if origin.name == "__init__.py" else origin
        (packages / target.name).symlink_to(target)
    return tmp_path / "bare/bin/python"


def run(python: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(python), "-I", *map(str, words)]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        command, cwd=python.parent, env=environment, capture_output=True, text=True, check=False
    )


def test_the_same_sources_give_the_same_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pack() == pack()
    assert main([str(tmp_path / "dist/kt1-verify.pyz")]) == 0
    assert (tmp_path / "dist/kt1-verify.pyz").read_bytes() == pack()
    assert "kt1-verify.pyz" in capsys.readouterr().out


def test_it_holds_the_verifier_and_nothing_that_appends_or_serves(tmp_path: Path) -> None:
    held = modules()
    assert {"audit.verify_tree", "audit.receipt", "crypto.time_token", "crypto.mldsa"} <= held
    assert not held & {"audit.chain", "audit.tile_grower", "audit.pack"}
    assert not held & {"crypto.timestamping", "crypto.passwords", "crypto.pkcs11_signer", "crypto.vault"}
    names = zipfile.ZipFile(logs.write(tmp_path / "x.pyz", pack())).namelist()
    assert len(names) == len(held) + 1


def test_it_runs_where_there_is_only_cryptography(tmp_path: Path, python: Path) -> None:
    program = logs.write(tmp_path / "kt1-verify.pyz", pack())
    tree = trees.publish(tmp_path / "log", ENTRIES)
    trust = logs.write(tmp_path / "trust.json", format_trust(trees.trust()))
    bundle = logs.write(tmp_path / "log.kt1", logs.bundle(ENTRIES))
    proof = logs.write(tmp_path / "a.tlog-proof", trees.receipt(ENTRIES, 5))
    entry = logs.write(tmp_path / "entry", ENTRIES[5])
    for words in (
        ("verify", tree, "--trust", trust, "--jobs", "2"),
        ("verify", bundle, "--trust", trust, "--jobs", "2"),
        ("verify", tree, "--trust", trust, "--depth", "tree"),
        ("verify-receipt", proof, "--entry", entry, "--trust", trust),
    ):
        good = run(python, program, *words)
        assert (good.returncode, good.stderr) == (0, ""), words
        assert "GOOD" in good.stdout
    assert "kt1-verify.pyz" in run(python, program, "--help").stdout
    (tree / "tile/0/000").unlink()
    bad = run(python, program, "verify", tree, "--trust", trust)
    assert (bad.returncode, "tile/0/000" in bad.stdout) == (1, True)
    assert run(python, program, "verify", tree, "--trust", tmp_path / "none").returncode == 2
    missing = run(python, "-c", "import flask")
    assert missing.returncode == 1, "the environment was not bare"
