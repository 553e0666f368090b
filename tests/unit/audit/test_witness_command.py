"""`kt1-witness` as another body uses it: help that suffices, by file without a network, guilt for anyone."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from audit.parts import join_parts, split_parts
from audit.vkey import parse_vkey
from audit.witnessing.__main__ import build_parser, main
from tests.house.tree import ROOT
from tests.support import tlog
from tests.support.witnesses import request

COMMANDS = ("init", "add-log", "drop-log", "serve", "sign-file", "show", "guilt")


@pytest.fixture
def keyed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Make a witness that knows the log; returns the options that open it."""
    folder, secret = str(tmp_path / "w"), str(tmp_path / "passphrase")
    options = ["--folder", folder, "--passphrase-file", secret]
    assert main(["init", *options, "--name", "witness.test"]) == 0
    assert main(["add-log", "--folder", folder, tlog.LOG.key.to_text()]) == 0
    assert (tmp_path / "passphrase").stat().st_mode & 0o077 == 0
    printed = capsys.readouterr().out.splitlines()
    assert parse_vkey(printed[0]).name == "witness.test"
    return options


def sign(tmp_path: Path, options: list[str], body: bytes, *more: str) -> int:
    (tmp_path / "request").write_bytes(body)
    (tmp_path / "answer").unlink(missing_ok=True)
    return main(["sign-file", *options, str(tmp_path / "request"), str(tmp_path / "answer"), *more])


def test_a_request_is_answered_by_file(
    tmp_path: Path, keyed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert sign(tmp_path, keyed, request(0, 7), "--codes") == 0
    answer = (tmp_path / "answer").read_bytes()
    assert answer.decode().startswith("— witness.test ")
    assert join_parts(capsys.readouterr().out.encode()) == answer
    assert sign(tmp_path, keyed, request(3, 9)) == 1
    assert (tmp_path / "answer").read_bytes() == b"7\n"


def test_a_request_is_answered_from_scanned_codes(tmp_path: Path, keyed: list[str]) -> None:
    codes = "\n".join(reversed(split_parts(request(0, 300))))
    assert sign(tmp_path, keyed, codes.encode()) == 0
    assert (tmp_path / "answer").read_bytes().decode().startswith("— witness.test ")


def test_a_refusal_leaves_no_answer_and_guilt_is_exported_and_checked_by_anyone(
    tmp_path: Path, keyed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert sign(tmp_path, keyed, request(0, 7)) == 0
    assert sign(tmp_path, keyed, request(7, 7, "fork")) == 1
    assert not (tmp_path / "answer").exists()
    assert "refused (422)" in capsys.readouterr().err
    assert main(["guilt", *keyed[:2], "--export", str(tmp_path / "out")]) == 0
    (proof,) = (tmp_path / "out").iterdir()
    other = ["--folder", str(tmp_path / "anyone")]
    (tmp_path / "anyone").mkdir()
    assert main(["guilt", *other, "--verify", str(proof)]) == 1
    assert main(["add-log", *other, tlog.LOG.key.to_text()]) == 0
    capsys.readouterr()
    assert main(["guilt", *other, "--verify", str(proof)]) == 0
    assert "GUILTY: kt1.test/24 signed two roots for 7 entries" in capsys.readouterr().out


def test_show_says_what_was_cosigned(
    tmp_path: Path, keyed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    sign(tmp_path, keyed, request(0, 7))
    capsys.readouterr()
    assert main(["show", *keyed]) == 0
    out = capsys.readouterr().out
    assert f"cosigned   7 entries, root {tlog.head(7).root.hex()}" in out
    assert "guilt      0 proofs" in out


def test_mistakes_are_one_line(tmp_path: Path, keyed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", *keyed, "--name", "again"]) == 1
    assert main(["add-log", "--folder", keyed[1], "no vkey"]) == 1
    assert sign(tmp_path, [*keyed[:3], str(tmp_path / "nowhere")], request(0, 7)) == 1
    assert capsys.readouterr().err.count("\n") == 3


@pytest.mark.parametrize("command", COMMANDS)
def test_help_suffices_alone(command: str) -> None:
    """In a bare interpreter: nothing but the standard library, `cryptography` and two folders of ours."""
    run = "import sys; from audit.witnessing.__main__ import main; main(sys.argv[1:])"
    ran = subprocess.run(
        [sys.executable, "-c", run, command, "--help"], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert "usage: kt1-witness" in ran.stdout
    assert "--folder" in ran.stdout


def test_the_documented_commands_exist() -> None:
    parser = build_parser()
    said = [
        line.partition("#")[0]
        for page in (ROOT / "docs" / "operations.md",)
        for line in re.findall(r"^kt1-witness .*$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    ]
    assert len(said) >= len(COMMANDS)
    for line in said:
        assert parser.parse_args(shlex.split(line)[1:]).command in COMMANDS
