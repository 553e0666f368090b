"""The worked examples of the transparency pages are known answers, so they cannot go stale."""

import json
import re

import pytest

from audit.tiles import growth, parse_tile_path
from tests.house.tree import ROOT

VECTORS = json.loads((ROOT / "tests/vectors/tlog.json").read_text(encoding="utf-8"))
EXAMPLES = {
    "checkpoint": ["receipt_checkpoint"],
    "proof": ["proof"],
    "policy": ["policy"],
    "witness": ["request", "answer"],
}


def blocks(name: str) -> tuple[str, list[str]]:
    page = (ROOT / f"docs/formats/{name}.md").read_text(encoding="utf-8")
    return page, re.findall(r"^```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_examples_are_vectors_and_come_first(name: str) -> None:
    page, found = blocks(name)
    keys = EXAMPLES[name]
    assert found[: len(keys)] == [VECTORS[key] for key in keys]
    assert page.index(found[0]) < page.index("MUST")


def test_the_verifier_keys_shown_are_vectors() -> None:
    page, _ = blocks("checkpoint")
    assert f"`{VECTORS['vkeys']['log']}`" in page
    assert f"`{VECTORS['vkeys']['witnesses'][0]}`" in page


def test_the_files_shown_are_those_of_that_log() -> None:
    page, found = blocks("tiles")
    shown = re.findall(r"tile/\S+", found[0])
    assert {parse_tile_path(path) for path in shown} <= set(growth(0, 70_000))
    assert len(shown) == 9
    assert VECTORS["roots"][7] in page
