"""Who receives for a unit, over the API: what the page does, with the same permissions."""

from datetime import timedelta

from app.api.receiver_schemas import MandateAnswer, MandatesAnswer, RaisedAnswer
from crypto.canonical import JsonValue
from crypto.timestamps import format_at
from tests.support.device import Device
from tests.support.installation import Installation

PATH = "/api/v1/receivers"


def word(house: Installation, user: str, **changes: JsonValue) -> dict[str, JsonValue]:
    until = format_at(house.clock() + timedelta(days=30))
    said: dict[str, JsonValue] = {"user": int(house.actors[user].user), "kind": "receiver"}
    return said | {"basis": "QĐ 12", "valid_until": until} | changes


def listed(device: Device) -> list[MandateAnswer]:
    answer = device.get(PATH)
    assert answer.status_code == 200, answer.text
    return MandatesAnswer.model_validate(answer.json).mandates


def test_a_focal_point_grants_lists_and_revokes_for_its_own_unit_alone(
    house: Installation, receiver: Device, sender: Device
) -> None:
    granted = receiver.post(PATH, word(house, "binh"))
    assert granted.status_code == 201, granted.text
    mandate = MandateAnswer.model_validate(granted.json)
    assert (mandate.user, mandate.state) == (int(house.actors["binh"].user), "valid")
    assert listed(receiver) == [mandate]
    assert listed(sender) == []
    stranger = sender.client.post(f"{PATH}/{mandate.id}/revoke", headers=sender.headers)
    assert stranger.status_code == 404
    ended = receiver.client.post(f"{PATH}/{mandate.id}/revoke", headers=receiver.headers)
    assert MandateAnswer.model_validate(ended.json).state == "revoked"
    again = receiver.client.post(f"{PATH}/{mandate.id}/revoke", headers=receiver.headers)
    assert (again.status_code, again.json and again.json["error"]["code"]) == (409, "mandate_revoked")


def test_a_mandate_is_for_a_colleague_and_has_an_end(house: Installation, receiver: Device) -> None:
    wrong = receiver.post(PATH, word(house, "an.nguyen", valid_until=format_at(house.clock())))
    assert wrong.status_code == 422
    assert wrong.json is not None
    fields = {problem["field"] for problem in wrong.json["error"]["problems"]}
    assert fields == {"user", "valid_until"}


def test_couriers_keep_nobodys_list(house: Installation, courier: Device) -> None:
    assert courier.get(PATH).status_code == 403
    assert courier.post(PATH, word(house, "chien")).status_code == 403


def test_an_agency_raises_what_is_due_for_its_own_items(sender: Device, courier: Device) -> None:
    due = sender.client.post("/api/v1/tracers/due", headers=sender.headers)
    assert (due.status_code, RaisedAnswer.model_validate(due.json).raised) == (200, 0)
    assert courier.client.post("/api/v1/tracers/due", headers=courier.headers).status_code == 403
