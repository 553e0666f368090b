"""The pages of bags and the doors behind the bag station: who sees what, and where no seal is ever shown."""

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from app.services.people import units
from app.services.people.units import AddUnit
from tests.support.installation import PASSWORD, Browser, Installation, installed

NONCE = "ab" * 16


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("bags")) as installation:
        form = {"code": "24.P02", "kind": "point", "name": "Bưu cục Từ Sơn", "province": "24"}
        command = AddUnit(untrusted=form)
        installation.runtime.write(units.add_unit, command, actor=installation.actors["khanh"])
        yield installation


@pytest.fixture(scope="module")
def clerk(house: Installation) -> Browser:
    return house.browser("dung")


def start(browser: Browser, asset: str, destination: str = "24.P02") -> TestResponse:
    return browser.post("/bags/new", {"destination": destination, "asset": asset}, page="/bags/new")


@pytest.fixture(scope="module")
def bag(clerk: Browser) -> str:
    answer = start(clerk, "TUI-001")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rpartition("/")[2]


def attest(browser: Browser, body: object) -> TestResponse:
    headers = browser.own({"X-CSRFToken": browser.token("/bags/station"), "Accept": "application/json"})
    return browser.client.post("/bags/station/witness", base_url=browser.origin, json=body, headers=headers)


def test_a_started_bag_stands_in_its_queue_and_has_its_page(clerk: Browser, bag: str) -> None:
    page = clerk.get("/bags?queue=packing")
    assert bag in page.text
    shown = clerk.get(f"/bags/{bag}")
    assert shown.status_code == 200
    for words in ("Bưu cục Từ Sơn", "TUI-001", "Đang xếp", "Mở chuyến túi", "Túi chưa có gì."):
        assert words in shown.text


def test_a_wrong_start_says_what_is_wrong_and_keeps_what_was_typed(clerk: Browser, bag: str) -> None:
    answer = start(clerk, "TUI-001")
    assert answer.status_code == 422
    assert 'value="TUI-001"' in answer.text
    assert start(clerk, "TUI-2", destination="24.P01").status_code == 422
    assert start(clerk, "TUI-2", destination="24.H01").status_code == 422
    assert bag


def test_the_form_offers_other_offices_of_the_post_only(clerk: Browser) -> None:
    offered = re.findall(r'<option value="([^"]+)"', clerk.get("/bags/new").text)
    assert offered == ["24.P02"]


def test_a_courier_of_the_office_does_not_see_a_clerks_bag(house: Installation, bag: str) -> None:
    courier = house.browser("chien")
    assert courier.get(f"/bags/{bag}").status_code == 404
    assert courier.get(f"/bags/station/bag?code={bag}").status_code == 404
    assert bag not in courier.get("/bags").text


def test_the_auditor_sees_every_bag_and_may_do_nothing_to_it(house: Installation, bag: str) -> None:
    auditor = house.browser("giang")
    assert bag in auditor.get("/bags").text
    page = auditor.get(f"/bags/{bag}")
    assert page.status_code == 200
    assert "/bags/station" not in page.text
    assert auditor.get("/bags/station").status_code == 403


def test_the_station_is_told_what_is_in_an_open_bag_and_nothing_of_a_seal(clerk: Browser, bag: str) -> None:
    told = clerk.get(f"/bags/station/bag?code={bag}").get_json()["bag"]
    assert (told["state"], told["mine"], told["contents"]) == ("open", True, [])
    assert not [name for name in told if "seal" in name]


def test_the_tag_is_printed_once_without_and_again_with_a_reason(clerk: Browser, bag: str) -> None:
    page = f"/bags/{bag}"
    first = clerk.post(f"{page}/tag.pdf", page=page)
    assert (first.status_code, first.mimetype) == (200, "application/pdf")
    assert clerk.post(f"{page}/tag.pdf", page=page).status_code == 422
    again = clerk.post(f"{page}/tag.pdf", {"reason": "Thẻ cũ rách"}, page=page)
    assert again.mimetype == "application/pdf"
    assert "Đã in 2 lần" in clerk.get(page).text


def test_a_tag_scanned_into_the_search_opens_its_bag_for_whoever_may_see_it(
    house: Installation, clerk: Browser, bag: str
) -> None:
    found = clerk.get(f"/consignments?q={bag}")
    assert (found.status_code, found.headers["Location"]) == (303, f"/bags/{bag}")
    for name in ("chien", "an.nguyen"):
        assert house.browser(name).get(f"/consignments?q={bag}").status_code == 200


def test_an_entry_about_a_bag_leads_to_the_bag(clerk: Browser, bag: str) -> None:
    entry = re.search(r'href="(/entries/[0-9]+)"', clerk.get(f"/bags/{bag}").text)
    assert entry
    shown = clerk.get(entry[1])
    assert shown.status_code == 200
    assert f'href="/bags/{bag}"' in shown.text


def test_an_open_bag_has_no_manifest(clerk: Browser, bag: str) -> None:
    assert clerk.get(f"/bags/{bag}/manifest.pdf").status_code == 404
    assert clerk.get(f"/bags/{bag}/manifest.json").status_code == 404


def test_a_witness_proves_who_they_are_for_one_act(house: Installation, clerk: Browser, bag: str) -> None:
    said = {"username": "chien", "password": PASSWORD, "nonce": NONCE, "subject": bag}
    answer = attest(clerk, said)
    assert answer.status_code == 200
    assert answer.get_json()["witness"] == int(house.actors["chien"].user)
    assert PASSWORD not in answer.text


def test_a_wrong_witness_is_one_answer_whatever_was_wrong(clerk: Browser, bag: str) -> None:
    right = {"username": "chien", "password": PASSWORD, "nonce": "cd" * 16, "subject": bag}
    for change in ({"password": "sai"}, {"username": "nobody"}, {"username": "dung"}):
        answer = attest(clerk, {**right, **change})
        assert answer.status_code == 422
        assert answer.get_json()["error"]["code"] == "login_failed"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"username": "chien", "password": PASSWORD, "nonce": "x", "subject": "ZT000000005VN"},
        {"username": "chien", "password": PASSWORD, "nonce": NONCE, "subject": "<b>"},
        {"username": 1, "password": PASSWORD, "nonce": NONCE, "subject": "ZT000000005VN"},
        {"username": "chien", "password": PASSWORD, "nonce": NONCE, "subject": "ZT000000005VN", "more": 1},
    ],
)
def test_a_body_that_is_not_ours_is_refused(clerk: Browser, body: object) -> None:
    assert attest(clerk, body).status_code == 422


def test_guessing_a_witness_is_throttled(house: Installation) -> None:
    clerk = house.browser("dung")
    said = {"username": "khanh", "password": "sai", "nonce": NONCE, "subject": "ZT000000005VN"}
    statuses = [attest(clerk, said).status_code for _ in range(30)]
    assert statuses[0] == 422
    assert statuses[-1] == 429
