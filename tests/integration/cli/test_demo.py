"""The demo, as a person starts it: it plays, verifies, serves, and leaves no server behind."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

KT1 = [sys.executable, "-c", "import sys; from app.factory import main; sys.exit(main())", "demo"]


def start(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "KT1_DATA_DIR": "/nowhere/at/all"}
    environment.pop("PORT", None)
    return subprocess.Popen(
        [*KT1, "--folder", str(folder)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_demo_plays_verifies_serves_and_ends(tmp_path: Path) -> None:
    said: list[str] = []
    with start(tmp_path / "demo") as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if "serving:" in line:
                break
        everything = "".join(said)
        assert "serving:" in everything, everything
        process.send_signal(signal.SIGINT)
        assert process.wait(180) == 0
    assert "kt1 log verify: GOOD" in everything
    assert "GOOD: everything above was checked and holds." in everything
    assert len(re.findall(r"nhãn PDF", everything)) == 16
    assert "đủ 2, thiếu 1; sự vụ tự mở" in everything
    for refusal in (
        "wrong_custodian",
        "cancelled",
        "forged_label",
        "named_person_only",
        "seal_differs",
        "seal_missing",
        "check_missing",
        "check_differs",
        "seal_of_another_office",
        "witness_missing",
    ):
        assert f"từ chối ({refusal})" in everything
    port = int(re.findall(r"http://127\.0\.0\.1:([0-9]+)/", everything)[-1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept", encoding="utf-8")
    done = subprocess.run(
        [*KT1, "--once", "--folder", str(tmp_path)], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "not made by a demo" in done.stderr
    assert precious.read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_that_is_none_is_misuse(port: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*KT1, "--once", "--folder", str(tmp_path / "demo"), "--port", port],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
