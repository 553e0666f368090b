"""The pages of the handover policy: read by everybody, published by the administrator."""

import re
from collections.abc import Iterator

import pytest

from app.domain.handover_policy import sample_policy
from app.services.scans.policies import form_of
from tests.support.installation import Installation, installed

SAMPLE = "Giá trị mẫu, chưa được cơ quan có thẩm quyền xác nhận."
EVERYBODY = ("an.nguyen", "chien", "giang", "hoa", "khanh")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("policies")) as installation:
        yield installation


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_reads_the_policy_and_only_the_administrator_publishes(
    house: Installation, name: str
) -> None:
    page = house.browser(name).get("/handover-policy").text
    assert SAMPLE in page
    assert ("/handover-policy/next" in page) == (name == "khanh")


def test_a_version_is_published_from_the_form_and_a_wrong_cell_is_shown_in_its_place(
    house: Installation,
) -> None:
    browser = house.browser("khanh")
    form = {**form_of(sample_policy()), "source": "13/QĐ-UBND", "valid_from": "01/02/2027 00:00"}
    wrong = browser.post("/handover-policy/next", {**form, "witness.A": ""}, page="/handover-policy/next")
    assert wrong.status_code == 422
    assert "Người chứng kiến, Tuyệt mật (A)" in wrong.text
    answer = browser.post("/handover-policy/next", {**form, "witness.A": "no"}, page="/handover-policy/next")
    assert answer.status_code == 303
    shown = browser.get("/handover-policy?version=1").text
    assert "13/QĐ-UBND" in shown
    assert re.search(r'<td data-cell="witness.A" data-label="[^"]+"><span class="muted">Không', shown)
    # Until its day comes, the sample counts.
    assert SAMPLE in browser.get("/handover-policy").text
    assert browser.get("/handover-policy?version=9").status_code == 404
