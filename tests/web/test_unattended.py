"""The page of what is in nobody's hands: who sees it, the place's answer, the number on the first page."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.services.owed.unattended import raise_unattended
from tests.support.device import Device, enrol
from tests.support.installation import Installation, installed
from tests.web.test_acknowledgements import registered


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


@pytest.fixture
def code(house: Installation) -> str:
    """Leave an item offered by the courier to the clerk, and nobody takes it."""
    devices: dict[str, Device] = {name: enrol(house, name) for name in ("an.nguyen", "binh", "chien")}
    item = registered(devices)
    offer = devices["an.nguyen"].offer(item, to="24.P01")
    devices["an.nguyen"].send(offer)
    devices["chien"].send(devices["chien"].take(item, nonce=offer.nonce, place="24.H01"))
    devices["chien"].send(devices["chien"].offer(item, to="24.P01"))
    return item


def test_the_first_page_counts_and_the_list_says_why_how_long_and_what_to_do(
    house: Installation, code: str
) -> None:
    assert "không ai cầm" not in house.browser("dung").get("/").text
    house.clock.forward(timedelta(hours=3))
    home = house.browser("dung").get("/").text
    assert 'href="/unattended"' in home
    listed = house.browser("dung").get("/unattended").text
    assert code in listed
    for words in ("Đã giao đi, chưa ai nhận", "3 giờ 0 phút", "Lê Đức Chiến", "giá trị mẫu"):
        assert words in listed
    assert code in house.browser("chien").get("/unattended").text
    assert code in house.browser("giang").get("/unattended").text
    assert code not in house.browser("binh").get("/unattended").text


def test_the_place_answers_once_and_the_incident_opens_by_itself(house: Installation, code: str) -> None:
    house.clock.forward(timedelta(hours=9))
    house.runtime.write(raise_unattended)
    browser = house.browser("dung")
    (action,) = re.findall(r'action="(/unattended/\d+/answer)"', browser.get("/unattended").text)
    empty = browser.post(action, {"answer": "secured", "note": ""}, page="/unattended")
    assert empty.status_code == 422
    form = {"answer": "secured", "note": "Trong két số hai"}
    assert browser.post(action, form, page="/unattended").status_code == 303
    assert "Trong két số hai" in browser.get("/unattended").text
    assert browser.post(action, form, page="/unattended").status_code == 409
    assert house.browser("binh").post(action, form, page="/").status_code == 404
    house.clock.forward(timedelta(hours=17))
    house.runtime.write(raise_unattended)
    after = house.browser("giang").get("/unattended").text
    assert "Đã mở sự vụ" in after
    assert code in after
