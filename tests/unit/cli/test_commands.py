"""Every command explains itself, and misuse is told apart from failure."""

from collections.abc import Iterator

import click
import pytest

from app.cli.main import kt1, run
from app.factory import Toolbox


def walk(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from walk(command, (*path, name))


COMMANDS = list(walk(kt1))


def test_the_command_has_all_its_parts() -> None:
    names = {path[0] for path, _ in COMMANDS}
    assert names == {"init", "serve", "demo", "user", "agency", "consignment", "suspense", "log", "keys"}
    assert {("log", "verify"), ("log", "export"), ("keys", "rotate"), ("keys", "trust")} <= {
        path for path, _ in COMMANDS
    }


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_every_command_explains_itself(
    path: tuple[str, ...], command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(Toolbox(), [*path, "--help"]) == 0
    assert "Usage: kt1 " + " ".join(path) in capsys.readouterr().out
    assert command.help


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["log", "export"], ["user", "create", "x"], ["serve", "--port", "0"], ["init", "--no"]],
)
def test_misuse_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Toolbox(), arguments) == 2
    assert "Usage: kt1" in capsys.readouterr().err


def test_a_wrong_setting_is_misuse(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KT1_NO_SUCH_SETTING", "1")
    assert run(Toolbox(), ["log", "verify"]) == 2
    assert "KT1_NO_SUCH_SETTING" in capsys.readouterr().err
