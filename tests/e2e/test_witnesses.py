"""Two witnesses of other bodies, in processes of their own, and a log that turns on them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.domain.errors import LogBehind
from app.factory import build_runtime
from app.keystore import create_keys
from app.runtime import Runtime
from app.services.log.log import begin_log
from app.services.log.published_log import open_for
from app.services.log.publishing import Published, publish
from app.services.log.witnessing import judge, publish_witnessed
from app.storage import migrate
from app.storage.uow import UnitOfWork
from app.storage.witness_sizes import SIZES
from audit.entry import EntryDraft
from audit.guilt import parse_guilt, verify_guilt
from audit.kinds import EntryKind
from config import Config
from tests.house.tree import ROOT
from tests.support.publishing import keys_of

RUN = [sys.executable, "-m", "audit.witnessing"]


@dataclass(frozen=True)
class Body:
    """Another body with its witness: nothing of it is reached but by its commands and its address."""

    folder: Path
    passphrase: Path
    vkey: str
    url: str

    def run(self, command: str, *more: str) -> str:
        words = [*RUN, command, "--folder", str(self.folder), *more]
        return subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT).stdout

    def show(self) -> str:
        return self.run("show", "--passphrase-file", str(self.passphrase))


@contextmanager
def witness(folder: Path, name: str, log_keys: list[str]) -> Iterator[Body]:
    opened = ["--folder", str(folder / name), "--passphrase-file", str(folder / f"{name}.pass")]
    made = subprocess.run(
        [*RUN, "init", *opened, "--name", name], check=True, capture_output=True, text=True, cwd=ROOT
    )
    subprocess.run([*RUN, "add-log", *opened[:2], *log_keys], check=True, capture_output=True, cwd=ROOT)
    with (folder / f"{name}.err").open("wb") as errors:
        server = subprocess.Popen(
            [*RUN, "serve", *opened, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert server.stdout is not None
        try:
            url = server.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), (folder / f"{name}.err").read_text()
            yield Body(folder / name, folder / f"{name}.pass", made.stdout.strip(), url)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
            server.stdout.close()


@dataclass(frozen=True)
class Stage:
    config: Config
    log_keys: list[str]
    bodies: list[Body]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Set up a new log, and two witnesses that were given its keys by hand."""
    config = Config(data_dir=tmp_path / "log", witness_policy=tmp_path / "policy")
    create_keys(config.keys_path)
    migrate.upgrade(config.database_url)
    log_keys = [key.to_text() for key in keys_of(config)]
    with ExitStack() as stack:
        bodies = [
            stack.enter_context(witness(tmp_path, name, log_keys)) for name in ("dost.test", "office.test")
        ]
        lines = [f"log {key}" for key in log_keys]
        lines += [f"witness w{number} {body.vkey} {body.url}" for number, body in enumerate(bodies)]
        (tmp_path / "policy").write_text("\n".join([*lines, "group both all w0 w1", "quorum both", ""]))
        yield Stage(config, log_keys, bodies)


@contextmanager
def running(config: Config) -> Iterator[Runtime]:
    runtime = build_runtime(config)
    try:
        yield runtime
    finally:
        runtime.close()


def append(runtime: Runtime, facts: list[int]) -> None:
    def use_case(uow: UnitOfWork) -> None:
        for size in facts:
            uow.audit.append(EntryDraft(kind=EntryKind.LOG_EXPORTED, facts={"size": size}))

    runtime.write(begin_log)
    runtime.write(use_case)


def publish_round(runtime: Runtime) -> Published:
    return publish_witnessed(runtime, runtime.published, clock=runtime.now, witnesses=runtime.witnesses)


def quorum_met(runtime: Runtime, checkpoint: bytes) -> bool:
    assert runtime.witnesses is not None
    policy = runtime.witnesses.policy
    return judge(policy, open_for(runtime.published, checkpoint, policy.witness_keys)).quorum_met


def restored_copy(stage: Stage, folder: Path) -> Config:
    """Copy the whole machine, as an image of its disk does: database, keys, tiles and checkpoint store."""
    shutil.copytree(stage.config.data_dir, folder)
    return Config(data_dir=folder, witness_policy=stage.config.witness_policy)


def test_the_quorum_is_collected_and_a_stale_size_is_learnt(stage: Stage) -> None:
    with running(stage.config) as runtime:
        append(runtime, [1, 2])
        first = publish_round(runtime)
        assert quorum_met(runtime, first.checkpoint)
        assert all(f"cosigned   {first.head.size} entries" in body.show() for body in stage.bodies)
        # What is remembered of the witnesses is lost: each answers 409 with its size, and is asked again.
        (stage.config.checkpoints_path / SIZES).unlink()
        append(runtime, [3])
        second = publish_round(runtime)
        assert quorum_met(runtime, second.checkpoint)
        assert runtime.published.store.witnessed() == second.checkpoint


def test_a_rollback_after_a_restore_is_refused_before_anything_is_signed(
    stage: Stage, tmp_path: Path
) -> None:
    with running(stage.config) as runtime:
        append(runtime, [1, 2])
        publish_round(runtime)
    old = restored_copy(stage, tmp_path / "restored")
    with running(stage.config) as runtime:
        append(runtime, [3, 4, 5])
        publish_round(runtime)
    with running(old) as runtime:
        append(runtime, [9])
        before = runtime.published.store.latest(), runtime.published.folder.read_checkpoint()
        with pytest.raises(LogBehind, match="has seen 6 entries"):
            publish_round(runtime)
        assert (runtime.published.store.latest(), runtime.published.folder.read_checkpoint()) == before
    assert all("guilt      0 proofs" in body.show() for body in stage.bodies)


def test_a_fork_is_refused_kept_as_guilt_and_checked_by_anyone(stage: Stage, tmp_path: Path) -> None:
    with running(stage.config) as runtime:
        append(runtime, [1, 2])
        publish_round(runtime)
    forking = restored_copy(stage, tmp_path / "forking")
    with running(stage.config) as runtime:
        append(runtime, [3, 4])
        size = publish_round(runtime).head.size
    with running(forking) as runtime:
        append(runtime, [8, 9])
        # Whoever turns on the witnesses signs first and asks nobody whether it is behind.
        shown = publish(runtime, runtime.published, clock=runtime.now, witnessing=runtime.witnesses)
        assert shown.head.size == size
        assert not quorum_met(runtime, shown.checkpoint)
        assert shown.checkpoint.count("—".encode()) == 2
    for number, body in enumerate(stage.bodies):
        out = tmp_path / f"guilt{number}"
        assert f"two roots for {size} entries" in body.run("guilt", "--export", str(out))
        (proof,) = out.iterdir()
        verify_guilt(parse_guilt(proof.read_bytes()), log_keys=keys_of(stage.config))
        anyone = tmp_path / f"anyone{number}"
        anyone.mkdir()
        words = [*RUN, "add-log", "--folder", str(anyone), *stage.log_keys]
        subprocess.run(words, check=True, capture_output=True, cwd=ROOT)
        told = subprocess.run(
            [*RUN, "guilt", "--folder", str(anyone), "--verify", str(proof)],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert "GUILTY" in told.stdout
