"""The auditor's page of figures per office."""

from collections.abc import Iterator

import pytest

from tests.support.installation import Installation, installed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("figures")) as installation:
        yield installation


def test_an_office_with_an_incident_has_its_line(house: Installation) -> None:
    clerk = house.browser("dung")
    form = {"kind": "damaged", "codes": "", "text": "Bì rách"}
    assert clerk.post("/incidents", form, page="/incidents/new").status_code == 303
    page = house.browser("giang").get("/figures").text
    assert "Bưu cục Trung tâm" in page
    assert "Báo cáo đầu quá hạn" in page


def test_a_period_without_anything_says_so(house: Installation) -> None:
    page = house.browser("giang").get("/figures?from=01/01/2025&until=02/01/2025").text
    assert "Không đơn vị nào" in page


def test_a_period_that_cannot_be_comes_back_with_what_was_typed(house: Installation) -> None:
    answer = house.browser("giang").get("/figures?from=31/02/2026")
    assert answer.status_code == 422
    assert 'value="31/02/2026"' in answer.text


@pytest.mark.parametrize("who", ["an.nguyen", "chien", "dung", "hoa", "khanh"])
def test_nobody_else_reads_it(house: Installation, who: str) -> None:
    assert house.browser(who).get("/figures").status_code == 403
