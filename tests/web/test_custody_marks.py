"""An item whose row was changed behind the log's back says so on its page, in lists and to devices."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.access import Role
from tests.support.device import enrol
from tests.support.installation import Installation, installed

VIETNAMESE = "Dữ liệu không khớp nhật ký - báo kiểm tra viên"
ENGLISH = "Data does not match the log - tell the auditor"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "house") as installation:
        yield installation


def test_finding_25_page_list_and_api_mark_an_item_that_does_not_fit_the_log(house: Installation) -> None:
    device = enrol(house, "an.nguyen")
    registered = device.post("/api/v1/consignments", {"recipient_unit": "24.H02", "weight_g": 5})
    assert registered.json is not None
    code = registered.json["consignment"]["code"]
    auditor = house.browser(house.by_role(Role.AUDITOR))
    pages = (f"/consignments/{code}", f"/consignments?q={code}")
    for page in pages:
        assert code in auditor.get(page).text
        assert VIETNAMESE not in auditor.get(page).text
    for path in (f"/api/v1/consignments/{code}", f"/api/v1/consignments/{code}/timeline"):
        answer = device.get(path).json
        assert answer is not None
        assert answer["fits_log"] is True
    with sqlite3.connect(house.config.data_dir / "kt1.sqlite3") as connection:
        connection.execute("UPDATE consignments SET custodian_user_id = ?", (house.actors["binh"].user,))
    connection.close()
    for page in pages:
        assert VIETNAMESE in auditor.get(page).text
    auditor.post("/locale", {"locale": "en"})
    for page in pages:
        assert ENGLISH in auditor.get(page).text
    for path in (f"/api/v1/consignments/{code}", f"/api/v1/consignments/{code}/timeline"):
        answer = device.get(path).json
        assert answer is not None
        assert answer["fits_log"] is False
        assert answer.get("verified", False) is False
