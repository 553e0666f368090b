"""The installation's own table of severity and deadlines is read at the start, or the start is refused."""

import json
from pathlib import Path

import pytest

from app.domain.incident_standards import SAMPLE, SAMPLE_STANDARDS
from app.factory import incident_standards_of
from config import Config, ConfigError


def test_without_a_file_the_sample_counts_and_says_that_it_is_one() -> None:
    found = incident_standards_of(Config())
    assert found is SAMPLE_STANDARDS
    assert found.tables[0].sample


def test_the_file_of_the_installation_counts(tmp_path: Path) -> None:
    path = tmp_path / "standards.json"
    path.write_text(json.dumps([{**SAMPLE, "name": "24-2026", "sample": False}]), encoding="utf-8")
    (table,) = incident_standards_of(Config(incident_standards=path)).tables
    assert (table.name, table.sample) == ("24-2026", False)


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_file_that_cannot_be_used_stops_the_start_and_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "standards.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="KT1_INCIDENT_STANDARDS"):
        incident_standards_of(Config(incident_standards=path))
