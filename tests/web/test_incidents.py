"""The pages of an incident: opened by whoever holds the item, followed by its clocks, closed by another."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.domain.access import Role
from app.services.people import accounts
from app.services.people.accounts import CreateUser, IssuedPassword
from crypto.passwords import hash_password
from tests.support.device import Device, enrol
from tests.support.installation import PASSWORD, Browser, Installation, installed
from tests.unit.reports.paper import text_of

SEEN = "Bì ngoài rách một góc, bì trong còn nguyên"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("incidents")) as installation:
        form = {"username": "nga", "full_name": "Ngô Thị Nga", "role": Role.CLERK, "unit": "24.P01"}
        issued = IssuedPassword(text=PASSWORD, hashed=hash_password(PASSWORD), must_change=False)
        installation.runtime.write(
            accounts.create_user, CreateUser(untrusted=form), issued=issued, actor=None
        )
        yield installation


@pytest.fixture(scope="module")
def devices(house: Installation) -> tuple[Device, Device]:
    """Enrol a sender's and a courier's device."""
    return enrol(house, "an.nguyen"), enrol(house, "chien")


@pytest.fixture
def code(devices: tuple[Device, Device]) -> str:
    """Register an item and let a courier take it."""
    sender, courier = devices
    body = {
        "recipient_unit": "24.H02",
        "weight_g": 120,
        "secrecy": "C",
        "outer_envelope": True,
        "confirm_duplicate": True,
    }
    answer = sender.post("/api/v1/consignments", body)  # type: ignore[arg-type]  # the values are plain
    assert answer.json is not None
    found = str(answer.json["consignment"]["code"])
    offer = sender.offer(found, to="24.P01")
    sender.send(offer)
    courier.send(courier.take(found, nonce=offer.nonce, place="24.H01"))
    return found


def open_one(browser: Browser, code: str, **changes: str) -> str:
    """Fill in the form and return the address it leads to."""
    form = {"kind": "damaged", "codes": code, "text": SEEN, **changes}
    answer = browser.post("/incidents", form, page="/incidents/new")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def act(browser: Browser, one: str, step: str, **form: str) -> int:
    return browser.post(f"{one}/{step}", form, page=one).status_code


def bring_to_solution(browser: Browser, one: str) -> None:
    assert act(browser, one, "report", to="sender", text="CV 12") == 303
    for proof in ("minutes", "cover_photo", "sender_told"):
        assert act(browser, one, "evidence", proof=proof, text="Hồ sơ 3") == 303
    assert act(browser, one, "resolve", cause="transport", text="Đã gói lại") == 303


def test_a_clerk_brings_one_to_its_end_and_another_closes_it(house: Installation, code: str) -> None:
    dung, nga = house.browser("dung"), house.browser("nga")
    one = open_one(dung, code)
    page = dung.get(one).text
    assert SEEN in page
    assert "24.P01/2026/" in page
    assert "còn 24 giờ" not in page
    assert "giá trị mẫu" in page
    assert act(dung, one, "resolve", cause="transport", text="x") == 409
    bring_to_solution(dung, one)
    assert "nên người khác phải đóng" in dung.get(one).text
    assert act(dung, one, "close") == 409
    assert act(nga, one, "reopen", text="") == 422
    assert act(nga, one, "close") == 303
    closed = nga.get(one).text
    assert "Đã đóng" in closed
    assert "Ghi ý kiến</button>" not in closed


def test_the_form_opens_with_the_item_it_was_asked_for(house: Installation, code: str) -> None:
    courier = house.browser("chien")
    page = courier.get(f"/consignments/{code}").text
    assert f'href="/incidents/new?code={code}"' in page
    assert code in courier.get(f"/incidents/new?code={code}").text


def test_a_courier_opens_one_is_told_its_number_and_sees_no_page_of_it(
    house: Installation, code: str
) -> None:
    courier = house.browser("chien")
    assert open_one(courier, code) == "/"
    assert re.search(r"Đã mở sự vụ số 24\.P01/2026/\d+", courier.get("/").text)
    assert courier.get("/incidents").status_code == 403
    assert SEEN in house.browser("dung").get(newest(house.browser("dung"))).text


def newest(browser: Browser) -> str:
    found = re.search(r'href="(/incidents/\d+)"', browser.get("/incidents").text)
    assert found is not None
    return found[1]


def test_a_form_with_mistakes_comes_back_with_what_was_typed(house: Installation) -> None:
    browser = house.browser("dung")
    form = {"kind": "theft", "codes": "mã", "text": SEEN}
    answer = browser.post("/incidents", form, page="/incidents/new")
    assert answer.status_code == 422
    assert 'href="#kind-field"' in answer.text
    assert 'href="#codes-field"' in answer.text
    assert SEEN in answer.text


def test_the_clock_runs_on_the_list_and_on_the_first_page(house: Installation, code: str) -> None:
    dung = house.browser("dung")
    one = open_one(dung, code)
    assert "còn 23 giờ" in dung.get("/incidents").text or "còn 1 ngày" in dung.get("/incidents").text
    house.clock.forward(timedelta(hours=30))
    dung = house.browser("dung")
    late = dung.get("/incidents?show=late").text
    assert f'href="{one}"' in late
    assert "quá 6 giờ" in late
    assert "Sự vụ quá hạn" in dung.get("/").text


def test_the_parties_see_it_on_the_page_of_their_item(house: Installation, code: str) -> None:
    one = open_one(house.browser("dung"), code)
    for party in ("an.nguyen", "binh"):
        browser = house.browser(party)
        assert f'href="{one}"' in browser.get(f"/consignments/{code}").text
        page = browser.get(one).text
        assert "Ghi ý kiến" in page
        assert "Ghi kết luận" not in page
        assert "minutes.pdf" not in page
        assert act(browser, one, "comment", text="Chúng tôi đã kiểm tra sổ đi") == 303
    assert "Chúng tôi đã kiểm tra sổ đi" in house.browser("giang").get(one).text


@pytest.mark.parametrize("who", ["hoa", "khanh", "chien"])
def test_nobody_else_gets_to_it(house: Installation, code: str, who: str) -> None:
    one = open_one(house.browser("dung"), code)
    assert house.browser(who).get(one).status_code == 403


def test_an_incident_that_is_not_there_is_not_found(house: Installation) -> None:
    for address in ("/incidents/999999", "/incidents/999999/minutes.pdf"):
        assert house.browser("giang").get(address).status_code == 404


def test_the_timeline_of_the_item_tells_of_it_without_what_was_written(
    house: Installation, code: str
) -> None:
    open_one(house.browser("dung"), code)
    page = house.browser("an.nguyen").get(f"/consignments/{code}").text
    assert "Mở sự vụ" in page
    assert SEEN not in page
    assert "Chữ ký không khớp" not in page


def test_the_minutes_say_the_same_and_are_the_same_bytes(house: Installation, code: str) -> None:
    dung = house.browser("dung")
    one = open_one(dung, code)
    answer = dung.get(f"{one}/minutes.pdf")
    assert answer.mimetype == "application/pdf"
    assert dung.get(f"{one}/minutes.pdf").data == answer.data
    said = " ".join(text_of(answer.data).split())
    assert "BIÊN BẢN" in said
    assert code in said
    assert SEEN in said


def test_it_reads_in_english(house: Installation, code: str) -> None:
    browser = house.browser("giang")
    one = open_one(house.browser("dung"), code)
    browser.post("/locale", {"locale": "en", "next": one}, page=one)
    page = browser.get(one).text
    assert "Damaged" in page
    assert "first report" in page.lower()
