"""The project speaks of itself only: no file names a place outside it or a tool it was written with."""

import re
from pathlib import Path

import pytest

from tests.house.tree import project_files, shown

# Spelled backwards, so that this file may be judged too.
BACKWARDS = ("/niam/krow/", "/derahs/krow/", "/nalp/krow/", "edualC", "TPGtahC", "tnegabus", "yrarbil./")
FOREIGN = re.compile("|".join(re.escape(word[::-1]) for word in BACKWARDS))
TEXT = {
    "",
    ".cfg",
    ".css",
    ".csv",
    ".html",
    ".in",
    ".ini",
    ".js",
    ".mako",
    ".md",
    ".py",
    ".sh",
    ".toml",
    ".yml",
}


@pytest.mark.parametrize("path", [p for p in project_files() if p.suffix in TEXT], ids=shown)
def test_a_file_names_no_place_outside_the_project(path: Path) -> None:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    found = FOREIGN.findall(text)
    assert not found, f"{shown(path)} names {sorted(set(found))}"
