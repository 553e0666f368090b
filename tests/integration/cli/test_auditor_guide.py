"""The auditor's guide is run as it stands: every command, in its order, on a real installation."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.support import tlog
from tests.support.time_authority import TimeAuthority

GUIDE = ROOT / "docs" / "auditor-guide.vi.md"
BLOCK = re.compile(r"^```sh(?: fails=(\d+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = {"kt1", "python3", "openssl", "cmp", "sha256sum"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line to type, and the exit code the guide says it ends with."""

    command: str
    exit_code: int


def steps() -> list[Step]:
    found = BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    return [
        Step(command=line, exit_code=int(code or 0))
        for code, block in found
        for line in block.splitlines()
        if line
    ]


class Desk:
    """The operator's console and the auditor's desk in one folder."""

    def __init__(self, folder: Path, authority: TimeAuthority) -> None:
        self.folder = folder
        self.authority = authority
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("KT1_")},
            "KT1_DATA_DIR": str(folder / "var"),
            "KT1_ORIGIN": tlog.ORIGIN,
            "KT1_TIME_AUTHORITY_CERTS": str(authority.root),
            "PYTHONPATH": str(ROOT),
        }

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        words = shlex.split(command)
        assert words[0] in PROGRAMS, f"the guide types {words[0]}"
        # The same interpreter as the tests', as a person in the project's environment would have it.
        own = {"kt1": [str(Path(sys.executable).with_name("kt1"))], "python3": [sys.executable]}
        words[:1] = own.get(words[0], words[:1])
        return subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )

    def prepare(self, step: Step) -> None:
        """Bring what somebody else brings: the file kept from last time, and the authority's answer."""
        if "trust-lan-truoc.json" in step.command:
            kept = (self.folder / "khoa" / "trust.json").read_bytes()
            (self.folder / "trust-lan-truoc.json").write_bytes(kept)
        if "timestamp-import" in step.command:
            asked = (self.folder / "yeu-cau.tsq").read_bytes()
            (self.folder / "tra-loi.tsr").write_bytes(self.authority.reply(asked))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, TimeAuthority(tmp_path / "authority"))
    # The guide gives openssl one file; a chain in it is what its reader gets from an authority.
    (tmp_path / "chung-thu.pem").write_bytes(desk.authority.root.read_bytes())
    (tmp_path / "diem-chot").write_bytes(tlog.note(7))
    made = desk.run("kt1 init")
    assert made.returncode == 0, made.stderr
    return desk


def test_every_command_of_the_guide_does_what_it_says(desk: Desk) -> None:
    said: dict[str, str] = {}
    for step in steps():
        desk.prepare(step)
        done = desk.run(step.command)
        assert done.returncode == step.exit_code, f"{step.command}\n{done.stdout}{done.stderr}"
        said[step.command] = done.stdout + done.stderr
    assert "GOOD" in said["python3 -m audit verify log.kt1 --trust khoa/trust.json"]
    assert "BAD" in said["python3 -m audit verify log-moi.kt1 --trust khoa/trust.json"]
    assert "the header (key)" in said["python3 -m audit verify log-moi.kt1 --trust khoa/trust.json"]
    assert "Time stamp:" in said["openssl ts -reply -in tra-loi.tsr -text"]


def test_the_guide_is_not_empty() -> None:
    typed = [step.command.split()[0] for step in steps()]
    assert len(typed) > 10
    assert set(typed) == PROGRAMS
