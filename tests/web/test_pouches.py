"""Pages of pouches: entered, sent on a list, answered by another office, written off by two."""

from collections.abc import Iterator

import pytest

from app.domain.access import Role
from app.services.people import accounts, units
from app.services.people.accounts import CreateUser, IssuedPassword
from app.services.people.units import AddUnit
from crypto.passwords import hash_password
from tests.support.installation import PASSWORD, Browser, Installation, installed
from tests.unit.reports.paper import text_of

OFFICE = "24.P02"
_ISSUED = IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD), must_change=False)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("pouches")) as installation:
        form = {"code": OFFICE, "kind": "point", "name": "Bưu cục Từ Sơn", "province": "24"}
        installation.runtime.write(
            units.add_unit, AddUnit(untrusted=form), actor=installation.actors["khanh"]
        )
        for username, unit in (("tuan", OFFICE), ("nga", "24.P01")):
            person = {"username": username, "full_name": f"Ngô {username.title()}", "unit": unit}
            command = CreateUser(untrusted=person | {"role": Role.CLERK.value})
            installation.runtime.write(accounts.create_user, command, issued=_ISSUED, actor=None)
        yield installation


@pytest.fixture(scope="module")
def clerk(house: Installation) -> Browser:
    return house.browser("dung")


@pytest.fixture(scope="module")
def other(house: Installation) -> Browser:
    return house.browser("tuan")


def enter(browser: Browser, *assets: str) -> int:
    return browser.post("/pouches", {"pouches": " ".join(assets)}, page="/pouches").status_code


def send(browser: Browser, assets: str, **more: str) -> str:
    form = {"to_office": OFFICE, "pouches": assets, **more}
    answer = browser.post("/pouches/lists/new", form, page="/pouches/lists/new")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_pouches_are_entered_once_and_counted_in_the_balance(clerk: Browser) -> None:
    assert enter(clerk, "TUI-101", "TUI-102") == 303
    page = clerk.get("/pouches?queue=empty").text
    assert 'href="/pouches/of/TUI-101"' in page
    assert "giá trị mẫu" in page
    again = clerk.post("/pouches", {"pouches": "TUI-101"}, page="/pouches")
    assert again.status_code == 422
    assert 'href="#pouches-field"' in again.text
    assert "Vỏ túi TUI-101 đã có trong sổ" in again.text


def test_a_list_is_sent_printed_and_answered_by_the_other_office_with_a_difference(
    house: Installation, clerk: Browser, other: Browser
) -> None:
    enter(clerk, "TUI-111", "TUI-112")
    place = send(clerk, "TUI-111", pouch="TUI-112")
    paper = clerk.get(f"{place}/list.pdf")
    assert paper.mimetype == "application/pdf"
    assert paper.data.startswith(b"%PDF")
    assert "phiếu trả vỏ túi chờ ký nhận" in other.get("/").text
    assert "Ký nhận" not in clerk.get(place).text
    forgotten = other.post(place, {"mark.TUI-111": "received"}, page=place)
    assert forgotten.status_code == 422
    assert 'href="#mark.TUI-112-field"' in forgotten.text
    marks = {"mark.TUI-111": "received", "mark.TUI-112": "missing"}
    assert other.post(place, marks, page=place).status_code == 303
    page = other.get(place).text
    assert "đã ký nhận" in page
    assert "Thiếu" in page
    assert "Vỏ túi: Thiếu" in clerk.get("/").text
    assert 'href="/incidents/' in clerk.get("/pouches/of/TUI-112").text
    assert "Bưu cục Từ Sơn" in house.browser("giang").get("/figures").text


def test_a_bag_is_not_started_with_a_pouch_that_lies_elsewhere_and_the_page_says_where(
    clerk: Browser, other: Browser
) -> None:
    enter(other, "TUI-201")
    form = {"destination": OFFICE, "asset": "TUI-201"}
    answer = clerk.post("/bags/new", form, page="/bags/new")
    assert answer.status_code == 422
    assert "do Bưu cục Từ Sơn giữ" in answer.text


def test_a_pouch_is_written_off_by_two_persons(house: Installation, clerk: Browser) -> None:
    enter(clerk, "TUI-301")
    page = "/pouches/of/TUI-301"
    form = {"reason": "worn", "by": "two"}
    assert clerk.post(f"{page}/propose", form, page=page).status_code == 303
    assert 'id="decide"' not in clerk.get(page).text
    alone = clerk.post(f"{page}/decide", {"decision": "retire"}, page=page)
    assert alone.status_code == 422
    second = house.browser("nga")
    assert 'id="decide"' in second.get(page).text
    assert second.post(f"{page}/decide", {"decision": "retire"}, page=page).status_code == 303
    assert "Đã xóa khỏi sổ" in second.get(page).text


def test_a_courier_looks_and_changes_nothing_and_an_agency_has_no_register(house: Installation) -> None:
    courier = house.browser("chien")
    assert "Ghi vỏ túi vào sổ" not in courier.get("/pouches").text
    assert courier.get("/pouches/lists/new").status_code == 403
    assert house.browser("an.nguyen").get("/pouches").status_code == 403


def test_a_list_made_by_mistake_is_cancelled_by_its_sender_with_a_reason(
    clerk: Browser, other: Browser
) -> None:
    enter(clerk, "TUI-171")
    place = send(clerk, "TUI-171")
    assert 'id="cancel"' in clerk.get(place).text
    assert 'id="cancel"' not in other.get(place).text
    assert clerk.post(f"{place}/cancel", {"reason": ""}, page=place).status_code == 422
    assert other.post(f"{place}/cancel", {"reason": "mistake"}, page=place).status_code == 404
    assert clerk.post(f"{place}/cancel", {"reason": "wrong_office"}, page=place).status_code == 303
    page = other.get(place).text
    assert "đã hủy" in page
    assert "Sai nơi nhận" in page
    assert 'value="received"' not in page
    late = other.post(place, {"mark.TUI-171": "received"}, page=place)
    assert late.status_code == 422
    assert "Nơi gửi đã hủy phiếu" in late.text
    assert "ĐÃ HỦY" in text_of(clerk.get(f"{place}/list.pdf").data)
    assert 'href="/pouches/of/TUI-171"' in clerk.get("/pouches?queue=empty").text
