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


def test_a_number_leads_to_the_list_behind_it(house: Installation) -> None:
    auditor = house.browser("giang")
    page = auditor.get("/figures/behind?kind=key_ins&unit=24.P01")
    assert page.status_code == 200
    assert "Mã nhập tay" in page.text
    assert "Không có gì trong khoảng này" in page.text
    assert auditor.get("/figures/behind?kind=guesses&unit=24.P01").status_code == 404


def test_the_table_is_there_as_data_and_as_a_workbook(house: Installation) -> None:
    auditor = house.browser("giang")
    found = auditor.get("/figures/data.json").json
    assert found is not None
    assert {"from", "until", "offices"} == set(found)
    workbook = auditor.get("/figures/table.xlsx")
    assert workbook.data[:2] == b"PK"


@pytest.mark.parametrize("address", ["/figures/data.json", "/figures/table.xlsx"])
def test_a_period_that_cannot_be_is_refused_as_data_too(house: Installation, address: str) -> None:
    assert house.browser("giang").get(f"{address}?from=31/02/2026").status_code == 422
