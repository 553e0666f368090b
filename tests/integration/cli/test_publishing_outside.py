"""Each way to publish asks the witnesses and the time authority, and none needs them to go on."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli.main import run
from app.factory import Toolbox, build_runtime
from app.services.log.time_tokens import list_tokens
from app.storage.records import TimeToken
from audit.checkpoint import open_checkpoint
from audit.trust_file import load_trust, parse_trust
from audit.witnessing.memory import Memory
from audit.witnessing.office import Office
from audit.witnessing.server import Address, Serving, WitnessServer
from config import Config
from crypto.time_token import read_certificates
from tests.house.tree import ROOT
from tests.support import tlog
from tests.support.time_authority import TimeAuthority

Kt1 = Callable[..., int]
ADD = ("agency", "load", "deploy/province-24")
COMMAND = [sys.executable, "-c", "import sys; from app.factory import main; sys.exit(main())"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """A witness and a time authority of other bodies, each answering over real HTTP."""

    authority: TimeAuthority
    settings: dict[str, str]
    policy: Path

    def stop(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Leave the installation with addresses at which nobody answers."""
        monkeypatch.setenv("KT1_TIME_AUTHORITY_URL", "http://127.0.0.1:1/tsa")
        self.policy.write_text(f"witness w {tlog.W1.key.to_text()} http://127.0.0.1:1\nquorum w\n")


@pytest.fixture
def kt1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Kt1:
    """Run commands against an installation in a folder of its own, begun already."""
    monkeypatch.setenv("KT1_DATA_DIR", str(tmp_path / "var"))
    assert run(Toolbox(), ("init",)) == 0
    return lambda *arguments: run(Toolbox(), arguments)


@pytest.fixture
def bodies(kt1: Kt1, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bodies]:
    """Start both, and name them in the settings of the installation."""
    assert kt1("log", "vkeys") == 0
    with Toolbox().open_runtime(Toolbox().read_config()) as runtime:
        keys = [key.to_text() for key in runtime.published.keys]
    memory = Memory(tmp_path / "witness")
    memory.make_folders()
    memory.add_logs(keys)
    office = Office(memory=memory, signers=(tlog.W1,), clock=lambda: int(time.time()))
    authority, policy = TimeAuthority(tmp_path / "authority"), tmp_path / "policy"
    with Serving(WitnessServer(office, Address(port=0))) as serving, authority.served() as url:
        port = serving.server.server_address[1]
        policy.write_text(f"witness w {tlog.W1.key.to_text()} http://127.0.0.1:{port}\nquorum w\n")
        settings = {
            "KT1_WITNESS_POLICY": str(policy),
            "KT1_TIME_AUTHORITY_URL": url,
            "KT1_TIME_AUTHORITY_CERTS": str(authority.root),
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        yield Bodies(authority=authority, settings=settings, policy=policy)


def tokens() -> tuple[TimeToken, ...]:
    with Toolbox().open_runtime(Toolbox().read_config()) as runtime:
        return runtime.read(list_tokens)


def witnessed() -> bool:
    """Say whether what is published now carries the witness's cosignature."""
    with Toolbox().open_runtime(Toolbox().read_config()) as runtime:
        data, keys = runtime.published.folder.read_checkpoint(), runtime.published.keys
    if data is None:
        return False
    opened = open_checkpoint(data, log_keys=keys, witness_keys=[tlog.W1.key])
    return opened.find_cosignature(tlog.W1.key) is not None


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_publish_brings_the_cosignature_and_the_token_that_openssl_verifies(
    kt1: Kt1, bodies: Bodies, tmp_path: Path
) -> None:
    assert kt1("log", "publish") == 0
    assert witnessed()
    assert kt1("log", "timestamps", str(tmp_path / "out")) == 0
    (token,) = (tmp_path / "out").glob("*.tsr")
    published = (tmp_path / "var" / "tlog" / "checkpoint").read_bytes()
    assert token.with_suffix(".checkpoint").read_bytes() == published
    assert bodies.authority.verifies(token.with_suffix(".checkpoint"), token)


def test_publish_every_asks_both_each_time(kt1: Kt1, bodies: Bodies) -> None:
    environment = {**os.environ, **bodies.settings}
    every = [*COMMAND, "log", "publish", "--every", "1"]
    with subprocess.Popen(every, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        assert b"(1 new)" in process.stdout.readline()
        assert kt1(*ADD) == 0
        while b"(0 new)" in (line := process.stdout.readline()):
            assert line
        assert b"published" in line
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 1
    assert witnessed()
    assert len(tokens()) in {1, 2}  # two when the hour ended meanwhile


def test_a_server_asks_both_by_itself(kt1: Kt1, bodies: Bodies) -> None:
    del kt1, bodies
    runtime = build_runtime(Config.from_env())
    try:
        runtime.publish_every(1)
        wait_until(lambda: runtime.read(list_tokens) != ())
    finally:
        runtime.close()
    assert witnessed()


def test_with_both_away_everything_goes_on_and_both_are_named(
    kt1: Kt1, bodies: Bodies, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bodies.stop(monkeypatch)
    with caplog.at_level(logging.WARNING):
        assert kt1("log", "publish") == 0
    assert "witness w has not cosigned" in caplog.text
    assert "no time stamp of this hour" in caplog.text
    runtime = build_runtime(Config.from_env())
    try:
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            runtime.publish_every(1)
            wait_until(lambda: "no time stamp of this hour" in caplog.text)
        assert not runtime.is_halted
    finally:
        runtime.close()
    assert kt1(*ADD) == 0
    assert not witnessed()
    for name, value in bodies.settings.items():
        monkeypatch.setenv(name, value)
    assert tokens() == ()
    assert kt1("log", "publish") == 0
    assert len(tokens()) == 1


def test_each_way_to_a_trust_file_names_everybody_who_is_configured(
    kt1: Kt1, bodies: Bodies, tmp_path: Path
) -> None:
    assert kt1("keys", "trust", str(tmp_path / "trust.json")) == 0
    assert kt1("keys", "export", str(tmp_path / "folder")) == 0
    trust = load_trust(tmp_path / "trust.json")
    assert len(trust.checkpoint_keys) == 2
    assert [item.key for item in trust.witnesses.witnesses] == [tlog.W1.key]
    assert trust.witnesses.quorum == "w"
    assert trust.time_authorities == read_certificates(bodies.authority.root.read_bytes())
    exported = (tmp_path / "folder" / "trust.json").read_bytes()
    assert exported == (tmp_path / "trust.json").read_bytes()
    assert parse_trust(exported.rstrip(b"\n")) == trust


@pytest.mark.usefixtures("bodies")
def test_a_machine_set_up_anew_without_its_checkpoints_signs_nothing_until_a_person_puts_one_back(
    kt1: Kt1, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Database and keys were moved to a new disk; checkpoint store and tile folder were not."""
    assert kt1("log", "publish") == 0
    kept = tmp_path / "kept"
    for name in ("checkpoints", "tlog"):
        (tmp_path / "var" / name).rename(tmp_path / f"lost-{name}")
    (kept_at_witness,) = (tmp_path / "witness" / "logs").iterdir()
    shutil.copy(kept_at_witness, kept)
    assert kt1(*ADD) == 0
    capsys.readouterr()
    assert kt1("log", "publish") == 1
    told = capsys.readouterr().err
    assert "kt1 log restore-checkpoint FILE" in told
    assert "witness w has seen 1 entries of this log" in told
    assert not (tmp_path / "var" / "tlog" / "checkpoint").exists()
    assert (
        kt1("log", "restore-checkpoint", str(tmp_path / "lost-tlog" / "tile" / "entries" / "000.p" / "1"))
        == 1
    )
    assert kt1("log", "restore-checkpoint", str(kept)) == 0
    assert kt1("log", "rebuild-tiles") == 0
    assert kt1("log", "publish") == 0
    assert witnessed()
