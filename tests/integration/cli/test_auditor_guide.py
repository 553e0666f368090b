"""The auditor's guide is run as it stands: every command, in its order, on a real installation."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.factory import build_runtime
from app.services.log.receipts import ReceiptState, find_receipt
from audit.entry import parse_entry
from config import Config
from tests.house.tree import ROOT
from tests.support import tlog
from tests.support.time_authority import TimeAuthority

GUIDE = ROOT / "docs" / "auditor-guide.vi.md"
BLOCK = re.compile(r"^```sh(?: fails=(\d+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = {"kt1", "kt1-witness", "python3", "openssl", "cmp", "sha256sum"}


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
        beside = Path(sys.executable)
        own = {name: [str(beside.with_name(name))] for name in ("kt1", "kt1-witness")}
        own["python3"] = [sys.executable]
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
        """Bring what somebody else brings: copies, what was kept, the witness, and the authority's answer."""
        if "cong-bo" in step.command:
            self.copy_published()
        if "witness-request" in step.command:
            self.set_up_witness()
        if "verify-receipt" in step.command:
            self.download_receipt(1)
        if "timestamp-request" in step.command:
            self.copy_published()
            shutil.copy(self.folder / "cong-bo" / "checkpoint", self.folder / "diem-chot")
        if "trust-lan-truoc.json" in step.command:
            kept = (self.folder / "khoa" / "trust.json").read_bytes()
            (self.folder / "trust-lan-truoc.json").write_bytes(kept)
        if "timestamp-import" in step.command:
            asked = (self.folder / "yeu-cau.tsq").read_bytes()
            (self.folder / "tra-loi.tsr").write_bytes(self.authority.reply(asked))

    def copy_published(self) -> None:
        """Take the published folder away, after putting the checkpoint of the first time aside."""
        copy, kept = self.folder / "cong-bo", self.folder / "diem-chot-lan-truoc"
        if copy.exists():
            if not kept.exists():
                shutil.copy(copy / "checkpoint", kept)
            shutil.rmtree(copy)
        shutil.copytree(self.folder / "var" / "tlog", copy)

    def set_up_witness(self) -> None:
        """Make another body's witness, which learns the log's keys and becomes the whole quorum."""
        opened = "--folder nhan-chung --passphrase-file mat-khau"
        keys = self.run("kt1 log vkeys").stdout.split()
        made = self.run(f"kt1-witness init {opened} --name skhcn.test")
        assert made.returncode == 0, made.stderr
        known = self.run(f"kt1-witness add-log --folder nhan-chung {' '.join(keys)}")
        assert known.returncode == 0, known.stderr
        policy = self.folder / "chinh-sach"
        policy.write_text(f"witness skhcn {made.stdout.split()[-1]}\nquorum skhcn\n")
        self.environment["KT1_WITNESS_POLICY"] = str(policy)

    def download_receipt(self, index: int) -> None:
        """Save an entry and its receipt, as its page gives them."""
        runtime = build_runtime(Config.from_env(self.environment))
        try:
            row = runtime.read(lambda uow: uow.audit.find(index))
            assert row is not None
            receipt = find_receipt(parse_entry(row.data), log=runtime.published)
        finally:
            runtime.close()
        assert receipt.state is ReceiptState.READY
        (self.folder / "ban-ghi").write_bytes(row.data)
        (self.folder / "bien-nhan.tlog-proof").write_bytes(receipt.proof)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, TimeAuthority(tmp_path / "authority"))
    # The guide gives openssl one file; a chain in it is what its reader gets from an authority.
    (tmp_path / "chung-thu.pem").write_bytes(desk.authority.root.read_bytes())
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
    for told in (
        "python3 -m audit verify cong-bo --trust khoa-moi/trust.json --checkpoint diem-chot-lan-truoc",
        "python3 -m audit verify cong-bo --trust khoa-diem-chot/trust.json --checkpoint diem-chot-lan-truoc",
        "python3 kt1-verify.pyz verify cong-bo --trust khoa-nhan-chung/trust.json",
        "python3 -m audit verify-evidence bang-chung.zip --trust khoa-nhan-chung/trust.json",
    ):
        assert "GOOD" in said[told]
    assert "not signed by any key" in said["python3 -m audit verify cong-bo --trust khoa-moi/trust.json"]
    assert "the quorum is met" in said["kt1 log witness-import tra-loi-nhan-chung"]
    assert "Time stamp:" in said["openssl ts -reply -in tra-loi.tsr -text"]


def test_the_guide_is_not_empty() -> None:
    typed = [step.command.split()[0] for step in steps()]
    assert len(typed) > 10
    assert set(typed) == PROGRAMS
