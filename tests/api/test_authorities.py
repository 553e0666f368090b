"""Letters of introduction through the API: issued once per number, listed, taken back once."""

from crypto.canonical import JsonValue
from tests.support.device import Device
from tests.support.installation import Installation

PATH = "/api/v1/authorities"


def test_a_focal_point_issues_a_letter_and_takes_it_back(house: Installation, sender: Device) -> None:
    body: dict[str, JsonValue] = {
        "holder": int(house.actors["an.nguyen"].user),
        "number": "15/GGT",
        "valid_until": "01/12/2026 00:00",
    }
    issued = sender.post(PATH, body)
    assert issued.status_code == 201
    paper = issued.json
    assert paper is not None
    assert (paper["kind"], paper["unit"], paper["state"]) == ("letter", "24.H01", "valid")
    assert sender.post(PATH, body).status_code == 409
    listed = sender.get(PATH).json
    assert listed is not None
    assert [one["number"] for one in listed["authorities"]] == ["15/GGT"]
    assert [one["number"] for one in listed["ending"]] == ["15/GGT"]
    path = f"{PATH}/{paper['id']}/revoke"
    revoked = sender.post(path, {"reason": "holder_left"}).json
    assert revoked is not None
    assert (revoked["state"], revoked["revoked_for"]) == ("revoked", "holder_left")
    assert sender.post(path, {"reason": "holder_left"}).status_code == 409


def test_a_courier_sees_the_own_card_and_issues_nothing(house: Installation, courier: Device) -> None:
    listed = courier.get(PATH).json
    assert listed is not None
    (card,) = listed["authorities"]
    assert (card["holder"], card["kind"]) == (int(house.actors["chien"].user), "courier_card")
    assert courier.post(PATH, {"holder": 1, "number": "1", "valid_until": "x"}).status_code == 403


def test_a_letter_of_another_agency_is_not_there(
    house: Installation, sender: Device, receiver: Device
) -> None:
    body: dict[str, JsonValue] = {
        "holder": int(house.actors["binh"].user),
        "number": "7/GGT",
        "valid_until": "01/12/2026 00:00",
    }
    issued = receiver.post(PATH, body).json
    assert issued is not None
    assert sender.post(f"{PATH}/{issued['id']}/revoke", {"reason": "lost"}).status_code == 404
    listed = sender.get(PATH).json
    assert listed is not None
    assert issued["id"] not in [one["id"] for one in listed["authorities"]]
