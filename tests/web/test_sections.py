"""The pages of closed sections: close, be told everywhere, come back, print; overdue on the first page."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.services.shifts.sections import raise_sections
from tests.support.installation import Browser, Installation, installed
from tests.unit.reports.paper import text_of

PATH = "/sections"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


def form(house: Installation, **changes: str) -> dict[str, str]:
    """Fill the form as a clerk does, in Vietnam's clock."""
    expected = house.clock() + timedelta(hours=9)
    return {
        "reason": "errand",
        "expected": f"{expected:%d/%m/%Y %H:%M}",
        "note": "Giao tại Ủy ban",
        "instead": "",
        "access_key": "",
        "seal": "",
    } | changes


def close(house: Installation, browser: Browser, **changes: str) -> str:
    """Close the section and return the page of the closing."""
    answer = browser.post(PATH, form(house, **changes), page=PATH)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_control_8_a_closed_section_is_told_on_every_page_where_somebody_looks(house: Installation) -> None:
    clerk = house.browser("dung")
    page = close(house, clerk)
    shown = clerk.get(page).text
    assert "Đi giao, nhận ngoài quầy" in shown
    assert "Giao tại Ủy ban" in shown
    assert 'id="reopen"' in shown
    for path in ("/", "/shifts", "/unattended", PATH):
        assert "hẹn mở lại" in clerk.get(path).text.lower(), path
    assert clerk.get("/scan/offers").json["closed"][0]["unit"] == "24.P01"  # type: ignore[index]  # a JSON object
    courier = house.browser("chien")
    assert courier.get("/scan/offers?place=24.P01").json["closed"][0]["text"]  # type: ignore[index]  # the same
    stranger = house.browser("an.nguyen")
    assert "Giao tại Ủy ban" in stranger.get(page).text
    assert 'id="reopen"' not in stranger.get(page).text
    assert 'id="inside"' not in stranger.get(page).text
    admin = house.browser("khanh")
    assert "Quầy đóng, hẹn mở lại" in admin.get("/admin/units").text


def test_coming_back_opens_the_section_and_leaves_it_in_the_list_of_the_office(house: Installation) -> None:
    clerk = house.browser("dung")
    page = close(house, clerk)
    assert clerk.post(f"{page}/reopen", {"seal": ""}, page=page).status_code == 303
    assert "Đã mở lại" in clerk.get(page).text
    assert "Mọi quầy đang mở" in clerk.get(PATH).text
    assert clerk.post(f"{page}/reopen", {"seal": ""}, page=PATH).status_code == 409
    assert house.browser("an.nguyen").get(page).status_code == 404


def test_a_form_that_does_not_fit_comes_back_with_what_was_typed(house: Installation) -> None:
    clerk = house.browser("dung")
    answer = clerk.post(PATH, form(house, reason="", expected="hôm qua"), page=PATH)
    assert answer.status_code == 422
    assert "Giao tại Ủy ban" in answer.text
    assert "hôm qua" in answer.text
    # A safe for nothing is refused with what to do.
    clerk.post("/access-keys", {"name": "Két", "kind": "key", "seal": ""}, page="/access-keys")
    close(house, clerk)
    assert clerk.post(PATH, form(house), page=PATH).status_code == 409


def test_a_return_that_does_not_come_stands_on_the_first_page_and_becomes_an_incident(
    house: Installation,
) -> None:
    clerk, auditor = house.browser("dung"), house.browser("giang")
    page = close(house, clerk)
    assert "quầy quá giờ hẹn mở lại" not in clerk.get("/").text
    house.clock.forward(timedelta(hours=2, minutes=5))
    clerk, auditor = house.browser("dung"), house.browser("giang")
    assert "quầy quá giờ hẹn mở lại" in clerk.get("/").text
    assert "quầy quá giờ hẹn mở lại" in auditor.get("/").text
    assert "tự mở sự vụ" in auditor.get("/unattended").text
    house.clock.forward(timedelta(hours=1))
    assert house.runtime.write(raise_sections) == 1
    clerk = house.browser("dung")
    assert "đã mở sự vụ" in clerk.get(page).text


def test_the_notice_is_printed_for_whoever_may_come(house: Installation) -> None:
    page = close(house, house.browser("dung"))
    answer = house.browser("chien").get(f"{page}/notice.pdf")
    assert answer.mimetype == "application/pdf"
    assert "HẸN MỞ LẠI LÚC" in text_of(answer.data)
    assert house.browser("chien").post(PATH, form(house), page="/").status_code == 403
