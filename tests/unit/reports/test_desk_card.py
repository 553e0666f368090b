"""The card on the desk is read back, and says to the station only what the station knows."""

import re
from pathlib import Path

import pytest

from reports.desk_card import COMMANDS, render_desk_card
from tests.unit.reports.paper import pages, read_by_zbar, read_by_zxing

STATION = Path(__file__).resolve().parents[3] / "app" / "web" / "static" / "js" / "codes.js"


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("read", [read_by_zxing, read_by_zbar])
@pytest.mark.parametrize("unit", ["24-BC-KINHBAC", "09187", "W" * 16])
def test_every_symbol_of_the_card_is_read_back(dpi: int, read: type, unit: str, tmp_path: Path) -> None:
    card = render_desk_card(unit_code=unit, unit_name="Bưu cục Kinh Bắc, phường Vũ Ninh")
    (page,) = pages(card, tmp_path, dpi)
    expected = [*(code for code, _, _ in COMMANDS), unit]
    assert sorted(read(page)) == sorted(("code128", code) for code in expected)


def test_the_card_holds_every_command_of_the_station_and_no_other() -> None:
    (line,) = re.findall(r"^const COMMANDS = .*$", STATION.read_text(encoding="utf-8"), re.MULTILINE)
    assert re.findall(r'"(KT1:\w+)"', line) == [code for code, _, _ in COMMANDS]


def test_the_longest_name_of_a_unit_fits_and_the_same_card_is_the_same_bytes() -> None:
    longest = "Ủy ban nhân dân phường Nguyễn Thượng Hiền " * 5
    card = render_desk_card(unit_code="24", unit_name=longest[:200])
    assert card == render_desk_card(unit_code="24", unit_name=longest[:200])
