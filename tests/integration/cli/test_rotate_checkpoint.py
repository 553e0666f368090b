"""`kt1 keys rotate-checkpoint` on a real installation: the whole ceremony, and every step it can stop at."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import run
from app.factory import Toolbox, build_runtime
from app.http.ports import RuntimePort
from app.keystore import KeysError
from app.services.log.checkpoint_keys import rotate
from app.services.log.published_log import open_own
from audit import pack
from audit.trust_file import load_trust
from audit.vkey import parse_vkey
from audit.witnessing.__main__ import main as witness
from config import Config
from crypto.signer import Algorithm
from tests.house.tree import ROOT

Kt1 = Callable[..., int]
ADD = ("agency", "load", "deploy/province-24")


@pytest.fixture
def kt1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kt1:
    """Run commands against an installation that has published one entry."""
    monkeypatch.setenv("KT1_DATA_DIR", str(tmp_path / "var"))

    def command(*arguments: str) -> int:
        return run(Toolbox(), arguments)

    assert command("init") == 0
    assert command("log", "publish") == 0
    return command


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "var" / "keys"


def inside(work: Callable[[RuntimePort], object]) -> None:
    """Do what a command does up to where it is interrupted."""
    with Toolbox().open_runtime(Toolbox().read_config()) as runtime:
        work(runtime)


def shown_by(tmp_path: Path) -> set[str]:
    """Return the key IDs that signed what is published, in a process that looks now."""
    runtime = build_runtime(Config(data_dir=tmp_path / "var"))
    try:
        shown = runtime.published.folder.read_checkpoint()
        assert shown is not None
        opened = open_own(runtime.published, shown)
        assert {item.key for item in opened.log_signatures} == set(runtime.published.keys)
        return {item.key.key_id.hex() for item in opened.log_signatures}
    finally:
        runtime.close()


def verify(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


def test_the_whole_ceremony_and_what_an_auditor_sees_of_it(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("keys", "export", str(tmp_path / "before")) == 0
    old = (tmp_path / "before" / "checkpoint.vkeys").read_text().split()
    shutil.copy(tmp_path / "var" / "tlog" / "checkpoint", tmp_path / "kept")
    capsys.readouterr()
    assert kt1("keys", "rotate-checkpoint", "--prepare") == 0
    new = capsys.readouterr().out.split()
    assert kt1("keys", "rotate-checkpoint", "--prepare") == 0
    assert capsys.readouterr().out.split() == new
    assert kt1("log", "vkeys") == 0
    assert capsys.readouterr().out.split() == [*old, *new]
    assert kt1("log", "publish") == 0
    assert shown_by(tmp_path) == {parse_vkey(text).key_id.hex() for text in old}

    capsys.readouterr()
    assert kt1("keys", "rotate-checkpoint") == 0
    told = capsys.readouterr()
    assert told.out.split()[:2] == new
    assert "published 2 entries (1 new)" in told.out
    assert "count for trees of 2 entries and more" in told.err
    assert shown_by(tmp_path) == {parse_vkey(text).key_id.hex() for text in new}

    capsys.readouterr()
    assert kt1("keys", "list") == 0
    listed = capsys.readouterr().out
    for text, range_ in [
        *((text, "from 0  to 1") for text in old),
        *((text, "from 2  in use") for text in new),
    ]:
        assert f"{range_}  {text}" in listed
    after = tmp_path / "after"
    assert kt1("keys", "export", str(after)) == 0
    assert (after / "checkpoint.vkeys").read_text().split() == new
    ranges = [
        (item.key.to_text(), item.first, item.last)
        for item in load_trust(after / "trust.json").checkpoint_keys
    ]
    assert ranges == [*((text, 0, 1) for text in old), *((text, 2, None) for text in new)]
    assert kt1("keys", "trust", str(tmp_path / "t.json"), "--checkpoint-key", old[0]) == 0
    assert (tmp_path / "t.json").read_bytes() == (after / "trust.json").read_bytes()

    program = tmp_path / "kt1-verify.pyz"
    program.write_bytes(pack.pack())
    tree, trust = tmp_path / "var" / "tlog", after / "trust.json"
    for verifier in (("-m", "audit"), (program,)):
        for depth in ("full", "tree"):
            words = ("verify", tree, "--trust", trust, "--depth", depth, "--checkpoint", tmp_path / "kept")
            good = verify(*verifier, *words)
            assert good.returncode == 0, good.stdout + good.stderr
            assert "rotations    1 of checkpoint keys" in good.stdout
        unknown = verify(*verifier, "verify", tree, "--trust", tmp_path / "before" / "trust.json")
        assert unknown.returncode == 2, unknown.stdout
    assert kt1("log", "export", str(tmp_path / "log.kt1")) == 0
    assert verify("-m", "audit", "verify", tmp_path / "log.kt1", "--trust", trust).returncode == 0
    stale = verify(
        "-m", "audit", "verify", tmp_path / "log.kt1", "--trust", tmp_path / "before" / "trust.json"
    )
    assert stale.returncode == 1
    assert "entry 1 (checkpoint key rotation)" in stale.stdout
    assert kt1("log", "verify", "--jobs", "1") == 0


def test_a_handover_can_be_made_again_and_again(kt1: Kt1, tmp_path: Path) -> None:
    seen = [shown_by(tmp_path)]
    for _ in range(2):
        assert kt1("keys", "rotate-checkpoint") == 0
        seen.append(shown_by(tmp_path))
    assert len(set().union(*seen)) == 6
    trust = tmp_path / "trust.json"
    assert kt1("keys", "trust", str(trust)) == 0
    assert [(item.first, item.last) for item in load_trust(trust).checkpoint_keys[::2]] == [
        (0, 1),
        (2, 2),
        (3, None),
    ]
    done = verify("-m", "audit", "verify", tmp_path / "var" / "tlog", "--trust", trust)
    assert done.returncode == 0, done.stdout
    assert "rotations    2" in done.stdout


def test_stopped_behind_the_first_new_key_the_command_goes_on_with_it(
    kt1: Kt1, tmp_path: Path, keys: Path
) -> None:
    before = shown_by(tmp_path)
    inside(lambda runtime: runtime.published.ring._cabinet.make_signer(Algorithm.ED25519))
    (made,) = keys.glob("checkpoint-ed25519-*.key")
    assert kt1("log", "publish") == 0
    assert shown_by(tmp_path) == before
    assert kt1("keys", "rotate-checkpoint") == 0
    assert list(keys.glob("checkpoint-ed25519-*.key")) == [made]
    assert not shown_by(tmp_path) & before


def test_a_key_file_torn_by_a_power_cut_is_no_key(kt1: Kt1, tmp_path: Path, keys: Path) -> None:
    """The file is written under another name first, so what is torn has no name that counts."""
    (keys / ".checkpoint-ed25519-0123456789abcdef.key.new").write_bytes(b'{"algorithm":')
    assert kt1("keys", "rotate-checkpoint") == 0
    assert len(list(keys.glob("checkpoint-ed25519-*.key"))) == 1
    assert len(shown_by(tmp_path)) == 2


def test_stopped_behind_the_entry_the_command_only_publishes(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shown_by(tmp_path)
    inside(lambda runtime: runtime.write(rotate, runtime.published.ring.make_next(), log=runtime.published))
    capsys.readouterr()
    assert kt1("keys", "rotate-checkpoint") == 0
    told = capsys.readouterr()
    assert "the log handed over already" in told.err
    assert told.out.startswith("published 2 entries (1 new)")
    assert not shown_by(tmp_path) & before
    assert kt1("keys", "list") == 0
    assert "not used" not in capsys.readouterr().out


@pytest.mark.usefixtures("kt1")
def test_stopped_behind_the_entry_the_next_start_signs_with_the_new_keys_by_itself(tmp_path: Path) -> None:
    before = shown_by(tmp_path)
    inside(lambda runtime: runtime.write(rotate, runtime.published.ring.make_next(), log=runtime.published))
    runtime = build_runtime(Config(data_dir=tmp_path / "var"))
    try:
        runtime.publish()
    finally:
        runtime.close()
    assert not shown_by(tmp_path) & before


def test_a_running_server_takes_the_new_keys_without_being_stopped(kt1: Kt1, tmp_path: Path) -> None:
    server = build_runtime(Config(data_dir=tmp_path / "var"))
    try:
        assert kt1("keys", "rotate-checkpoint") == 0
        fresh = server.publish()
        opened = open_own(server.published, fresh.checkpoint)
        assert {item.key.key_id.hex() for item in opened.log_signatures} == shown_by(tmp_path)
        assert not server.is_halted
    finally:
        server.close()


def test_without_the_new_keys_file_the_start_says_which_one_to_restore(
    kt1: Kt1, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("keys", "rotate-checkpoint") == 0
    for path in (*keys.glob("checkpoint-ed25519-*.key"), *keys.glob("checkpoint-ml-dsa-44-*.key")):
        content = path.read_bytes()
        path.unlink()
        capsys.readouterr()
        assert kt1("log", "publish") == 1
        assert f"{path.name} is missing: restore it" in capsys.readouterr().err
        path.write_bytes(content)
    assert kt1("log", "publish") == 0


def test_once_they_signed_the_last_time_the_old_key_files_may_be_destroyed(
    kt1: Kt1, tmp_path: Path, keys: Path
) -> None:
    assert kt1("keys", "rotate-checkpoint") == 0
    (keys / "checkpoint-ed25519.key").unlink()
    (keys / "checkpoint-ml-dsa-44.key").unlink()
    assert kt1(*ADD) == 0
    assert kt1("log", "publish") == 0
    assert kt1("keys", "rotate-checkpoint") == 0
    trust = tmp_path / "trust.json"
    assert kt1("keys", "trust", str(trust)) == 0
    assert len(load_trust(trust).checkpoint_keys) == 6


@pytest.mark.usefixtures("kt1")
def test_a_first_key_that_is_lost_before_it_handed_over_stops_the_start(keys: Path) -> None:
    (keys / "checkpoint-ml-dsa-44.key").unlink()
    with pytest.raises(KeysError, match=r"checkpoint-ml-dsa-44\.key is missing: restore it from its backup"):
        inside(lambda _: None)


def test_a_database_from_before_the_handover_is_behind_and_can_be_recovered(
    kt1: Kt1, tmp_path: Path, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The old copy knows nothing of the keys that signed last, and their files alone tell that it is old."""
    database, copy = tmp_path / "var" / "kt1.sqlite3", tmp_path / "copy"
    shutil.copy(database, copy)
    assert kt1("keys", "rotate-checkpoint") == 0
    new = shown_by(tmp_path)
    for name in ("kt1.sqlite3-wal", "kt1.sqlite3-shm"):
        (database.parent / name).unlink(missing_ok=True)
    shutil.copy(copy, database)
    (keys / "checkpoint-ed25519.key").unlink()
    capsys.readouterr()
    for refused in (
        ("log", "publish"),
        ADD,
        ("keys", "rotate-checkpoint"),
        ("keys", "rotate-checkpoint", "--prepare"),
    ):
        assert kt1(*refused) == 1, refused
        assert "kt1 log recover" in capsys.readouterr().err
    assert len(list(keys.glob("checkpoint-ed25519-*.key"))) == 1
    runtime = build_runtime(Config(data_dir=tmp_path / "var"))
    try:
        assert runtime.why_halted == "log_behind"
    finally:
        runtime.close()
    assert kt1("log", "recover") == 0
    assert kt1(*ADD) == 0
    assert kt1("log", "publish") == 0
    assert shown_by(tmp_path) == new
    assert kt1("log", "verify", "--jobs", "1") == 0


def test_a_witness_is_told_by_its_own_commands(
    kt1: Kt1, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, opened = (
        tmp_path / "w",
        ["--folder", str(tmp_path / "w"), "--passphrase-file", str(tmp_path / "w.pass")],
    )
    assert witness(["init", *opened, "--name", "w.test"]) == 0
    policy = tmp_path / "policy"
    policy.write_text(f"witness w {capsys.readouterr().out.split()[-1]}\nquorum w\n")
    monkeypatch.setenv("KT1_WITNESS_POLICY", str(policy))

    def carry() -> int:
        assert kt1("log", "witness-request", str(tmp_path / "request")) == 0
        return witness(["sign-file", *opened, str(tmp_path / "request"), str(tmp_path / "answer")])

    assert kt1("log", "vkeys") == 0
    old = capsys.readouterr().out.split()
    assert witness(["add-log", "--folder", str(folder), *old]) == 0
    assert carry() == 0
    assert kt1("log", "witness-import", str(tmp_path / "answer")) == 0
    assert kt1("keys", "rotate-checkpoint") == 0
    capsys.readouterr()
    assert carry() == 1
    assert "refused (403)" in capsys.readouterr().err
    assert kt1("log", "vkeys") == 0
    new = capsys.readouterr().out.split()
    assert witness(["add-log", "--folder", str(folder), *new]) == 0
    assert witness(["drop-log", "--folder", str(folder), *old]) == 0
    assert carry() == 0
    assert kt1("log", "witness-import", str(tmp_path / "answer")) == 0
    assert "2 entries witnessed by w: the quorum is met" in capsys.readouterr().out
