"""Hold every module to its size, its docstring and its place."""

import ast
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT, parsed, product_modules, python_files, shown

LONGEST_MODULE = 400


@pytest.mark.parametrize("path", python_files(), ids=shown)
def test_module_stays_below_the_hard_stop(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_MODULE, f"{shown(path)} has {lines} lines: split it"


@pytest.mark.parametrize("path", sorted((ROOT / "app/web/static/js").glob("*.js")), ids=shown)
def test_module_of_the_pages_stays_below_it_too_and_says_what_it_is_for(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST_MODULE, f"{shown(path)} has {len(lines)} lines: split it"
    assert lines[0].startswith("// "), f"{shown(path)} does not say what it is for"


@pytest.mark.parametrize("path", [p for p in python_files() if p.name == "__init__.py"], ids=shown)
def test_package_opener_holds_a_docstring_and_nothing_else(path: Path) -> None:
    body = parsed(path).body
    assert len(body) == 1, f"{shown(path)} holds more than its docstring"
    assert isinstance(body[0], ast.Expr)
    assert isinstance(body[0].value, ast.Constant)
    assert isinstance(body[0].value.value, str)


@pytest.mark.parametrize("path", product_modules(), ids=shown)
def test_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path)), f"{shown(path)} has no docstring"


def test_every_folder_of_the_product_is_a_package() -> None:
    folders = {path.parent for path in python_files(*PACKAGES)}
    bare = sorted(shown(folder) for folder in folders if not (folder / "__init__.py").is_file())
    assert not bare, f"folders without __init__.py: {bare}"


def test_no_module_is_left_unfinished() -> None:
    """A note to do something later is work that was not done: it belongs into an issue, not into the code."""
    unfinished = ("TO" + "DO", "FIX" + "ME", "X" * 3, "raise NotImplemented" + "Error")
    found = [
        f"{shown(path)}:{number}: {word}"
        for path in product_modules()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for word in unfinished
        if word in line
    ]
    assert not found, found


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    """A test that cannot run must fail and say what is missing; a silent gap looks like a pass."""
    ways_out = {"skip", "skipif", "xfail", "importorskip"}
    found = [
        f"{shown(path)}:{node.lineno}: {node.attr}"
        for path in python_files("tests")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ways_out
        and ast.unparse(node.value) in {"pytest", "pytest.mark", "unittest"}
    ]
    assert not found, found


def test_every_test_folder_holds_tests() -> None:
    """A folder whose files pytest does not collect would be a set of tests that never ran."""
    helpers = {ROOT / "tests" / "support", ROOT / "tests" / "vectors"}
    folders = {path.parent for path in python_files("tests")} - helpers - {ROOT / "tests"}
    empty = sorted(
        shown(folder)
        for folder in folders
        if not list(folder.rglob("test_*.py")) and not any(folder.is_relative_to(place) for place in helpers)
    )
    assert not empty, f"test folders without a test_*.py: {empty}"
