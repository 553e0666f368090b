"""The pages of a correction: declared at the entry, confirmed by an auditor, struck through, never edited."""

import re
from collections.abc import Iterator

import pytest

from tests.support.device import Device, enrol
from tests.support.installation import Browser, Installation, installed

TEXT = "Máy in kẹt giấy, nhãn chưa hề ra khỏi máy"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("corrections")) as installation:
        yield installation


@pytest.fixture(scope="module")
def sender(house: Installation) -> Device:
    return enrol(house, "an.nguyen")


@pytest.fixture
def code(house: Installation, sender: Device) -> str:
    """Register an item and print its label."""
    body = {"recipient_unit": "24.H02", "weight_g": 120, "confirm_duplicate": True}
    answer = sender.post("/api/v1/consignments", body)  # type: ignore[arg-type]  # the values are plain
    assert answer.json is not None
    found = str(answer.json["consignment"]["code"])
    browser = house.browser("an.nguyen")
    page = f"/consignments/{found}/label"
    printed = browser.post(f"{page}.pdf", {"format": "a6", "start": "1"}, page=page)
    assert printed.status_code == 200
    return found


def entry_of(browser: Browser, code: str, title: str) -> str:
    """Return the address of the newest entry with this title."""
    page = browser.get(f"/consignments/{code}").text
    event = page[page.index(title) :]
    found = re.search(r'href="(/entries/\d+)"', event)
    assert found is not None
    return found[1]


def declare(browser: Browser, entry: str, **changes: str) -> int:
    form = {"reason": "did_not_occur", "corrective": "", "text": TEXT, **changes}
    page = f"{entry}/correction"
    return browser.post(page, form, page=page).status_code


def test_control_11_the_wrong_entry_is_struck_through_and_stays(house: Installation, code: str) -> None:
    focal, auditor = house.browser("an.nguyen"), house.browser("giang")
    entry = entry_of(focal, code, "In nhãn")
    assert "Đề nghị đính chính" in focal.get(entry).text
    assert declare(focal, entry) == 303
    waiting = auditor.get("/corrections").text
    assert TEXT in waiting
    found = re.search(r'action="(/corrections/\d+)/confirm"', waiting)
    assert found is not None
    assert auditor.post(f"{found[1]}/confirm", page="/corrections").status_code == 303
    page = focal.get(f"/consignments/{code}").text
    assert "<s>In nhãn</s>" in page
    assert "đã đính chính: Không xảy ra" in page
    assert "Đính chính sai sót" in page
    assert "Chữ ký không khớp" not in page
    shown = focal.get(entry).text
    assert 'id="declared-wrong"' in shown
    assert "Đề nghị đính chính</a>" not in shown


def test_a_second_decision_is_refused_and_said(house: Installation, code: str) -> None:
    focal, auditor = house.browser("an.nguyen"), house.browser("giang")
    declare(focal, entry_of(focal, code, "In nhãn"))
    found = re.search(r'action="(/corrections/\d+)/refuse"', auditor.get("/corrections").text)
    assert found is not None
    assert auditor.post(f"{found[1]}/refuse", page="/corrections").status_code == 303
    again = auditor.post(f"{found[1]}/confirm", page="/corrections")
    assert again.status_code == 409
    assert "đã có người quyết định" in again.text


def test_a_form_with_mistakes_comes_back_with_what_was_typed(house: Installation, code: str) -> None:
    focal = house.browser("an.nguyen")
    page = f"{entry_of(focal, code, 'In nhãn')}/correction"
    answer = focal.post(page, {"reason": "x", "corrective": "y", "text": TEXT}, page=page)
    assert answer.status_code == 422
    assert 'href="#reason-field"' in answer.text
    assert TEXT in answer.text


def test_a_handover_offers_no_such_thing(house: Installation, sender: Device, code: str) -> None:
    focal = house.browser("an.nguyen")
    sender.send(sender.offer(code, to="24.P01"))
    entry = entry_of(focal, code, "Bên giao đã quét giao")
    assert "Đề nghị đính chính" not in focal.get(entry).text
    assert "không đính chính được" in focal.get(f"{entry}/correction").text
    assert declare(focal, entry) == 422


def test_another_agency_finds_no_such_entry(house: Installation, code: str) -> None:
    entry = entry_of(house.browser("an.nguyen"), code, "In nhãn")
    stranger = house.browser("binh")
    assert stranger.get(f"{entry}/correction").status_code == 404
