"""`kt1 log verify` holds every item against the log: a good log does not excuse a rewritten row."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import run
from app.domain.access import Actor, Role
from app.factory import Toolbox, build_runtime
from app.services.items import registration
from app.services.items.registration import RegisterConsignment
from config import Config
from tests.support.installation import _add_person, _add_unit

Kt1 = Callable[..., int]


@pytest.fixture
def kt1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kt1:
    """Run commands against an installation in a folder of its own."""
    monkeypatch.setenv("KT1_DATA_DIR", str(tmp_path / "var"))
    return lambda *arguments: run(Toolbox(), arguments)


def register_two(folder: Path) -> tuple[list[str], int]:
    """Register two items and return their codes, and a person who never had one in hand."""
    runtime = build_runtime(Config(data_dir=folder))
    try:
        unit = _add_unit(runtime, "24.H01", "agency", "Ủy ban nhân dân tỉnh Bắc Ninh")
        _add_unit(runtime, "24.H02", "agency", "Sở Nội vụ")
        user = _add_person(runtime, "an.nguyen", "Nguyễn Văn An", Role.FOCAL_POINT, "24.H01")
        other = _add_person(runtime, "hanh.dang", "Đặng Thị Hạnh", Role.FOCAL_POINT, "24.H01")
        actor = Actor(user=user, unit=unit, role=Role.FOCAL_POINT, active=True, name_key="")
        form = {"recipient_unit": "24.H02", "pieces": "1", "weight_g": "5", "outer_envelope": "1"}
        command = RegisterConsignment(untrusted=form, accept_duplicate=True)
        codes = [runtime.write(registration.register, command, actor=actor).code for _ in range(2)]
        return [str(code) for code in codes], int(other)
    finally:
        runtime.close()


def test_finding_25_verify_names_the_first_item_that_is_not_where_the_log_says(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    codes, thief = register_two(tmp_path / "var")
    assert kt1("log", "verify", "--jobs", "1") == 0
    assert "custody    2 consignments" in capsys.readouterr().out
    with sqlite3.connect(tmp_path / "var" / "kt1.sqlite3") as connection:
        connection.execute("UPDATE consignments SET custodian_user_id = ? WHERE code = ?", (thief, codes[1]))
    connection.close()
    assert kt1("log", "verify", "--jobs", "1") == 1
    said = capsys.readouterr()
    assert codes[1] in said.err
    assert f"user {thief} of 24.H01" in said.err
    assert "GOOD" not in said.out


def test_replay_prints_what_the_log_says_and_checks_the_tables_against_it(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    codes, thief = register_two(tmp_path / "var")
    capsys.readouterr()
    assert kt1("log", "replay") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == sorted(codes)
    assert {(row[1], row[3], row[4]) for row in rows} == {("registered", "24.H01", "-")}
    assert kt1("log", "replay", "--check") == 0
    assert "GOOD" in capsys.readouterr().out
    with sqlite3.connect(tmp_path / "var" / "kt1.sqlite3") as connection:
        connection.execute("UPDATE consignments SET custodian_user_id = ? WHERE code = ?", (thief, codes[0]))
    connection.close()
    assert kt1("log", "replay", "--check") == 1
    said = capsys.readouterr()
    assert codes[0] in said.err
    assert "GOOD" not in said.out
