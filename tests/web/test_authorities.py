"""The pages of courier cards and letters: listed to whoever answers for them, issued, printed, taken back."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.installation import Installation, installed
from tests.unit.reports.paper import text_of


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


def form(house: Installation, holder: str, **changes: str) -> dict[str, str]:
    user = str(int(house.actors[holder].user))
    return {"holder": user, "number": "15/TGL", "valid_until": "01/12/2026 00:00"} | changes


def test_an_administrator_issues_a_card_prints_it_and_takes_it_back(house: Installation) -> None:
    browser = house.browser("khanh")
    answer = browser.post("/authorities", form(house, "dung"), page="/authorities")
    assert answer.status_code == 303
    shown = browser.get("/authorities").text
    (paper,) = re.findall(r'href="(/authorities/\d+\.pdf)">[^<]*<svg.*?</svg> 15/TGL', shown, re.DOTALL)
    printed = browser.get(paper)
    assert printed.mimetype == "application/pdf"
    assert "Phạm Thị Dung" in text_of(printed.data)
    revoked = browser.post(paper.replace(".pdf", "/revoke"), {"reason": "lost"}, page="/authorities")
    assert revoked.status_code == 303
    assert "Bị mất" in browser.get("/authorities").text
    assert "KHÔNG CÒN GIÁ TRỊ" in text_of(browser.get(paper).data)
    again = browser.post(paper.replace(".pdf", "/revoke"), {"reason": "lost"}, page="/authorities")
    assert again.status_code == 409


def test_a_wrong_form_comes_back_with_what_was_written_and_why(house: Installation) -> None:
    browser = house.browser("khanh")
    answer = browser.post("/authorities", form(house, "an.nguyen", valid_until="mai"), page="/authorities")
    assert answer.status_code == 422
    assert "15/TGL" in answer.text
    taken = browser.post("/authorities", form(house, "dung", number="003/TGL"), page="/authorities")
    assert taken.status_code == 409
    assert "đã cấp cho một giấy khác" in taken.text


def test_what_ends_soon_stands_on_top_and_a_courier_sees_the_own_card_only(house: Installation) -> None:
    assert 'id="ending"' not in house.browser("khanh").get("/authorities").text
    house.clock.forward(timedelta(days=271))
    assert 'id="ending"' in house.browser("khanh").get("/authorities").text
    own = house.browser("chien").get("/authorities").text
    assert "Lê Đức Chiến" in own
    assert "Phạm Thị Dung" not in own
    assert 'name="holder"' not in own


def test_a_paper_of_others_is_not_there(house: Installation) -> None:
    browser = house.browser("khanh")
    browser.post("/authorities", form(house, "dung"), page="/authorities")
    shown = browser.get("/authorities").text
    (paper,) = re.findall(r'href="(/authorities/\d+\.pdf)">[^<]*<svg.*?</svg> 15/TGL', shown, re.DOTALL)
    assert house.browser("dung").get(paper).status_code == 200
    assert house.browser("giang").get(paper).status_code == 200
    assert house.browser("chien").get(paper).status_code == 404
    assert house.browser("binh").get(paper).status_code == 404
