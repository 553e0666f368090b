"""Keys and codes of offices through the API: entered, listed, handed before a second person."""

import pytest

from crypto.canonical import JsonValue
from tests.support.device import Device, enrol
from tests.support.installation import PASSWORD, Installation

PATH = "/api/v1/access-keys"


@pytest.fixture(scope="module")
def clerk(house: Installation) -> Device:
    return enrol(house, "dung")


def test_control_14_a_key_is_handed_and_changed_with_the_second_persons_password(
    house: Installation, clerk: Device, courier: Device
) -> None:
    made = clerk.post(PATH, {"name": "Phòng khai thác", "kind": "key"})
    assert made.status_code == 201
    key = made.json
    assert key is not None
    assert (key["state"], key["office"], key["seal"]) == ("in_order", "24.P01", "")
    body: dict[str, JsonValue] = {"username": "chien", "password": PASSWORD}
    wrong = clerk.post(f"{PATH}/{key['id']}/hand", body | {"password": "sai"})
    assert wrong.status_code == 422
    handed = clerk.post(f"{PATH}/{key['id']}/hand", body).json
    assert handed is not None
    assert handed["holder"] == int(house.actors["chien"].user)
    assert clerk.post(f"{PATH}/{key['id']}/hand", body).status_code == 409
    assert clerk.post(f"{PATH}/{key['id']}/change", body | {"seal": ""}).status_code == 200
    listed = courier.get(f"{PATH}?due=false").json
    assert listed is not None
    assert (listed["due"], [one["name"] for one in listed["access_keys"]]) == (0, ["Phòng khai thác"])
    due = courier.get(f"{PATH}?due=true").json
    assert due is not None
    assert due["access_keys"] == []
    assert clerk.post(f"{PATH}/{key['id']}/retire", body).status_code == 200


def test_a_name_that_gives_a_code_away_is_refused_and_so_is_whoever_keeps_no_keys(
    clerk: Device, sender: Device
) -> None:
    assert clerk.post(PATH, {"name": "Két 36-12-08", "kind": "combination"}).status_code == 422
    assert sender.get(PATH).status_code == 403
    body: dict[str, JsonValue] = {"username": "chien", "password": PASSWORD}
    assert clerk.post(f"{PATH}/999/hand", body).status_code == 404
