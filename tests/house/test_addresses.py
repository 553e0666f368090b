"""Nothing we serve or install names a place on the Internet: the product works where there is none."""

import json
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, project_files, shown

ADDRESS = re.compile(rb"https?://[A-Za-z0-9.-]+")
# Names of XML vocabularies, which no browser ever opens.
NAMES_NOT_PLACES = (b"http://www.w3.org",)
# The notice that a licence asks to be kept at the head of a vendored file; browsers never read it.
NOTICE = re.compile(rb"/\*!.*?\*/", re.DOTALL)
TEXT = {".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".webmanifest", ".xml"}
SERVED = [
    path
    for path in project_files()
    if {"static", "templates"} & set(path.relative_to(ROOT).parts)
    and path.suffix in TEXT
    and not re.match(r"licen[cs]e|ofl", path.name, flags=re.IGNORECASE)
]


@pytest.mark.parametrize("path", SERVED, ids=shown)
def test_a_served_file_names_no_other_origin(path: Path) -> None:
    served = NOTICE.sub(b"", path.read_bytes()) if "vendor" in path.parts else path.read_bytes()
    found = [address.decode() for address in ADDRESS.findall(served) if address not in NAMES_NOT_PLACES]
    assert not found, f"{shown(path)} names {sorted(set(found))}"


def test_there_are_served_files() -> None:
    assert len(SERVED) > 10


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").iterdir()), ids=shown)
def test_a_lock_file_names_no_index(path: Path) -> None:
    """Where packages come from is the machine's business; that they are the right ones, the hashes prove."""
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    if path.suffix == ".txt":
        pins = re.findall(r"^[a-zA-Z0-9][^\n]*==[^\n]*\\\n\s+--hash=sha256:", text, flags=re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[a-zA-Z0-9]", text, flags=re.MULTILINE))


@pytest.mark.parametrize(
    "path", [path for path in project_files() if path.name == "package-lock.json"], ids=shown
)
def test_a_lock_of_npm_names_hashes_and_no_place(path: Path) -> None:
    packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert installed
    assert not [name for name, package in installed.items() if "resolved" in package]
    assert not [name for name, package in installed.items() if not package["integrity"].startswith("sha512-")]
