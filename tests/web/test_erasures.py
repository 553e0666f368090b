"""The pages of an erasure: one person proposes, another reads what will happen and decides."""

from collections.abc import Iterator

import pytest

from app.services.items.sealed_fields import LOST
from app.storage.uow import UnitOfWork
from tests.support.device import enrol
from tests.support.installation import Browser, Installation, installed

ABSTRACT = "Về việc kiểm tra đột xuất kho mật"
DECISION = "12/QĐ-UBND ngày 20/11/2026"
ASKED = {"abstract": "yes", "reason": "misplaced_secret", "decision": DECISION}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("erasures")) as installation:
        yield installation


@pytest.fixture
def code(house: Installation) -> str:
    """Register an item with an abstract and let a courier take it."""
    sender, courier = enrol(house, "an.nguyen"), enrol(house, "chien")
    body = {
        "recipient_unit": "24.H02",
        "weight_g": 120,
        "document_numbers": ["1/CV"],
        "secrecy": "C",
        "outer_envelope": True,
        "abstract": ABSTRACT,
        "confirm_duplicate": True,
    }
    answer = sender.post("/api/v1/consignments", body)  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    found = str(answer.json["consignment"]["code"])
    offer = sender.offer(found, to="24.P01")
    sender.send(offer)
    taken = courier.send(courier.take(found, nonce=offer.nonce, place="24.H01")).json
    assert taken is not None
    assert taken["results"][0]["status"] == "accepted"
    return found


def propose(house: Installation, code: str, **changes: str) -> Browser:
    browser = house.browser("an.nguyen")
    page = f"/consignments/{code}/erasure"
    answer = browser.post(page, {**ASKED, **changes}, page=page)
    assert answer.status_code == 303, answer.text
    return browser


def newest(auditor: Browser) -> str:
    """Return the address of the last proposal that waits."""
    waiting = auditor.get("/erasures").text.partition('id="decided"')[0]
    return "/erasures/" + waiting.rpartition('href="/erasures/')[2].partition('"')[0]


def test_a_value_is_shown_until_another_person_approves_then_the_decision_is(
    house: Installation, code: str
) -> None:
    focal = propose(house, code)
    page = focal.get(f"/consignments/{code}").text
    assert ABSTRACT in page
    assert "chờ kiểm tra viên duyệt" in page
    auditor = house.browser("giang")
    one = newest(auditor)
    shown = auditor.get(one).text
    assert "Trích yếu" in shown
    assert "Nguyễn Văn An" in shown
    assert "xóa hẳn" in shown
    assert ABSTRACT not in shown
    answer = auditor.post(f"{one}/approve", page=one)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/erasures")
    assert "Hoàng Giang" in auditor.get("/erasures").text.partition('id="decided"')[2]
    page = focal.get(f"/consignments/{code}").text
    assert ABSTRACT not in page
    assert f"đã xóa theo quyết định {DECISION}" in page
    assert "Đã duyệt xóa thông tin" in page
    assert "Chữ ký không khớp" not in page


def test_a_refusal_keeps_the_value(house: Installation, code: str) -> None:
    focal = propose(house, code)
    auditor = house.browser("giang")
    one = newest(auditor)
    assert auditor.post(f"{one}/refuse", page=one).status_code == 303
    page = focal.get(f"/consignments/{code}").text
    assert ABSTRACT in page
    assert "Không duyệt" in page
    assert "Đề nghị xóa thông tin" in page


def test_a_second_decision_is_refused_and_said(house: Installation, code: str) -> None:
    propose(house, code)
    auditor = house.browser("giang")
    one = newest(auditor)
    auditor.post(f"{one}/approve", page=one)
    again = auditor.post(f"{one}/refuse", page="/log")
    assert again.status_code == 409
    assert "đã có người quyết định" in again.text


def test_a_form_with_mistakes_comes_back_with_what_was_typed(house: Installation, code: str) -> None:
    browser, page = house.browser("an.nguyen"), f"/consignments/{code}/erasure"
    answer = browser.post(page, {"decision": DECISION, "reason": "because"}, page=page)
    assert answer.status_code == 422
    assert 'href="#fields-field"' in answer.text
    assert 'href="#reason-field"' in answer.text
    assert DECISION in answer.text


def test_another_agency_finds_no_such_page(house: Installation, code: str) -> None:
    stranger = house.browser("binh")
    page = f"/consignments/{code}/erasure"
    assert stranger.post(page, ASKED).status_code == 404
    assert "Đề nghị xóa thông tin" not in stranger.get(f"/consignments/{code}").text


def test_a_value_that_was_lost_with_a_database_is_said_to_be(house: Installation, code: str) -> None:
    def lose(uow: UnitOfWork) -> None:
        uow.consignments.reseal(uow.consignments.get_details(code).consignment.id, abstract_sealed=LOST)

    house.runtime.write(lose)
    page = house.browser("an.nguyen").get(f"/consignments/{code}").text
    assert ABSTRACT not in page
    assert "đã mất khi khôi phục dữ liệu từ nhật ký" in page
    # There is nothing left of it that could be erased.
    assert 'name="abstract"' not in house.browser("an.nguyen").get(f"/consignments/{code}/erasure").text
