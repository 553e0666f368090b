"""The page of tracers: what is due is raised by a button, the letter is printed, the office asked answers."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.cli.suspense import raise_everything
from tests.support.device import Device, enrol
from tests.support.installation import Installation, installed
from tests.web.test_acknowledgements import delivered


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("tracers")) as installation:
        yield installation


@pytest.fixture(scope="module")
def devices(house: Installation) -> dict[str, Device]:
    return {name: enrol(house, name) for name in ("an.nguyen", "binh", "chien")}


def test_a_letter_is_raised_printed_and_answered(house: Installation, devices: dict[str, Device]) -> None:
    code = delivered(devices)
    sender, receiver = house.browser("an.nguyen"), house.browser("binh")
    assert "Chưa có văn bản nào" in sender.get("/tracers").text
    house.clock.forward(timedelta(days=6, minutes=5))
    sender, receiver = house.browser("an.nguyen"), house.browser("binh")
    assert sender.post("/tracers/due", page="/tracers").status_code == 303
    page = sender.get("/tracers").text
    assert "01/24.H01-TC" in page
    assert code in page
    assert '/answer"' not in page
    printed = receiver.get("/tracers/1.pdf")
    assert (printed.status_code, printed.data[:5]) == (200, b"%PDF-")
    assert house.browser("chien").get("/tracers/1.pdf").status_code == 404
    wrong = receiver.post("/tracers/1/answer", {"answer": "maybe"}, page="/tracers")
    assert wrong.status_code == 422
    good = receiver.post("/tracers/1/answer", {"answer": "slip_sent"}, page="/tracers")
    assert good.status_code == 303
    assert "Đã gửi phiếu, đang trên đường về" in sender.get("/tracers").text
    again = receiver.post("/tracers/1/answer", {"answer": "slip_sent"}, page="/tracers")
    assert again.status_code == 422
    shown = sender.get(f"/consignments/{code}").text
    assert "Lập thư tra cứu" in shown
    assert "Trả lời thư tra cứu" in shown


def test_the_interface_lists_and_answers_letters(house: Installation, devices: dict[str, Device]) -> None:
    delivered(devices)
    house.clock.forward(timedelta(days=6, minutes=5))
    house.browser("an.nguyen").post("/tracers/due", page="/tracers")
    listed = devices["binh"].get("/api/v1/tracers").json
    assert listed is not None
    waiting = next(one for one in listed["tracers"] if one["state"] == "waiting" and one["step"] == "tracer")
    path = f"/api/v1/tracers/{waiting['id']}/answer"
    assert devices["an.nguyen"].post(path, {"answer": "slip_sent"}).status_code == 404
    assert devices["binh"].post(path, {"answer": "unknown"}).status_code == 422
    answered = devices["binh"].post(path, {"answer": "not_received"})
    assert (answered.status_code, answered.json and answered.json["tracers"][0]["state"]) == (200, "answered")
    assert devices["binh"].post(path, {"answer": "not_received"}).status_code == 409


def test_the_command_raises_what_is_due_until_nothing_is_left(
    house: Installation, devices: dict[str, Device]
) -> None:
    delivered(devices)
    house.clock.forward(timedelta(days=30))
    assert raise_everything(house.runtime) >= 2
    assert raise_everything(house.runtime) == 0
