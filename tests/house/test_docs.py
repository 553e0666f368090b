"""The documents cannot go stale unseen: commands exist, links lead somewhere, settings are told."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from app.cli.main import kt1
from audit.kinds import EntryKind
from config import Config
from tests.house.tree import ROOT, project_files, shown

PAGES = [path for path in project_files() if path.suffix == ".md"]
FENCE = re.compile(r"^```(?:sh|bash|console|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:make|kt1|\.venv/bin/kt1|python3? -m audit) [^`\n]+)`")
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def commands(page: Path) -> Iterator[str]:
    """List the command lines a page tells its reader to type, continued lines joined."""
    text = page.read_text(encoding="utf-8")
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            yield line.strip().removeprefix("$ ")
    yield from INLINE.findall(text)


SAID = [(page, command) for page in PAGES for command in commands(page)]


def parse_kt1(words: list[str]) -> None:
    """Let click itself judge the words, without running anything: unknown command or option raises."""
    node: click.Command = kt1
    context = click.Context(kt1, info_name="kt1")
    while isinstance(node, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = node.get_command(context, name)
        assert found is not None, f"kt1 has no command {name!r}"
        node, context = found, click.Context(found, info_name=name, parent=context)
    node.make_parser(context).parse_args(args=list(words))


@pytest.mark.parametrize(("page", "command"), SAID, ids=[f"{shown(p)}: {c}" for p, c in SAID])
def test_a_command_in_the_documents_exists(page: Path, command: str) -> None:
    words = [
        word for word in shlex.split(command, comments=True) if not re.fullmatch(r"[A-Z][A-Z0-9_]*=.*", word)
    ]
    if not words:
        return
    program = words[0].removeprefix(".venv/bin/")
    if program == "make":
        targets = [word for word in words[1:] if not word.startswith("-")]
        assert set(targets) <= TARGETS, f"{shown(page)}: {command}"
    elif program == "kt1":
        placeholders = [word.strip("<>[]") for word in words[1:] if word not in {"...", "…", "|"}]
        parse_kt1(placeholders)
    elif words[1:3] == ["-m", "audit"]:
        known = (["verify"], ["verify-receipt"], ["verify-evidence"], ["--help"])
        assert words[3:4] in known, f"{shown(page)}: {command}"


def test_the_documents_tell_commands() -> None:
    assert any(command.startswith("make demo") for _, command in SAID)
    assert any(command.startswith("make test") for _, command in SAID)


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_a_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lost = [target for target in LINK.findall(text) if not (page.parent / target).exists()]
    assert not lost, f"{shown(page)}: {lost}"


@pytest.mark.parametrize("name", [field.name for field in fields(Config)])
def test_a_setting_is_documented(name: str) -> None:
    assert f"KT1_{name.upper()}" in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_no_setting_is_documented_that_does_not_exist() -> None:
    known = {f"KT1_{field.name.upper()}" for field in fields(Config)}
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"\bKT1_[A-Z0-9_]+\b", page))
    assert told - known <= {"KT1_"}, told - known


@pytest.mark.parametrize("kind", list(EntryKind))
def test_an_entry_kind_is_described(kind: EntryKind) -> None:
    formats = [path for path in PAGES if path.is_relative_to(ROOT / "docs" / "formats")]
    assert any(f"`{kind}`" in path.read_text(encoding="utf-8") for path in formats)


def test_the_page_of_bundles_shows_the_header_of_the_known_answers() -> None:
    vectors = json.loads((ROOT / "tests/vectors/kt1.json").read_text(encoding="utf-8"))
    assert vectors["bundle_header"] in (ROOT / "docs/formats/bundle.md").read_text(encoding="utf-8")
