"""The pages of keys and codes: entered, handed, changed with a second person's password, due, printed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.installation import PASSWORD, Browser, Installation, installed
from tests.unit.reports.paper import text_of

FORM = {"name": "Két sắt kho KT1", "kind": "combination", "seal": ""}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


def register(browser: Browser, **changes: str) -> str:
    """Enter one and return its page."""
    answer = browser.post("/access-keys", FORM | changes, page="/access-keys")
    assert answer.status_code == 303, answer.text
    return answer.location


def second(username: str = "chien", password: str = PASSWORD) -> dict[str, str]:
    return {"username": username, "password": password}


def test_control_14_a_code_is_entered_handed_and_changed_before_a_second_person(house: Installation) -> None:
    clerk = house.browser("dung")
    page = register(clerk)
    assert clerk.post(f"{page}/hand", second(), page=page).status_code == 303
    shown = clerk.get(page).text
    assert "Lê Đức Chiến đang giữ" in shown
    assert 'id="hand"' not in shown
    assert clerk.post(f"{page}/hand", second(), page=page).status_code == 409
    assert clerk.post(f"{page}/change", second(), page=page).status_code == 303
    assert 'id="hand"' in clerk.get(page).text
    assert clerk.post(f"{page}/retire", second(), page=page).status_code == 303
    assert "Đã bỏ" in clerk.get(page).text


def test_control_14_a_wrong_password_of_the_second_person_changes_nothing(house: Installation) -> None:
    clerk = house.browser("dung")
    page = register(clerk)
    wrong = clerk.post(f"{page}/hand", second(password="sai"), page=page)
    assert wrong.status_code == 422
    assert 'value="sai"' not in wrong.text
    assert clerk.post(f"{page}/hand", second("an.nguyen"), page=page).status_code == 409
    assert clerk.post(f"{page}/change", second() | {"seal": "NP-1"}, page=page).status_code == 422
    assert 'id="hand"' in clerk.get(page).text


def test_control_14_a_name_with_a_combination_comes_back_with_what_to_do(house: Installation) -> None:
    browser = house.browser("dung")
    answer = browser.post("/access-keys", FORM | {"name": "Két 12-34-56"}, page="/access-keys")
    assert answer.status_code == 422
    assert "Không bao giờ ghi mã khóa" in answer.text


def test_control_14_what_is_overdue_stands_on_the_first_page_and_on_top_of_the_list(
    house: Installation,
) -> None:
    register(house.browser("dung"))
    assert "phải đổi" not in house.browser("dung").get("/").text
    house.clock.forward(timedelta(days=185))
    for name in ("dung", "chien", "giang"):
        browser = house.browser(name)
        assert "chìa khóa, mã khóa phải đổi" in browser.get("/").text
        assert 'id="due"' in browser.get("/access-keys?show=due").text
    figures = house.browser("giang").get("/figures").text
    link = re.search(r'href="(/figures/behind\?kind=access_keys[^"]+)"', figures)
    assert link is not None
    behind = house.browser("giang").get(link[1].replace("&amp;", "&")).text
    assert "Két sắt kho KT1" in behind
    assert "Quá hạn đổi" in behind


def test_the_register_of_an_office_prints_for_its_people_and_the_auditor(house: Installation) -> None:
    register(house.browser("dung"))
    for name, path in (
        ("chien", "/access-keys/register.pdf"),
        ("giang", "/access-keys/register.pdf?office=24.P01"),
    ):
        printed = house.browser(name).get(path)
        assert printed.mimetype == "application/pdf"
        assert "SỔ CHÌA KHÓA, MÃ KHÓA" in text_of(printed.data)
        assert "Két sắt kho KT1" in text_of(printed.data)
    assert house.browser("dung").get("/access-keys/register.pdf?office=24.H01").status_code == 404


@pytest.mark.parametrize("who", ["an.nguyen", "hoa", "khanh"])
def test_nobody_else_opens_it(house: Installation, who: str) -> None:
    assert house.browser(who).get("/access-keys").status_code == 403


def test_an_auditor_reads_and_changes_nothing(house: Installation) -> None:
    page = register(house.browser("dung"))
    auditor = house.browser("giang")
    assert "Két sắt kho KT1" in auditor.get("/access-keys").text
    assert "Két sắt kho KT1" in auditor.get("/access-keys?office=24.P01").text
    assert "Chưa ghi chìa khóa" in auditor.get("/access-keys?office=24.H01").text
    assert auditor.get("/access-keys?office=24.P99").status_code == 404
    assert 'id="change"' not in auditor.get(page).text
    assert auditor.post(f"{page}/change", second("dung"), page=page).status_code == 403
