"""A document that says where a rule lives must name a place that exists: a reader will open it."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, project_files, shown

FOLDERS = "app|audit|crypto|reports|migrations|tests|docs|deploy|benchmarks|scanner_clients"
PLACE = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)`")
PAGES = [path for path in project_files() if path.suffix == ".md"]


@pytest.mark.parametrize("document", PAGES, ids=shown)
def test_every_place_a_document_names_exists(document: Path) -> None:
    lost = [
        place for place in PLACE.findall(document.read_text(encoding="utf-8")) if not (ROOT / place).exists()
    ]
    assert not lost, f"{shown(document)}: {lost}"


def test_the_regulations_name_places() -> None:
    assert len(PLACE.findall((ROOT / "docs" / "regulations.md").read_text(encoding="utf-8"))) > 20
