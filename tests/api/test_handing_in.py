"""Handing in at a counter over the API: the giver agrees to one list, the clerk's device signs that list."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.api.counter_schemas import GiverAnswer
from app.api.schemas import ScansAnswer
from audit.evidence import Giver, Take
from crypto.canonical import JsonValue
from tests.support.device import Device, enrol
from tests.support.installation import PASSWORD, Installation, installed

PATH = "/api/v1/scans/givers"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("counter")) as installation:
        yield installation


@pytest.fixture(scope="module")
def sender(house: Installation) -> Device:
    return enrol(house, "an.nguyen")


@pytest.fixture(scope="module")
def clerk(house: Installation) -> Device:
    return enrol(house, "dung")


def register(sender: Device, number: int) -> str:
    body: dict[str, JsonValue] = {
        "recipient_unit": "24.H02",
        "weight_g": 90,
        "outer_envelope": True,
        "document_numbers": [f"{number}/UB"],
        "confirm_duplicate": True,
    }
    answer = sender.post("/api/v1/consignments", body)
    assert answer.status_code == 201, answer.text
    return str((answer.json or {})["consignment"]["code"])


def brought(clerk: Device, *codes: str, giver: int) -> Take:
    take = clerk.take(*codes, nonce="")
    lines = tuple(replace(line, check=None) for line in take.lines)
    return replace(take, lines=lines, giver=Giver(unit="24.H01", user=giver))


def agreement(take: Take, **changes: JsonValue) -> dict[str, JsonValue]:
    lines: list[JsonValue] = [{"code": line.code, "verdict": line.verdict.value} for line in take.lines]
    return {
        "username": "an.nguyen",
        "password": PASSWORD,
        "nonce": take.nonce,
        "unit": "24.H01",
        "lines": lines,
        **changes,
    }


def refusals(clerk: Device, take: Take) -> list[str]:
    found = ScansAnswer.model_validate(clerk.send(take).json)
    return [line.refusal for result in found.results for line in result.lines]


def test_a_list_is_taken_in_once_its_giver_has_agreed_to_it(
    house: Installation, sender: Device, clerk: Device
) -> None:
    codes = [register(sender, number) for number in (1, 2)]
    user = int(house.actors["an.nguyen"].user)
    take = brought(clerk, *codes, giver=user)
    found = GiverAnswer.model_validate(clerk.post(PATH, agreement(take)).json)
    assert found.giver == user
    assert refusals(clerk, take) == ["", ""]
    item = clerk.get(f"/api/v1/consignments/{codes[0]}").json
    assert item is not None
    assert item["state"] == "in_custody"


def test_another_list_than_the_one_agreed_to_is_refused(
    house: Installation, sender: Device, clerk: Device
) -> None:
    first, second = register(sender, 3), register(sender, 4)
    take = brought(clerk, first, second, giver=int(house.actors["an.nguyen"].user))
    answer = clerk.post(PATH, agreement(replace(take, lines=take.lines[:1])))
    assert answer.status_code == 200
    assert refusals(clerk, take) == ["giver_not_present"] * 2


@pytest.mark.parametrize(
    "changed",
    [
        {"password": "không phải mật khẩu này"},
        {"username": "dung"},
        {"nonce": "xyz"},
        {"unit": ""},
        {"lines": []},
        {"lines": [{"code": "ZK1", "verdict": "maybe"}]},
        {"lines": [{"code": "ZK1"}]},
        {"letter": "15/GGT"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_wrong_agreement_is_refused(
    house: Installation, sender: Device, clerk: Device, changed: dict[str, JsonValue]
) -> None:
    take = brought(clerk, register(sender, 5), giver=int(house.actors["an.nguyen"].user))
    assert clerk.post(PATH, agreement(take, **changed)).status_code == 422
    assert refusals(clerk, take) == ["giver_not_present"]


def test_a_letter_may_be_limited_to_a_mark(house: Installation, sender: Device) -> None:
    body: dict[str, JsonValue] = {
        "holder": int(house.actors["an.nguyen"].user),
        "number": "15/GGT",
        "valid_until": "01/12/2026 00:00",
        "up_to": "B",
    }
    issued = sender.post("/api/v1/authorities", body)
    assert (issued.status_code, (issued.json or {})["up_to"]) == (201, "B")
    assert sender.post("/api/v1/authorities", {**body, "number": "16/GGT", "up_to": "D"}).status_code == 422
