"""The pages of the receiving end: the unit's list, revoking a line, redirecting an item."""

from collections.abc import Iterator

import pytest

from tests.support.device import Device, enrol
from tests.support.installation import Installation, installed
from tests.web.test_acknowledgements import registered


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("receiving")) as installation:
        yield installation


@pytest.fixture(scope="module")
def devices(house: Installation) -> dict[str, Device]:
    return {name: enrol(house, name) for name in ("an.nguyen", "binh", "chien")}


def carried(devices: dict[str, Device]) -> str:
    code = registered(devices)
    sender, courier = devices["an.nguyen"], devices["chien"]
    offer = sender.offer(code, to="24.P01")
    sender.send(offer)
    courier.send(courier.take(code, nonce=offer.nonce, place="24.H01"))
    return code


def test_a_line_is_granted_shown_and_revoked(house: Installation) -> None:
    browser = house.browser("binh")
    form = {
        "user": str(int(house.actors["binh"].user)),
        "kind": "receiver",
        "basis": "15/QĐ-SNV",
        "valid_from": "",
        "valid_until": "31/12/2026 00:00",
    }
    wrong = browser.post("/receivers", {**form, "valid_until": ""}, page="/receivers")
    assert wrong.status_code == 422
    assert 'id="valid_until-error1"' in wrong.text
    assert browser.post("/receivers", form, page="/receivers").status_code == 303
    page = browser.get("/receivers").text
    assert "15/QĐ-SNV" in page
    assert "Đang hiệu lực" in page
    assert house.browser("an.nguyen").get("/receivers").text.count("15/QĐ-SNV") == 0
    assert house.browser("an.nguyen").post("/receivers/1/revoke", page="/receivers").status_code == 404
    assert browser.post("/receivers/1/revoke", page="/receivers").status_code == 303
    assert "Đã thu hồi" in browser.get("/receivers").text
    assert browser.post("/receivers/1/revoke", page="/receivers").status_code == 409


def test_the_sender_redirects_an_item_and_its_custodian_sees_the_new_address(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = carried(devices)
    sender = house.browser("an.nguyen")
    path = f"/consignments/{code}/redirect"
    assert path in sender.get(f"/consignments/{code}").text
    assert path not in house.browser("chien").get(f"/consignments/{code}").text
    wrong = sender.post(path, {"recipient_unit": "24.H01", "reason": "wrong_unit"}, page=path)
    assert wrong.status_code == 422
    good = sender.post(path, {"recipient_unit": "24.S01", "reason": "office_merged"}, page=path)
    assert good.status_code == 303
    shown = house.browser("chien").get(f"/consignments/{code}").text
    assert "Sở Khoa học và Công nghệ" in shown
    assert "Sở Nội vụ → Sở Khoa học và Công nghệ" in shown


def test_the_interface_redirects_too(devices: dict[str, Device]) -> None:
    code = carried(devices)
    path = f"/api/v1/consignments/{code}/redirect"
    body = {"recipient_unit": "24.S01", "reason": "office_moved"}
    assert devices["binh"].post(path, dict(body)).status_code == 404
    answer = devices["an.nguyen"].post(path, dict(body))
    assert (answer.status_code, answer.json and answer.json["recipient_unit"]) == (200, "24.S01")
    assert devices["an.nguyen"].post(path, dict(body)).status_code == 422
