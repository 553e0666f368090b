"""The pages of what is owed: the standard, the two clocks on an item's page, filing a slip, printing one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.domain.acknowledgement import ReceiptKind, slip_code
from app.domain.service_standard import sample_standard
from app.services.owed.standards import form_of
from audit.evidence import Purpose
from crypto.canonical import JsonValue
from tests.support.device import Device, enrol
from tests.support.installation import Installation, installed

SAMPLE = "Giá trị mẫu, chưa được cơ quan có thẩm quyền xác nhận."


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("acknowledgements")) as installation:
        yield installation


@pytest.fixture(scope="module")
def devices(house: Installation) -> dict[str, Device]:
    return {name: enrol(house, name) for name in ("an.nguyen", "binh", "chien")}


def registered(devices: dict[str, Device]) -> str:
    body: dict[str, JsonValue] = {
        "recipient_unit": "24.H02",
        "weight_g": 5,
        "secrecy": "B",
        "confirm_duplicate": True,
    }
    answer = devices["an.nguyen"].post("/api/v1/consignments", body)
    assert answer.json is not None
    return str(answer.json["consignment"]["code"])


def delivered(devices: dict[str, Device]) -> str:
    code = registered(devices)
    sender, courier, receiver = devices["an.nguyen"], devices["chien"], devices["binh"]
    offer = sender.offer(code, to="24.P01")
    assert sender.send(offer).status_code == 200
    assert courier.send(courier.take(code, nonce=offer.nonce, place="24.H01")).status_code == 200
    offer = courier.offer(code, to="24.H02", purpose=Purpose.DELIVERY, place="24.H02")
    assert courier.send(offer).status_code == 200
    taken = receiver.send(receiver.take(code, nonce=offer.nonce)).json
    assert taken is not None
    assert taken["results"][0]["status"] == "accepted", taken
    return code


def slip(house: Installation, code: str, kind: ReceiptKind = ReceiptKind.DELIVERED) -> str:
    return house.runtime.tools.label_keys.qr_text(slip_code(kind, code))


def test_the_items_page_shows_both_clocks_and_says_that_the_times_are_a_sample(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = delivered(devices)
    page = house.browser("an.nguyen").get(f"/consignments/{code}").text
    assert SAMPLE in page
    assert 'id="clock-delivery"' in page
    assert 'id="clock-acknowledgement"' in page
    house.clock.forward(timedelta(days=30))
    assert "Quá hạn" in house.browser("an.nguyen").get(f"/consignments/{code}").text


def test_a_slip_is_filed_in_one_field_and_the_page_is_ready_for_the_next(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = delivered(devices)
    browser = house.browser("an.nguyen")
    assert code in browser.get("/acknowledgements").text
    answer = browser.post("/acknowledgements", {"slip": slip(house, code)}, page="/acknowledgements")
    assert answer.status_code == 303
    page = browser.get("/acknowledgements").text
    assert f"Phiếu báo phát của bưu gửi {code}" in page
    assert f'href="/consignments/{code}"' not in page
    shown = browser.get(f"/consignments/{code}").text
    assert "Phiếu báo đã về nơi gửi" in shown


@pytest.mark.parametrize("wrong", ["", "ZK473124829VN", "BPZK473124829VN|L1|AAAAAAAAAAAAAAAA"])
def test_a_wrong_slip_says_beside_the_field_what_to_do(house: Installation, wrong: str) -> None:
    browser = house.browser("an.nguyen")
    answer = browser.post("/acknowledgements", {"slip": wrong}, page="/acknowledgements")
    assert answer.status_code == 422
    assert 'id="slip-error1"' in answer.text


def test_a_slip_of_another_agency_answers_like_one_of_nobody(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = delivered(devices)
    browser = house.browser("binh")
    answers = [
        browser.post("/acknowledgements", {"slip": text}, page="/acknowledgements")
        for text in (slip(house, code), slip(house, "ZK000000005VN"))
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert len({answer.text.count("Đây không phải mã của phiếu báo") for answer in answers}) == 1


def test_the_receiver_prints_the_slip_and_the_sender_does_not(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = delivered(devices)
    path = f"/consignments/{code}/receipts/delivered.pdf"
    for name in ("binh", "chien"):
        browser = house.browser(name)
        assert path in browser.get(f"/consignments/{code}").text
        printed = browser.get(path)
        assert (printed.status_code, printed.data[:5]) == (200, b"%PDF-")
    sender = house.browser("an.nguyen")
    assert path not in sender.get(f"/consignments/{code}").text
    assert sender.get(path).status_code == 404
    assert house.browser("binh").get(path.replace("delivered", "returned")).status_code == 409
    assert house.browser("binh").get(path.replace("delivered", "other")).status_code == 404


def test_everybody_reads_the_standard_and_only_the_administrator_publishes(house: Installation) -> None:
    for name in ("an.nguyen", "chien", "giang", "hoa", "khanh"):
        page = house.browser(name).get("/service-standard").text
        assert SAMPLE in page
        assert ("/service-standard/next" in page) == (name == "khanh")


def test_a_version_is_published_from_the_form_and_a_wrong_cell_is_shown_in_its_place(
    house: Installation,
) -> None:
    browser = house.browser("khanh")
    form = {**form_of(sample_standard()), "source": "12/QĐ-UBND", "valid_from": "01/02/2027 00:00"}
    wrong = browser.post(
        "/service-standard/next", {**form, "delivery.A.none.intra.centre": "0"}, page="/service-standard/next"
    )
    assert wrong.status_code == 422
    assert "Thời gian toàn trình, Tuyệt mật (A), Thường, Nội tỉnh, Trung tâm" in wrong.text
    answer = browser.post("/service-standard/next", form, page="/service-standard/next")
    assert answer.status_code == 303
    shown = browser.get("/service-standard?version=1").text
    assert "12/QĐ-UBND" in shown
    # Until its day comes, the sample counts.
    assert SAMPLE in browser.get("/service-standard").text
    assert browser.get("/service-standard?version=9").status_code == 404


def test_the_interface_gives_the_clocks_the_queues_and_files_a_slip(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = delivered(devices)
    sender = devices["an.nguyen"]
    shown = sender.get(f"/api/v1/consignments/{code}").json
    assert shown is not None
    assert shown["delivery_clock"]["state"] == "met"
    assert shown["acknowledgement_clock"]["state"] == "running"
    assert shown["standard_version"] == 0
    listed = sender.get("/api/v1/suspense?queue=open_acknowledgement").json
    assert listed is not None
    assert code in [item["code"] for item in listed["items"]]
    assert sender.get("/api/v1/suspense?queue=in_hand").status_code == 422
    filed = sender.post("/api/v1/acknowledgements", {"slip": slip(house, code)})
    assert (filed.status_code, filed.json and filed.json["receipt"]) == (201, "delivered")
    again = sender.post("/api/v1/acknowledgements", {"slip": slip(house, code)})
    assert (again.status_code, again.json and again.json["error"]["code"]) == (409, "already_filed")
    assert devices["binh"].post("/api/v1/acknowledgements", {"slip": slip(house, code)}).status_code == 404
    assert devices["chien"].post("/api/v1/acknowledgements", {"slip": slip(house, code)}).status_code == 403
