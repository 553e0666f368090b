"""`python -m audit verify` answers by its exit code, with nothing but `cryptography` installed."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from audit.__main__ import main
from audit.trust_file import format_trust
from tests.house.tree import ROOT
from tests.support import logs

HONEST = logs.seal(logs.honest_drafts())


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    bundle = logs.write(tmp_path / "log.kt1", logs.bundle(HONEST))
    trust = logs.write(tmp_path / "trust.json", format_trust(logs.trust()))
    return str(bundle), str(trust)


def tamper(bundle: str, k: int) -> None:
    data = Path(bundle).read_bytes()
    at = data.index(HONEST[k]) + 20
    Path(bundle).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_a_good_log(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    bundle, trust = files
    assert main(["verify", bundle, "--trust", trust]) == 0
    said = capsys.readouterr().out
    assert "12 checked" in said
    assert "12 by the log, 6 in envelopes" in said
    assert "GOOD" in said


def test_a_bad_log_names_the_first_bad_entry(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, trust = files
    tamper(bundle, 7)
    assert main(["verify", bundle, "--trust", trust]) == 1
    said = capsys.readouterr().out
    assert "BAD: the first bad thing is entry 7" in said
    assert "GOOD" not in said


def test_json_for_machines(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    bundle, trust = files
    assert main(["verify", bundle, "--trust", trust, "--json", "--jobs", "1"]) == 0
    good = json.loads(capsys.readouterr().out)
    assert (good["result"], good["entries"], good["signatures"], good["first_bad"]) == ("good", 12, 18, None)
    tamper(bundle, 3)
    assert main(["verify", bundle, "--trust", trust, "--json"]) == 1
    bad = json.loads(capsys.readouterr().out)
    assert (bad["result"], bad["entries"], bad["first_bad"]["index"]) == ("bad", 3, 3)


@pytest.mark.parametrize("which", ["bundle", "trust"])
@pytest.mark.parametrize("content", [None, b"", b"kt1-bundle/1\n"])
def test_what_cannot_be_checked_is_2(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str], which: str, content: bytes | None
) -> None:
    bundle, trust = files
    path = Path(bundle if which == "bundle" else trust)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert main(["verify", bundle, "--trust", trust]) == 2
    assert "COULD NOT CHECK" in capsys.readouterr().err
    assert main(["verify", bundle, "--trust", trust, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["result"] == "unchecked"


@pytest.mark.parametrize(
    "arguments", [[], ["verify"], ["verify", "x"], ["verify", "x", "--trust", "y", "--jobs", "0"]]
)
def test_misuse_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_it_runs_with_only_cryptography_installed(files: tuple[str, str], tmp_path: Path) -> None:
    """A folder with links to `cryptography` and what it needs stands for a machine with nothing else."""
    bundle, trust = files
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("cryptography", "cffi", "_cffi_backend"):
        spec = find_spec(name)
        assert spec is not None, f"{name} is not installed"
        assert spec.origin is not None
        origin = Path(spec.origin)
        target = origin.parent if origin.name == "__init__.py" else origin
        (bare / target.name).symlink_to(target)
    for package in ("audit", "crypto"):
        (bare / package).symlink_to(ROOT / package)
    program = (
        "import runpy, sys; sys.path.insert(0, sys.argv.pop(1));"
        "import atexit; atexit.register(lambda: print(sorted("
        "{name.partition('.')[0] for name in sys.modules} & {'flask', 'sqlalchemy', 'argon2', 'app'})));"
        "runpy.run_module('audit', run_name='__main__', alter_sys=True)"
    )
    command = [sys.executable, "-I", "-S", "-B", "-c", program, str(bare), "verify", bundle, "--trust", trust]
    environment = {"PATH": os.environ["PATH"]}
    good = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert "12 checked" in good.stdout
    assert good.stdout.endswith("[]\n"), "the verifier loaded something it must not need"
    tamper(bundle, 5)
    bad = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "entry 5" in bad.stdout


def test_a_terminal_sees_a_bar_and_a_pipe_does_not(files: tuple[str, str]) -> None:
    bundle, trust = files
    command = [sys.executable, "-m", "audit", "verify", bundle, "--trust", trust]
    piped = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (piped.returncode, piped.stderr) == (0, "")
    ours, theirs = os.openpty()
    try:
        seen = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, check=False)
        assert seen.returncode == 0
        assert b"12/12 entries" in os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)
