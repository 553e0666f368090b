"""The doors behind the scan station: what they answer to hostile bodies and to strange codes."""

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from app.http.surface import Surface
from audit.evidence import KeyInReason
from tests.support.installation import Browser, Installation, installed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("scan")) as installation:
        yield installation


@pytest.fixture
def courier(house: Installation) -> Browser:
    return house.browser("chien")


def _submit(browser: Browser, body: bytes) -> TestResponse:
    headers = browser.own({"X-CSRFToken": browser.token("/scan"), "Accept": "application/json"})
    return browser.client.post(
        "/scan/submit", base_url=browser.origin, data=body, headers=headers, content_type="application/json"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"envelopes":[]}',
        b'{"envelopes":{}}',
        b'{ "envelopes": [1]}',
        b'{"envelopes":[1],"envelopes":[1]}',
        b'{"envelopes":[1],"more":1}',
        b'{"envelopes":["e\xcc\x81"]}',
        b"\xff\xfe",
        b'{"envelopes":[' + b",".join([b"1"] * 51) + b"]}",
    ],
)
def test_a_body_that_is_not_ours_is_refused_whole(courier: Browser, body: bytes) -> None:
    answer = _submit(courier, body)
    assert answer.status_code == 422
    assert answer.get_json()["error"]["message"]


def test_what_is_no_envelope_gets_its_error_in_its_place(courier: Browser) -> None:
    results = _submit(courier, b'{"envelopes":[1,{}]}').get_json()["results"]
    assert [(one["status"], one["entry"]) for one in results] == [("error", None)] * 2
    assert all(one["message"] for one in results)


def test_the_desk_is_empty_for_whoever_holds_nothing(courier: Browser) -> None:
    desk = courier.get("/scan/offers").get_json()
    assert (desk["held"], desk["incoming"], desk["outgoing"]) == ([], [], [])
    assert desk["me"]["unit_code"] == "24.P01"


def test_a_strange_code_is_explained_without_telling_whether_it_exists(courier: Browser) -> None:
    absent = courier.get("/scan/lookup?code=ZK000000005VN").get_json()
    assert absent["found"] is False
    assert absent == courier.get("/scan/lookup?code=<script>").get_json()


def _named(browser: Browser, unit: str) -> list[str]:
    people = browser.get(f"/scan/lookup?unit={unit}").get_json()["people"]
    return [person["name"].partition(" · ")[0] for person in people]


def test_only_those_who_may_take_are_named_to_whoever_has_something_to_give(
    house: Installation, courier: Browser
) -> None:
    focal = house.browser("an.nguyen")
    assert _named(focal, "24.P01") == []
    form = {
        "recipient_unit": "24.H02",
        "secrecy": "none",
        "pieces": "1",
        "weight_g": "9",
        "outer_envelope": "1",
    }
    assert focal.post("/consignments/new", form, page="/consignments/new").status_code == 303
    assert sorted(_named(focal, "24.P01")) == ["Lê Đức Chiến", "Phạm Thị Dung"]
    assert _named(focal, "24.H02") == []
    assert _named(focal, "24.S01") == []
    assert _named(courier, "24.P01") == []


def test_a_clerk_stays_at_the_counter_and_nobody_else_does(house: Installation, courier: Browser) -> None:
    assert 'data-counter="yes"' in house.browser("dung").get("/scan?mode=offer").text
    for elsewhere in (courier, house.browser("an.nguyen")):
        assert 'data-counter=""' in elsewhere.get("/scan?mode=offer").text


def test_whoever_types_a_code_chooses_among_every_reason_at_any_station(house: Installation) -> None:
    app = house.app(Surface.PEOPLE)
    with app.test_request_context():
        panel = app.jinja_env.get_template("scan/_key_in.html").render()
    assert re.findall(r'name="reason" id="keyin-\w+" value="(\w+)"', panel) == [
        one.value for one in KeyInReason
    ]
