"""The commands on a real installation: made once, peopled, verified, and every failure one clear line."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import run
from app.factory import Toolbox
from audit.trust_file import load_trust
from audit.vkey import SignatureType, parse_vkey
from tests.house.tree import ROOT

Kt1 = Callable[..., int]


@pytest.fixture
def kt1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kt1:
    """Run commands against an installation in a folder of its own."""
    monkeypatch.setenv("KT1_DATA_DIR", str(tmp_path / "var"))

    def command(*arguments: str) -> int:
        return run(Toolbox(), arguments)

    return command


@pytest.fixture
def installed(kt1: Kt1, capsys: pytest.CaptureFixture[str]) -> Kt1:
    """Make an installation with one unit and one account."""
    assert kt1("init") == 0
    assert kt1("agency", "add", "24-SKHCN", "--kind", "department", "--name", "Sở Khoa học và Công nghệ") == 0
    create = ["--full-name", "Trần Văn Quản", "--role", "auditor", "--unit", "24-SKHCN"]
    assert kt1("user", "create", "kiemtra", *create) == 0
    capsys.readouterr()
    return kt1


def flip_a_byte(database: Path, index: int) -> None:
    """Write behind the application's back and leave no trace but the bytes, as who holds the file could."""
    with sqlite3.connect(database) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f'DROP TRIGGER "{name}"')
        (data,) = connection.execute("SELECT data FROM audit_log WHERE idx = ?", (index,)).fetchone()
        changed = bytes(data[:40]) + bytes([data[40] ^ 1]) + bytes(data[41:])
        connection.execute("UPDATE audit_log SET data = ? WHERE idx = ?", (changed, index))
        for _, sql in guards:
            connection.execute(sql)
    connection.close()


def test_init_tells_what_to_do_next(kt1: Kt1, capsys: pytest.CaptureFixture[str]) -> None:
    assert kt1("init") == 0
    said = capsys.readouterr()
    assert re.fullmatch(r"log key [0-9a-f]{16}\n", said.out)
    assert "kt1 serve" in said.err


def test_init_never_makes_keys_twice(kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kt1("init") == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "var" / "keys").iterdir()}
    assert kt1("init") == 1
    assert "never overwritten" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (tmp_path / "var" / "keys").iterdir()} == before
    assert kt1("init", "--migrate-only") == 0


def test_nothing_runs_before_init(kt1: Kt1, capsys: pytest.CaptureFixture[str]) -> None:
    assert kt1("user", "list") == 1
    assert capsys.readouterr().err.startswith("kt1: ")


def test_a_log_is_never_opened_under_another_name(
    installed: Kt1, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KT1_ORIGIN", "kt1.example/elsewhere")
    assert installed("log", "verify") == 1
    said = capsys.readouterr().err
    assert "kt1.example/elsewhere" in said
    assert "KT1_ORIGIN" in said
    assert len(said.splitlines()) == 1


def test_a_province_is_loaded_once(installed: Kt1, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(ROOT / "deploy" / "province-24")
    assert installed("agency", "load", folder) == 0
    assert "1 were there" in capsys.readouterr().err
    assert installed("agency", "load", folder) == 0
    assert "0 units added" in capsys.readouterr().err
    assert installed("agency", "list", "--kind", "committee") == 0
    assert len(capsys.readouterr().out.splitlines()) == 99


def test_an_account_is_created_changed_and_closed(installed: Kt1, capsys: pytest.CaptureFixture[str]) -> None:
    create = ["--full-name", "Ngô Văn Tuyến", "--role", "courier", "--unit", "24-SKHCN"]
    assert installed("user", "create", "giaothu", *create) == 0
    first = capsys.readouterr().out.strip()
    assert installed("user", "password", "giaothu") == 0
    second = capsys.readouterr().out.strip()
    assert len(first) >= 15
    assert second not in {"", first}
    assert installed("user", "change", "giaothu", "--role", "clerk") == 0
    assert installed("user", "close", "giaothu", "--yes") == 0
    capsys.readouterr()
    assert installed("user", "list") == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("giaothu"))
    assert "clerk" in line
    assert line.endswith("(closed)")


def test_a_wrong_account_is_told_field_by_field(installed: Kt1, capsys: pytest.CaptureFixture[str]) -> None:
    create = ["--full-name", "A\tB", "--role", "courier", "--unit", "NO-SUCH"]
    assert installed("user", "create", "giaothu", *create) == 1
    said = capsys.readouterr().err
    assert "full_name" in said
    assert "unit" in said


def test_a_name_taken_is_one_clear_line(installed: Kt1, capsys: pytest.CaptureFixture[str]) -> None:
    create = ["--full-name", "Ngô Văn Tuyến", "--role", "courier", "--unit", "24-SKHCN"]
    assert installed("user", "create", "kiemtra", *create) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_good_log_verifies_here_and_elsewhere(
    installed: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, trust = tmp_path / "log.kt1", tmp_path / "trust.json"
    assert installed("log", "verify", "--jobs", "1") == 0
    assert "GOOD" in capsys.readouterr().out
    assert installed("keys", "trust", str(trust)) == 0
    assert installed("log", "export", str(bundle)) == 0
    verify = [sys.executable, "-m", "audit", "verify", str(bundle), "--trust", str(trust)]
    elsewhere = subprocess.run(verify, cwd=ROOT, check=False, capture_output=True, text=True)
    assert elsewhere.returncode == 0, elsewhere.stdout + elsewhere.stderr
    assert not list(tmp_path.glob(".*.part"))


def test_a_flipped_byte_is_named(installed: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flip_a_byte(tmp_path / "var" / "kt1.sqlite3", 1)
    assert installed("log", "verify", "--jobs", "1") == 1
    assert "entry 1" in capsys.readouterr().err


def test_the_vault_key_rotates(installed: Kt1, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed("keys", "rotate") == 0
    assert re.search(r"vault key [0-9a-f]{8}", capsys.readouterr().out)
    assert installed("keys", "rotate", "--key-made") == 0
    assert installed("log", "verify", "--jobs", "1") == 0


def test_the_console_shows_nothing_without_a_password(
    installed: Kt1, capsys: pytest.CaptureFixture[str]
) -> None:
    show = ["consignment", "show", "ZK000000005VN", "--as", "kiemtra", "--password", "wrong"]
    assert installed(*show) == 1
    assert "password is wrong" in capsys.readouterr().err


def test_not_there_is_not_found(installed: Kt1, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed("user", "password", "kiemtra") == 0
    password = capsys.readouterr().out.strip()
    show = ["--as", "kiemtra", "--password", password]
    assert installed("consignment", "show", "ZK000000005VN", *show) == 1
    assert installed("consignment", "timeline", "ZK000000005VN", *show) == 1
    assert capsys.readouterr().out == ""


def test_one_sqlite_file_has_one_writer(installed: Kt1, capsys: pytest.CaptureFixture[str]) -> None:
    assert installed("serve", "--workers", "2") == 2
    assert "PostgreSQL" in capsys.readouterr().err


def test_the_log_changes_its_key(installed: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    assert installed("keys", "export", str(before)) == 0
    assert installed("keys", "rotate-log") == 0
    fresh = re.fullmatch(r"log key ([0-9a-f]{16})\n", capsys.readouterr().out)
    assert fresh is not None
    assert installed("log", "export", str(tmp_path / "log.kt1")) == 0
    assert installed("keys", "export", str(after)) == 0
    assert (after / f"log-{fresh[1]}.pem").read_text().startswith("-----BEGIN PUBLIC KEY-----")
    capsys.readouterr()
    assert installed("keys", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("log") and "in use" in line] == [fresh[1]]
    assert installed("log", "verify", "--jobs", "1") == 0

    def verified(trust: Path) -> int:
        verify = [sys.executable, "-m", "audit", "verify", str(tmp_path / "log.kt1"), "--trust", str(trust)]
        return subprocess.run(verify, cwd=ROOT, check=False, capture_output=True).returncode

    assert verified(after / "trust.json") == 0
    assert verified(before / "trust.json") == 1


def test_a_key_made_in_vain_is_listed_and_harmless(
    installed: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The power fails between making the key and the entry: the log goes on with the old key."""
    spare = Toolbox().make_log_key(Toolbox().read_config())
    assert installed("keys", "list") == 0
    assert f"{spare.key_id}  not used" in capsys.readouterr().out
    assert installed("log", "export", str(tmp_path / "log.kt1")) == 0
    assert installed("log", "verify", "--jobs", "1") == 0


def test_the_console_revokes_a_device_only_when_there_is_one(
    installed: Kt1, capsys: pytest.CaptureFixture[str]
) -> None:
    assert installed("keys", "revoke", "0" * 16) == 1
    assert capsys.readouterr().err.startswith("kt1: ")


def test_checkpoint_keys_are_listed_exported_and_trusted(
    installed: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert installed("keys", "list") == 0
    listed = [line.split()[-1] for line in capsys.readouterr().out.splitlines() if line.startswith("check")]
    assert installed("keys", "export", str(tmp_path / "out")) == 0
    exported = (tmp_path / "out" / "checkpoint.vkeys").read_text(encoding="utf-8").splitlines()
    assert listed == exported
    assert [parse_vkey(text).type for text in exported] == [SignatureType.ED25519, SignatureType.ML_DSA_44]
    trusted = load_trust(tmp_path / "out" / "trust.json")
    assert [item.key.to_text() for item in trusted.checkpoint_keys] == exported
