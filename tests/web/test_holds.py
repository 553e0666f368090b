"""The page of holds: a code is held back, every scan of it is stopped, a second person lets it go."""

import re
from collections.abc import Iterator

import pytest

from app.domain.access import Role
from app.services.people import accounts
from app.services.people.accounts import CreateUser, IssuedPassword
from crypto.passwords import hash_password
from tests.support.device import Device, enrol
from tests.support.installation import PASSWORD, Browser, Installation, installed

STRANGE = "ZK999999995VN"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("holds")) as installation:
        form = {"username": "nga", "full_name": "Ngô Thị Nga", "role": Role.CLERK, "unit": "24.P01"}
        issued = IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD), must_change=False)
        installation.runtime.write(
            accounts.create_user, CreateUser(untrusted=form), issued=issued, actor=None
        )
        yield installation


@pytest.fixture(scope="module")
def sender(house: Installation) -> Device:
    return enrol(house, "an.nguyen")


@pytest.fixture
def code(sender: Device) -> str:
    body = {"recipient_unit": "24.H02", "weight_g": 120, "confirm_duplicate": True}
    answer = sender.post("/api/v1/consignments", body)  # type: ignore[arg-type]  # the values are plain
    assert answer.json is not None
    return str(answer.json["consignment"]["code"])


def place(browser: Browser, code: str, hold: str = "stopped") -> int:
    form = {"code": code, "hold": hold, "reason": "lost", "text": "Báo mất lúc giao ca"}
    return browser.post("/holds", form, page="/holds").status_code


def newest(browser: Browser) -> str:
    found = re.search(r'action="(/holds/\d+)/lift"', browser.get("/holds").text)
    assert found is not None
    return found[1]


def test_one_holds_another_lets_go(house: Installation, code: str) -> None:
    dung, nga = house.browser("dung"), house.browser("nga")
    assert place(dung, code) == 303
    assert "người khác gỡ" in dung.get("/holds").text
    one = newest(nga)
    assert nga.post(f"{one}/lift", {"text": ""}, page="/holds").status_code == 422
    assert nga.post(f"{one}/lift", {"text": "Đã tìm thấy"}, page="/holds").status_code == 303
    was = nga.get("/holds?show=lifted").text
    assert "Đã tìm thấy" in was
    assert "Báo mất lúc giao ca" in was


def test_whoever_placed_it_is_told_that_another_lifts_it(house: Installation, code: str) -> None:
    dung = house.browser("dung")
    place(dung, code)
    one = newest(house.browser("nga"))
    answer = dung.post(f"{one}/lift", {"text": "x"}, page="/holds")
    assert answer.status_code == 409
    assert "không được tự gỡ" in answer.text


def test_a_form_with_mistakes_comes_back_with_what_was_typed(house: Installation) -> None:
    form = {"code": "mã", "hold": "locked", "reason": "lost", "text": "Báo mất"}
    answer = house.browser("dung").post("/holds", form, page="/holds")
    assert answer.status_code == 422
    assert 'href="#code-field"' in answer.text
    assert 'href="#hold-field"' in answer.text
    assert "Báo mất" in answer.text


def test_the_item_says_so_on_its_page_and_in_the_api(house: Installation, sender: Device, code: str) -> None:
    place(house.browser("dung"), code, "quarantined")
    assert 'id="held"' in house.browser("an.nguyen").get(f"/consignments/{code}").text
    answer = sender.get(f"/api/v1/consignments/{code}").json
    assert answer is not None
    assert answer["hold"] == "quarantined"
    assert "Cách ly" in house.browser("giang").get(f"/consignments/{code}").text


@pytest.mark.parametrize("who", ["chien", "dung", "an.nguyen"])
def test_the_station_is_told_of_a_stop_whoever_asks(house: Installation, who: str) -> None:
    if place(house.browser("dung"), STRANGE) == 422:
        assert STRANGE in house.browser("dung").get("/holds").text
    answer = house.browser(who).get(f"/scan/lookup?code={STRANGE}").json
    assert answer is not None
    assert answer["stopped"] is True
    assert answer["text"].startswith("DỪNG LẠI")


def test_a_scan_of_it_is_refused_and_says_stop(house: Installation, sender: Device, code: str) -> None:
    place(house.browser("dung"), code)
    answer = sender.send(sender.offer(code, to="24.P01")).json
    assert answer is not None
    (line,) = answer["results"][0]["lines"]
    assert line["refusal"] == "stopped"


@pytest.mark.parametrize("who", ["an.nguyen", "chien", "hoa", "khanh"])
def test_nobody_else_gets_to_the_page(house: Installation, who: str) -> None:
    assert house.browser(who).get("/holds").status_code == 403
