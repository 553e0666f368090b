"""Taking in at the counter in the browser: the doors behind the station, and the receipt's paper."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.services.scans.handover import receive
from audit.evidence import Giver
from tests.support.device import enrol
from tests.support.installation import PASSWORD, Browser, Installation, installed
from tests.unit.reports.paper import text_of

FORM = {
    "recipient_unit": "24.H02",
    "secrecy": "none",
    "weight_g": "90",
    "pieces": "1",
    "outer_envelope": "1",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("handin")) as installation:
        yield installation


@pytest.fixture(scope="module")
def clerk(house: Installation) -> Browser:
    return house.browser("dung")


def register(house: Installation, number: str, **changes: str) -> str:
    form = {**FORM, "document_numbers": number, **changes}
    answer = house.browser("an.nguyen").post("/consignments/new", form, page="/consignments/new")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).rpartition("/")[2]


def agree(browser: Browser, body: object) -> int:
    headers = browser.own({"X-CSRFToken": browser.token("/scan"), "Accept": "application/json"})
    return browser.client.post("/scan/giver", base_url=browser.origin, json=body, headers=headers).status_code


def test_the_tab_is_there_for_clerks_alone(house: Installation, clerk: Browser) -> None:
    assert 'data-mode="handin"' in clerk.get("/scan").text
    assert "Nhận gửi tại quầy" in clerk.get("/scan").text
    courier = house.browser("chien").get("/scan?mode=handin").text
    assert 'data-mode="handin"' not in courier
    assert 'data-start-mode=""' in courier


def test_the_station_is_told_what_an_item_needs_only_under_its_own_agency(
    house: Installation, clerk: Browser
) -> None:
    code = register(house, "1/UB", secrecy="A", seal="NP-7", inner_envelope="1")
    found = clerk.get(f"/scan/brought?code={code}&unit=24.H01").get_json()
    assert (found["found"], found["sealed"]) == (True, True)
    assert "witness" in found["demands"]
    strange = clerk.get(f"/scan/brought?code={code}&unit=24.H02").get_json()
    assert strange == clerk.get("/scan/brought?code=ZK000000005VN&unit=24.H01").get_json()
    assert strange["found"] is False
    assert house.browser("chien").get(f"/scan/brought?code={code}&unit=24.H01").status_code == 200
    assert house.browser("chien").get(f"/scan/brought?code={code}&unit=24.H01").get_json() == strange


def test_a_giver_is_asked_for_exactly_their_list(clerk: Browser) -> None:
    good = {
        "username": "an.nguyen",
        "password": PASSWORD,
        "nonce": "ab" * 16,
        "unit": "24.H01",
        "lines": [{"code": "ZK000000005VN", "verdict": "accept"}],
    }
    bodies: list[object] = [
        None,
        [],
        {**good, "more": "x"},
        {**good, "lines": []},
        {**good, "lines": "ZK000000005VN"},
        {**good, "lines": [{"code": "ZK000000005VN"}]},
        {**good, "lines": [{"code": 5, "verdict": "accept"}]},
        {**good, "nonce": "x"},
        {**good, "unit": "hai từ"},
        {**good, "password": "không phải mật khẩu này"},
        {**good, "username": "dung"},
    ]
    for wrong in bodies:
        assert agree(clerk, wrong) == 422
    assert agree(clerk, good) == 200


def test_the_receipt_is_printed_by_the_clerk_and_the_agency_and_by_nobody_else(
    house: Installation, clerk: Browser
) -> None:
    device = enrol(house, "dung")
    code = register(house, "2/UB")
    take = device.take(code, nonce="")
    lines = tuple(replace(line, check=None) for line in take.lines)
    giver = Giver(unit="24.H01", user=int(house.actors["an.nguyen"].user))
    take = replace(take, lines=lines, giver=giver)
    said = [{"code": code, "verdict": "accept"}]
    body = {"username": "an.nguyen", "password": PASSWORD, "nonce": take.nonce, "unit": "24.H01"}
    assert agree(clerk, {**body, "lines": said}) == 200
    outcome = house.runtime.write(receive, device.sign(take), actor=house.actors["dung"])
    assert outcome.status == "accepted"
    paper = f"/entries/{outcome.entry.index}/hand-in.pdf"
    drawn = clerk.get(paper)
    assert drawn.mimetype == "application/pdf"
    assert code in text_of(drawn.data)
    assert "GIẤY BIÊN NHẬN" in text_of(drawn.data)
    assert house.browser("an.nguyen").get(paper).data == drawn.data
    assert "hand-in.pdf" in clerk.get(f"/entries/{outcome.entry.index}").text
    assert house.browser("chien").get(paper).status_code == 404
    # An entry that took nothing in has no receipt.
    assert clerk.get("/entries/0/hand-in.pdf").status_code == 404
