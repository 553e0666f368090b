"""The page that says who had what when: one address for a question, and nobody asks about others."""

from collections.abc import Iterator

import pytest

from tests.support.device import Device, enrol
from tests.support.installation import Installation, installed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("holdings")) as installation:
        yield installation


@pytest.fixture(scope="module")
def code(house: Installation) -> str:
    """Register an item and let a courier take it."""
    sender, courier = enrol(house, "an.nguyen"), enrol(house, "chien")
    found = _register(sender)
    offer = sender.offer(found, to="24.P01")
    sender.send(offer)
    taken = courier.send(courier.take(found, nonce=offer.nonce, place="24.H01")).json
    assert taken is not None
    assert taken["results"][0]["status"] == "accepted"
    return found


def _register(sender: Device) -> str:
    body = {"recipient_unit": "24.H02", "weight_g": 120, "document_numbers": ["1/CV"]}
    answer = sender.post("/api/v1/consignments", body)  # type: ignore[arg-type]
    assert answer.json is not None
    return str(answer.json["consignment"]["code"])


def test_an_item_s_page_leads_to_the_question_who_had_it(house: Installation, code: str) -> None:
    sender = house.browser("an.nguyen")
    page = sender.get(f"/consignments/{code}")
    assert f"/holdings?holder=thing&amp;value={code}" in page.text
    answer = sender.get(f"/holdings?holder=thing&value={code}")
    assert answer.status_code == 200
    assert "Lê Đức Chiến" in answer.text
    assert "chữ ký vừa kiểm lại" in answer.text
    earlier = sender.get(f"/holdings?holder=thing&value={code}&at=01/01/2020+08:00")
    assert "chưa được đăng ký vào lúc đó" in earlier.text


def test_a_person_s_own_holdings_are_the_page_without_a_question(house: Installation, code: str) -> None:
    assert f'data-code="{code}"' in house.browser("chien").get("/holdings").text
    assert "Không giữ gì vào lúc đó." in house.browser("dung").get("/holdings").text


def test_the_auditor_asks_about_anybody_and_a_courier_about_nobody_else(
    house: Installation, code: str
) -> None:
    asked = "/holdings?holder=user&value=chien"
    assert f'data-code="{code}"' in house.browser("giang").get(asked).text
    assert f'data-code="{code}"' in house.browser("giang").get("/holdings?holder=unit&value=24.P01").text
    refused = house.browser("dung").get(asked)
    assert refused.status_code == 404
    assert code not in refused.text
    assert "Không thấy trong phạm vi của bạn" in refused.text


def test_a_time_that_is_none_is_named_beside_its_field(house: Installation, code: str) -> None:
    answer = house.browser("an.nguyen").get(f"/holdings?holder=thing&value={code}&at=hôm+qua")
    assert answer.status_code == 422
    assert "at-error1" in answer.text


def test_the_timeline_says_what_is_planned_before_what_has_happened(house: Installation, code: str) -> None:
    page = house.browser("an.nguyen").get(f"/consignments/{code}").text
    assert page.index('id="planned-delivery"') < page.index('<ol class="timeline" reversed>')


def test_rarely_used_pages_stand_behind_one_word_of_the_menu(house: Installation) -> None:
    page = house.browser("giang").get("/").text
    bar, _, more = page.partition('id="more"')
    assert "/log" in bar
    assert "/corrections" in more.partition("</details>")[0]
