"""What is in nobody's hands through the API, and the answer of the place."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.services.owed.unattended import raise_unattended
from crypto.canonical import JsonValue
from tests.support.device import enrol
from tests.support.installation import Installation, installed
from tests.web.test_acknowledgements import registered

PATH = "/api/v1/unattended"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


def test_a_clerk_lists_what_lies_about_and_answers_once(fresh: Installation) -> None:
    devices = {name: enrol(fresh, name) for name in ("an.nguyen", "binh", "chien", "dung")}
    code = registered(devices)
    offer = devices["an.nguyen"].offer(code, to="24.P01")
    devices["an.nguyen"].send(offer)
    devices["chien"].send(devices["chien"].take(code, nonce=offer.nonce, place="24.H01"))
    devices["chien"].send(devices["chien"].offer(code, to="24.P01"))
    assert devices["dung"].get(PATH).json == {"unattended": [], "sample": True, "has_more": False}
    fresh.clock.forward(timedelta(hours=9))
    fresh.runtime.write(raise_unattended)
    listed = devices["dung"].get(PATH).json
    assert listed is not None
    (one,) = listed["unattended"]
    assert (one["code"], one["reason"], one["bag"]) == (code, "offer_unanswered", False)
    assert one["custodian"] == int(fresh.actors["chien"].user)
    answer = f"{PATH}/{one['question']}/answer"
    body: JsonValue = {"answer": "handing_over", "note": "Giao ca chiều"}
    assert devices["chien"].post(answer, body).status_code == 403
    assert devices["binh"].post(answer, body).status_code == 404
    said = devices["dung"].post(answer, body)
    assert said.status_code == 200
    assert said.json is not None
    assert said.json["unattended"][0]["answer"] == "handing_over"
    assert devices["dung"].post(answer, body).status_code == 409
