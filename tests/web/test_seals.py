"""The register of seals as pages: administrators issue, clerks void, everybody sees what must be left."""

from collections.abc import Iterator

import pytest

from tests.support.installation import Installation, installed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("seals")) as installation:
        yield installation


def test_an_issue_is_seen_by_its_office_and_a_void_takes_one_from_what_is_left(house: Installation) -> None:
    administrator = house.browser("khanh")
    form = {"office": "24.P01", "first": "NP-0001", "last": "NP-0500"}
    assert administrator.post("/seals/issues", form, page="/seals").status_code == 303
    clerk = house.browser("dung")
    page = clerk.get("/seals").text
    assert "NP-0001" in page
    assert "còn 500" in page
    gone = {"seal": "np-0007", "reason": "spoiled"}
    assert clerk.post("/seals/voids", gone, page="/seals").status_code == 303
    assert "còn 499" in clerk.get("/seals").text


def test_a_form_with_mistakes_comes_back_with_what_was_typed(house: Installation) -> None:
    administrator = house.browser("khanh")
    answer = administrator.post(
        "/seals/issues", {"office": "24.P01", "first": "NQ-9", "last": "NQ-10"}, page="/seals"
    )
    assert answer.status_code == 422
    assert 'href="#last-field"' in answer.text
    assert 'value="NQ-9"' in answer.text


def test_a_clerk_issues_nothing_and_an_agency_sees_no_seals(house: Installation) -> None:
    assert "Cấp niêm phong cho bưu cục" not in house.browser("dung").get("/seals").text
    assert house.browser("an.nguyen").get("/seals").status_code == 403
