"""`kt1 log evidence` writes a file that the auditor's own command accepts, or says that there is nothing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import run
from app.domain.access import Actor, Role
from app.factory import Toolbox, build_runtime, utc_now
from app.services.items import registration
from app.services.items.registration import RegisterConsignment
from app.services.log.publishing import publish
from audit import pack
from audit.__main__ import main
from audit.evidence_bundle import read_evidence_bundle
from config import Config
from tests.support.installation import _add_person, _add_unit

Kt1 = Callable[..., int]


@pytest.fixture
def kt1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kt1:
    """Run commands against an installation in a folder of its own."""
    monkeypatch.setenv("KT1_DATA_DIR", str(tmp_path / "var"))
    return lambda *arguments: run(Toolbox(), arguments)


def register_one(folder: Path, *, published: bool) -> str:
    """Register an item, and publish the log that holds it; return its code."""
    runtime = build_runtime(Config(data_dir=folder))
    try:
        unit = _add_unit(runtime, "24.H01", "agency", "Ủy ban nhân dân tỉnh Bắc Ninh")
        _add_unit(runtime, "24.H02", "agency", "Sở Nội vụ")
        user = _add_person(runtime, "an.nguyen", "Nguyễn Văn An", Role.FOCAL_POINT, "24.H01")
        actor = Actor(user=user, unit=unit, role=Role.FOCAL_POINT, active=True, name_key="")
        form = {"recipient_unit": "24.H02", "pieces": "1", "weight_g": "5", "outer_envelope": "1"}
        command = RegisterConsignment(untrusted={**form, "abstract": "Về việc kiểm tra"})
        code = runtime.write(registration.register, command, actor=actor).code
        if published:
            publish(runtime, runtime.published, clock=utc_now)
        return str(code)
    finally:
        runtime.close()


@pytest.mark.parametrize("with_fields", [True, False])
def test_what_the_command_writes_is_good_for_the_verifier(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, with_fields: bool
) -> None:
    assert kt1("init") == 0
    code = register_one(tmp_path / "var", published=True)
    file, trust = tmp_path / "evidence.zip", tmp_path / "trust.json"
    more = ("--with-fields",) if with_fields else ()
    assert kt1("log", "evidence", "--code", code, *more, "-o", str(file)) == 0
    assert kt1("keys", "trust", str(trust)) == 0
    capsys.readouterr()
    asked = ["verify-evidence", str(file), "--trust", str(trust), "--without-witnesses"]
    assert main(asked) == 0, capsys.readouterr()
    said = capsys.readouterr().out
    assert "GOOD" in said
    assert f"{int(with_fields)} disclosed, {int(not with_fields)} withheld" in said
    inside = read_evidence_bundle(file).files
    # Nothing but this file: the program in it reads it, under trust that came another way.
    packed = tmp_path / "kt1-verify.pyz"
    packed.write_bytes(inside["kt1-verify.pyz"])
    assert packed.read_bytes() == pack.pack()
    run = subprocess.run([sys.executable, str(packed), *asked], capture_output=True, check=False, text=True)
    assert (run.returncode, "GOOD" in run.stdout) == (0, True), run
    read_by_eye = tmp_path / "keys.txt"
    read_by_eye.write_bytes(inside["keys-for-reading.txt"])
    assert main(["verify-evidence", str(file), "--trust", str(read_by_eye), "--without-witnesses"]) == 2


def test_a_period_is_given_by_its_days_and_never_with_fields(kt1: Kt1, tmp_path: Path) -> None:
    assert kt1("init") == 0
    register_one(tmp_path / "var", published=True)
    file = tmp_path / "period.zip"
    days = ("--from", f"{utc_now():%Y-%m-%d}", "--to", f"{utc_now():%Y-%m-%d}")
    assert kt1("log", "evidence", *days, "-o", str(file)) == 0
    assert file.is_file()
    assert kt1("log", "evidence", *days, "--with-fields", "-o", str(file)) == 2
    assert kt1("log", "evidence", "-o", str(file)) == 2


def test_nothing_published_is_said_and_no_file_is_left(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    code = register_one(tmp_path / "var", published=False)
    assert kt1("log", "evidence", "--code", code, "-o", str(tmp_path / "evidence.zip")) == 1
    assert "nothing of this is published" in capsys.readouterr().err
    assert not (tmp_path / "evidence.zip").exists()


def test_an_incident_is_exported_under_its_reference(kt1: Kt1, tmp_path: Path) -> None:
    assert kt1("init") == 0
    code = register_one(tmp_path / "var", published=True)
    file = tmp_path / "incident.zip"
    assert kt1("log", "evidence", "--incident", "SC-1", "--code", code, "--with-fields", "-o", str(file)) == 0
    assert read_evidence_bundle(file).manifest.scope == {
        "kind": "incident",
        "reference": "SC-1",
        "codes": code,
    }
    assert kt1("log", "evidence", "--incident", "SC-1", "-o", str(file)) == 2
    assert kt1("log", "evidence", "--incident", "SC-1", "--code", "ZK000000005VN", "-o", str(file)) == 1
    assert kt1("log", "evidence", "--code", code, "--code", code, "-o", str(file)) == 2
