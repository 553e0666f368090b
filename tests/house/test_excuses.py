"""Ask a reason for every rule that is excused, wherever it is excused."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, python_files, shown

RULE_LINE = re.compile(r'^\s*"[A-Z]+[0-9]+"')
REASON = re.compile(r"#\s*\S.{7,}")
NOQA = re.compile(r"#\s*noqa(?P<codes>:\s*[A-Z]+[0-9]+(?:[, ]+[A-Z]+[0-9]+)*)?(?P<rest>.*)")
TYPE_IGNORE = re.compile(r"#\s*type:\s*ignore(?P<codes>\[[a-z-, ]+\])?(?P<rest>.*)")


def test_every_excused_rule_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    bare = [line.strip() for line in lines if RULE_LINE.match(line) and not REASON.search(line)]
    assert not bare, f"rules excused without a reason: {bare}"
    assert any(RULE_LINE.match(line) for line in lines)


@pytest.mark.parametrize("marker", [NOQA, TYPE_IGNORE], ids=["noqa", "type-ignore"])
def test_every_excused_line_has_its_code_and_reason(marker: re.Pattern[str]) -> None:
    """In the product every excuse says why; in tests the code of the rule is enough."""
    this_file = Path(__file__)
    bare = []
    for path in python_files():
        if path == this_file:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = marker.search(line)
            reasoned = path.is_relative_to(ROOT / "tests") or re.search(
                r"\w{3}", found["rest"] if found else ""
            )
            if found and not (found["codes"] and reasoned):
                bare.append(f"{shown(path)}:{number}: {line.strip()}")
    assert not bare, "\n".join(bare)
