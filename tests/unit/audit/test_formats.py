"""The worked examples of docs/formats are known answers, so they cannot go stale."""

import json
import re

import pytest

from audit.kinds import EntryKind
from tests.house.tree import ROOT

VECTORS = (ROOT / "tests/vectors/kt1.json").read_text(encoding="utf-8")
FORMATS = ("bundle", "entry", "envelope", "evidence", "evidence-bundle", "rotation", "trust")


@pytest.mark.parametrize("name", FORMATS)
def test_worked_examples_are_vectors(name: str) -> None:
    page = (ROOT / "docs/formats" / f"{name}.md").read_text(encoding="utf-8")
    examples = re.findall(r'^(?:\{".*\}|[0-9a-f]{64})$', page, re.MULTILINE)
    assert examples, "the worked example comes first"
    assert page.index(examples[0]) < page.index("MUST")
    for example in examples:
        assert json.dumps(example, ensure_ascii=False)[1:-1] in VECTORS


def test_the_kinds_pages_speak_of_exist() -> None:
    page = (ROOT / "docs/formats/entry.md").read_text(encoding="utf-8")
    kinds = {kind.value for kind in EntryKind}
    assert set(re.findall(r"`((?:handover|device|log|attempt)_\w+)`", page)) <= kinds
