"""`kt1 log witness-request`, carried to a witness that no network reaches, and its answer imported."""

import os
from pathlib import Path

import pytest

from app.cli.main import run
from app.factory import Toolbox, build_runtime
from app.keystore import create_keys
from app.services.log.log import begin_log
from app.services.log.publishing import publish
from app.storage import migrate
from app.storage.checkpoint_store import CheckpointStore
from app.storage.tile_folder import TileFolder
from audit.parts import split_parts
from audit.witnessing.__main__ import main as witness
from config import Config


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Config:
    for name in [name for name in os.environ if name.startswith("KT1_")]:
        monkeypatch.delenv(name)
    config = Config(data_dir=tmp_path / "log", witness_policy=tmp_path / "policy")
    monkeypatch.setenv("KT1_DATA_DIR", str(config.data_dir))
    monkeypatch.setenv("KT1_WITNESS_POLICY", str(config.witness_policy))
    create_keys(config.keys_path)
    migrate.upgrade(config.database_url)
    (tmp_path / "policy").write_text("quorum none\n")
    grow(config)
    assert run(Toolbox(), ["log", "vkeys"]) == 0
    keys = capsys.readouterr().out.split()
    lines = [f"log {key}" for key in keys]
    for name in ("w1", "w2"):
        assert witness(["init", *opened(tmp_path, name), "--name", f"{name}.test"]) == 0
        lines.append(f"witness {name} {capsys.readouterr().out.splitlines()[-1]}")
        assert witness(["add-log", "--folder", str(tmp_path / name), *keys]) == 0
    capsys.readouterr()
    (tmp_path / "policy").write_text("\n".join([*lines, "group both all w1 w2", "quorum both", ""]))
    return config


def opened(folder: Path, name: str) -> list[str]:
    return ["--folder", str(folder / name), "--passphrase-file", str(folder / f"{name}.pass")]


def grow(config: Config) -> None:
    """Publish one entry more, as the server does while an answer is on its way."""
    runtime = build_runtime(config)
    try:
        runtime.write(begin_log)
        publish(runtime, runtime.published, clock=runtime.now)
    finally:
        runtime.close()


def kt1(*words: str) -> int:
    return run(Toolbox(), ["log", *words])


def carry(folder: Path, name: str, *, codes: bool = False) -> Path:
    request, answer = folder / "request", folder / f"answer-{name}"
    assert kt1("witness-request", str(request), "--witness", name) == 0
    if codes:
        request.write_text("\n".join(reversed(split_parts(request.read_bytes()))))
    assert witness(["sign-file", *opened(folder, name), str(request), str(answer)]) == 0
    if codes:
        answer.write_text("\n".join(split_parts(answer.read_bytes())))
    return answer


def test_two_witnesses_are_asked_by_hand_and_meet_the_quorum(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kt1("witness-import", str(carry(tmp_path, "w1"))) == 0
    assert "witnessed by w1: the quorum is not met yet" in capsys.readouterr().out
    assert kt1("witness-import", str(carry(tmp_path, "w2", codes=True))) == 0
    assert "witnessed by w1, w2: the quorum is met" in capsys.readouterr().out
    witnessed = CheckpointStore(config.checkpoints_path).witnessed()
    assert witnessed == TileFolder(config.tlog_path).read_checkpoint()


def test_a_request_is_printed_as_codes(config: Config, tmp_path: Path) -> None:
    pdf = tmp_path / "codes.pdf"
    assert config.witness_policy is not None
    assert kt1("witness-request", str(tmp_path / "r"), "--witness", "w1", "--qr", str(pdf)) == 0
    assert pdf.read_bytes().startswith(b"%PDF")


def test_what_brings_no_cosignature_is_refused_in_one_line(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert config.witness_policy is not None
    answer = tmp_path / "answer"
    answer.write_bytes(b"0\n")
    assert kt1("witness-import", str(answer), "--witness", "w1") == 1
    assert "no request was made here" in capsys.readouterr().err
    assert kt1("witness-request", str(tmp_path / "r")) == 1
    assert "say which witness it is for" in capsys.readouterr().err
    assert kt1("witness-request", str(tmp_path / "r"), "--witness", "w1") == 0
    for body, said in (
        (b"0\n", "make its request again"),
        (b"99\n", "this is an old copy"),
        ("— w1.test AAAAAAAA\n".encode(), "no witness of the policy has cosigned"),
        (b"", "no witness of the policy has cosigned"),
        (b"KT1W1/1/2/AAAAAAAAAAAAAAAAAAAAAAAA/AA", "missing: 2"),
    ):
        answer.write_bytes(body)
        capsys.readouterr()
        assert kt1("witness-import", str(answer), "--witness", "w1") == 1
        assert said in capsys.readouterr().err
