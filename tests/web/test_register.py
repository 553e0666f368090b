"""The registration form: what it refuses, what it keeps, what it warns of; amending, cancelling, printing."""

import re
from collections.abc import Iterator

import pytest

from tests.support.installation import Browser, Installation, installed

GOOD = {
    "recipient_unit": "24.H02",
    "secrecy": "C",
    "pieces": "1",
    "weight_g": "250",
    "document_numbers": "12/SKHCN",
    "abstract": "Về việc kiểm tra",
    "outer_envelope": "yes",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("register")) as installation:
        yield installation


@pytest.fixture
def focal(house: Installation) -> Browser:
    return house.browser("an.nguyen")


def _register(focal: Browser, **changes: str) -> str:
    answer = focal.post("/consignments/new", {**GOOD, **changes}, page="/consignments/new")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rpartition("/")[2]


def test_top_secret_takes_no_abstract_and_the_rest_is_kept(focal: Browser) -> None:
    form = {**GOOD, "secrecy": "A", "inner_envelope": "yes", "receiver_name": "Lê Văn Ân"}
    answer = focal.post("/consignments/new", form, page="/consignments/new")
    assert answer.status_code == 422
    assert 'href="#abstract-field"' in answer.text
    assert "Lê Văn Ân" in answer.text


def test_an_appointed_consignment_asks_its_time(focal: Browser) -> None:
    answer = focal.post("/consignments/new", {**GOOD, "appointed": "yes"}, page="/consignments/new")
    assert answer.status_code == 422
    assert 'href="#appointed_at-field"' in answer.text


def test_a_time_left_over_from_a_hidden_field_binds_nobody(focal: Browser) -> None:
    code = _register(focal, appointed_at="01/01/2030 09:00", document_numbers="1/TEST")
    assert "Hẹn giờ" not in focal.get(f"/consignments/{code}").text.partition('class="panel"')[0]


def test_the_same_paper_twice_is_a_warning_that_can_be_confirmed(focal: Browser) -> None:
    first = _register(focal, document_numbers="77/TRUNG")
    again = {**GOOD, "document_numbers": "77/TRUNG"}
    answer = focal.post("/consignments/new", again, page="/consignments/new")
    assert answer.status_code == 409
    assert first in answer.text
    assert _register(focal, document_numbers="77/TRUNG", confirm_duplicate="yes") != first


def test_an_amendment_shows_what_was_registered_and_changes_it(focal: Browser) -> None:
    code = _register(focal, document_numbers="2/TEST")
    page = focal.get(f"/consignments/{code}/edit").text
    assert "Về việc kiểm tra" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    changed = {**GOOD, "document_numbers": "2/TEST", "weight_g": "999", "version": version[1]}
    assert focal.post(f"/consignments/{code}/edit", changed).status_code == 303
    assert "999" in focal.get(f"/consignments/{code}").text
    stale = focal.post(f"/consignments/{code}/edit", {**changed, "version": "99"})
    assert stale.status_code == 409


def test_a_cancellation_needs_its_reason_and_shows_it(focal: Browser) -> None:
    code = _register(focal, document_numbers="3/TEST")
    assert focal.post(f"/consignments/{code}/cancel", {"reason": " "}).status_code == 422
    assert focal.post(f"/consignments/{code}/cancel", {"reason": "Gửi nhầm nơi"}).status_code == 303
    assert "Gửi nhầm nơi" in focal.get(f"/consignments/{code}").text


def test_a_reprint_asks_its_reason(focal: Browser) -> None:
    code = _register(focal, document_numbers="4/TEST")
    first = focal.post(f"/consignments/{code}/label.pdf", {"format": "a6", "start": "1"})
    assert first.data.startswith(b"%PDF-")
    assert focal.post(f"/consignments/{code}/label.pdf", {"format": "a6", "start": "1"}).status_code == 422
    again = {"format": "sheet", "start": "5", "reason": "Nhãn nhòe"}
    assert focal.post(f"/consignments/{code}/label.pdf", again).data.startswith(b"%PDF-")
    wrong = focal.post(f"/consignments/{code}/label.pdf", {"format": "sheet", "start": "9", "reason": "x"})
    assert wrong.status_code == 422


def test_the_inner_label_asks_its_own_reason_beside_its_own_field(focal: Browser) -> None:
    form = {"secrecy": "A", "abstract": "", "inner_envelope": "yes", "document_numbers": "40/TEST"}
    code = _register(focal, **form)
    assert focal.post(f"/consignments/{code}/inner-label.pdf").data.startswith(b"%PDF-")
    refused = focal.post(f"/consignments/{code}/inner-label.pdf")
    assert refused.status_code == 422
    assert 'href="#inner_reason-field"' in refused.text
    assert 'aria-describedby="inner_reason-error1"' in refused.text
    again = focal.post(f"/consignments/{code}/inner-label.pdf", {"inner_reason": "Nhãn nhòe"})
    assert again.data.startswith(b"%PDF-")


def test_not_yours_and_not_there_are_the_same_page(house: Installation, focal: Browser) -> None:
    code = _register(focal, document_numbers="5/TEST")
    stranger = house.browser("dung")
    absent = stranger.get("/consignments/ZK000000005VN")
    foreign = stranger.get(f"/consignments/{code}")
    assert absent.status_code == foreign.status_code == 404
    assert absent.text == foreign.text


def test_a_pasted_column_of_codes_lists_what_is_not_found(focal: Browser) -> None:
    code = _register(focal, document_numbers="6/TEST")
    answer = focal.post("/consignments", {"codes": f"{code}\nZK000000005VN\nvớ vẩn"}, page="/consignments")
    found, _, missing = answer.text.partition('id="missing"')
    assert code in found
    assert "ZK000000005VN" in missing


def test_search_needs_no_tone_marks(focal: Browser) -> None:
    code = _register(focal, document_numbers="7/TEST")
    assert code in focal.get("/consignments?q=so+noi+vu").text
    assert focal.get("/consignments?from=31/02/2026").status_code == 422


def test_a_document_is_asked_for_without_its_number_in_any_address(focal: Browser) -> None:
    code = _register(focal, document_numbers="70/TEST")
    answer = focal.post("/consignments", {"document": "70/test"}, page="/consignments")
    assert code in answer.text
    assert "70/test" not in "".join(re.findall(r'(?:href|action)="([^"]*)"', answer.text))
    ignored = focal.get("/consignments?document=70/test")
    assert 'id="found"' not in ignored.text
    form = re.search(r'<form[^>]*method="get"[^>]*role="search".*?</form>', ignored.text, re.DOTALL)
    assert form is not None
    assert 'name="document"' not in form[0]


def test_the_way_to_the_login_page_carries_a_path_and_no_question(house: Installation) -> None:
    answer = house.browser().get("/consignments?q=70/TEST&document=70/TEST")
    assert answer.headers["Location"] == "/login?next=%2Fconsignments"


@pytest.mark.parametrize("number", ["9" * 15, "9" * 20, "9" * 5000, "٣"])
def test_a_number_no_database_holds_is_simply_wrong(house: Installation, focal: Browser, number: str) -> None:
    code = _register(focal, document_numbers=f"{len(number)}/SO")
    stale = focal.post(f"/consignments/{code}/edit", {**GOOD, "version": number})
    assert stale.status_code == 409
    wrong = {"format": "sheet", "start": number}
    assert focal.post(f"/consignments/{code}/label.pdf", wrong).status_code == 422
    assert focal.get(f"/entries/{number}").status_code == 404
    assert house.browser("khanh").get(f"/admin/users/{number}").status_code == 404
    assert house.browser("giang").get(f"/log?before={number}").status_code == 200
