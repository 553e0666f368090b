"""`kt1 log publish`, `rebuild-tiles`, and a server over a database older than what was signed."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import run
from app.factory import Toolbox, build_runtime
from app.services.log.publishing import publish
from config import Config

Kt1 = Callable[..., int]
ADD = ("agency", "load", "deploy/province-24")
COMMAND = [sys.executable, "-c", "import sys; from app.factory import main; sys.exit(main())"]


@pytest.fixture
def kt1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kt1:
    """Run commands against an installation in a folder of its own."""
    monkeypatch.setenv("KT1_DATA_DIR", str(tmp_path / "var"))
    return lambda *arguments: run(Toolbox(), arguments)


def test_publish_says_what_it_published_and_rebuild_makes_the_same_files(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    assert kt1("log", "rebuild-tiles") == 1
    assert "nothing is signed yet" in capsys.readouterr().err
    assert kt1("log", "publish") == 0
    assert "published 1 entries (1 new)" in capsys.readouterr().out
    files = {path: path.read_bytes() for path in (tmp_path / "var" / "tlog").rglob("*") if path.is_file()}
    shutil.rmtree(tmp_path / "var" / "tlog")
    assert kt1("log", "rebuild-tiles") == 0
    assert {path: path.read_bytes() for path in files} == files


def test_publish_every_goes_on_until_it_is_stopped(kt1: Kt1, tmp_path: Path) -> None:
    assert kt1("init") == 0
    with subprocess.Popen([*COMMAND, "log", "publish", "--every", "1"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"(1 new)" in process.stdout.readline()
        assert kt1(*ADD) == 0
        while b"(0 new)" in (line := process.stdout.readline()):
            assert line
        assert b"published" in line
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 1
    assert kt1("log", "verify", "--jobs", "1") == 0
    assert (tmp_path / "var" / "tlog" / "tile").is_dir()


def test_a_server_publishes_by_itself_and_stops_with_its_runtime(kt1: Kt1, tmp_path: Path) -> None:
    assert kt1("init") == 0
    runtime = build_runtime(Config(data_dir=tmp_path / "var"))
    runtime.publish_every(1)
    deadline = time.monotonic() + 60
    while runtime.published.folder.read_checkpoint() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    runtime.close()
    with runtime.published.folder.lock():
        assert runtime.published.store.latest() is not None


def test_an_old_copy_of_the_database_is_read_and_never_written(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, copy = tmp_path / "var" / "kt1.sqlite3", tmp_path / "copy"
    assert kt1("init") == 0
    shutil.copy(database, copy)
    assert kt1(*ADD) == 0
    assert kt1("log", "publish") == 0
    for name in ("kt1.sqlite3-wal", "kt1.sqlite3-shm"):
        (database.parent / name).unlink(missing_ok=True)
    shutil.copy(copy, database)
    capsys.readouterr()
    for refused in (("log", "publish"), ADD, ("keys", "rotate-log")):
        assert kt1(*refused) == 1, refused
        assert "kt1 log recover" in capsys.readouterr().err
    assert kt1("log", "verify", "--jobs", "1") == 0
    runtime = build_runtime(Config(data_dir=tmp_path / "var"))
    try:
        assert runtime.is_halted
        assert runtime.why_halted == "log_behind"
    finally:
        runtime.close()


def test_a_running_server_that_finds_another_history_stops_writing(kt1: Kt1, tmp_path: Path) -> None:
    assert kt1("init") == 0
    runtime = build_runtime(Config(data_dir=tmp_path / "var"))
    try:
        publish(runtime, runtime.published, clock=runtime.now)
        (runtime.published.store.path / "latest").unlink()
        runtime.publish_every(1)
        deadline = time.monotonic() + 60
        while not runtime.is_halted:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert runtime.why_halted == "log_disagrees"
    finally:
        runtime.close()


def test_recover_fills_an_old_copy_up_and_writing_goes_on(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, copy = tmp_path / "var" / "kt1.sqlite3", tmp_path / "copy"
    assert kt1("init") == 0
    shutil.copy(database, copy)
    assert kt1("log", "export", str(tmp_path / "log.kt1")) == 0
    assert kt1("log", "publish") == 0
    for name in ("kt1.sqlite3-wal", "kt1.sqlite3-shm"):
        (database.parent / name).unlink(missing_ok=True)
    shutil.copy(copy, database)
    assert kt1(*ADD) == 1
    capsys.readouterr()
    assert kt1("log", "recover") == 0
    assert "1 entries put back" in capsys.readouterr().out
    assert kt1(*ADD) == 0
    assert kt1("log", "publish") == 0
    assert "published 3 entries (1 new)" in capsys.readouterr().out
    assert kt1("log", "verify", "--jobs", "1") == 0


def test_a_lost_checkpoint_store_is_put_back_by_the_operator_alone(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("init") == 0
    assert kt1("log", "publish") == 0
    (tmp_path / "var" / "checkpoints" / "latest").unlink()
    kept = tmp_path / "kept"
    shutil.copy(tmp_path / "var" / "tlog" / "checkpoint", kept)
    for refused in (("log", "publish"), ADD):
        capsys.readouterr()
        assert kt1(*refused) == 1
        assert "kt1 log restore-checkpoint" in capsys.readouterr().err
    damaged = tmp_path / "damaged"
    damaged.write_bytes(kept.read_bytes()[:-9])
    assert kt1("log", "restore-checkpoint", str(damaged)) == 1
    capsys.readouterr()
    assert kt1("log", "restore-checkpoint", str(kept)) == 0
    assert "1 entries are signed for; the database has 1" in capsys.readouterr().out
    assert kt1("log", "restore-checkpoint", str(kept)) == 1
    assert kt1(*ADD) == 0
    assert kt1("log", "publish") == 0
    assert kt1("log", "verify", "--jobs", "1") == 0


def test_recover_says_what_is_lost_and_people_are_named_again(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, copy = tmp_path / "var" / "kt1.sqlite3", tmp_path / "copy"
    assert kt1("init") == 0
    shutil.copy(database, copy)
    assert kt1("agency", "load", "deploy/province-24") == 0
    person = ("--full-name", "Trần Văn Bình", "--role", "courier", "--unit", "24-BC-KINHBAC")
    assert kt1("user", "create", "binh.tran", *person) == 0
    assert kt1("log", "publish") == 0
    for name in ("kt1.sqlite3-wal", "kt1.sqlite3-shm"):
        (database.parent / name).unlink(missing_ok=True)
    shutil.copy(copy, database)
    capsys.readouterr()
    assert kt1("log", "recover") == 0
    said = capsys.readouterr()
    assert "person 1: username, full_name, position, locale, password" in said.out
    assert "kt1 user restore lost-NUMBER" in said.err
    assert kt1("user", "list") == 0
    assert "lost-1" in capsys.readouterr().out
    named = ("--username", "binh.tran", "--full-name", "Trần Văn Bình")
    assert kt1("user", "restore", "lost-1", *named) == 0
    assert kt1("user", "restore", "lost-1", *named) == 1
    assert kt1("user", "password", "binh.tran") == 0
    assert kt1("agency", "list") == 0
    assert "24-BC-KINHBAC" in capsys.readouterr().out
    assert kt1("log", "publish") == 0
    assert kt1("log", "verify", "--jobs", "1") == 0
