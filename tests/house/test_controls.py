"""Every control of registered mail that the regulations list is shown by a test named after it."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT

NAMED = re.compile(r"test_control_0?([1-9][0-9]?)_\w+")
ROW = re.compile(r"^\| ([0-9]+) \| [^|]+ \| `([^`]+)` \| `(test_control_[^`]+)` \|$", re.MULTILINE)


def named_tests() -> dict[str, int]:
    """Return the name of every test function that is named after a control, with the control's number."""
    found: dict[str, int] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match = NAMED.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
            if match:
                found[match[0]] = int(match[1])
    return found


TABLE = ROW.findall((ROOT / "docs" / "regulations.md").read_text(encoding="utf-8"))
LISTED = {int(number) for number, _, _ in TABLE}


@pytest.mark.parametrize(("number", "place", "test"), TABLE)
def test_a_listed_control_lives_somewhere_and_has_its_test(number: str, place: str, test: str) -> None:
    assert Path(ROOT / place).is_file()
    assert named_tests()[test] == int(number)


def test_every_control_with_a_test_is_listed_and_only_once() -> None:
    assert len(TABLE) == len(LISTED)
    assert {3, 4, 5, 7, 9, 10, 11, 12, 14, 19} <= LISTED
    assert set(named_tests().values()) >= LISTED
