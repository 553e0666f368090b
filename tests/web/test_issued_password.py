"""A password that somebody else has seen opens nothing but its own change, in the browser and on a device."""

from collections.abc import Iterator

import pytest

from app.services.people import accounts
from app.services.people.accounts import IssuedPassword
from crypto.passwords import hash_password
from tests.support.device import enrol
from tests.support.installation import PASSWORD, Installation, installed

ISSUED = IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD))
OWN = "con ốc sên bò ngược dốc"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("issued")) as installation:
        yield installation


def issue(house: Installation, username: str) -> None:
    user, administrator = house.actors[username].user, house.actors["khanh"]
    house.runtime.write(accounts.reset_password, user, issued=ISSUED, actor=administrator)


def test_an_issued_password_leads_to_the_account_page_and_nowhere_else(house: Installation) -> None:
    issue(house, "chien")
    browser = house.browser("chien")
    for path in ("/", "/consignments", "/scan", "/devices"):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account"), path
    program = browser.get("/scan/offers", Accept="application/json")
    assert program.status_code == 403
    assert program.json is not None
    assert program.json["error"]["code"] == "password_change_required"
    assert "người khác cấp" in browser.get("/account").text
    change = {"old_password": PASSWORD, "new_password": OWN}
    assert browser.post("/account", change, page="/account").headers["Location"] == "/login"
    again = house.browser()
    again.post("/login", {"username": "chien", "password": OWN}, page="/login")
    assert again.get("/").status_code == 200


def test_the_device_of_a_person_with_an_issued_password_is_refused(house: Installation) -> None:
    device = enrol(house, "chien")
    assert device.get("/api/v1/offers").status_code == 200
    issue(house, "chien")
    assert device.get("/api/v1/offers").status_code == 401
