"""Pages of shifts, reliefs and musters: who is told what, and what a count hides."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.evidence import ActLine, EntryMode, EvidenceKind
from tests.support.device import Device, enrol
from tests.support.installation import Browser, Installation, installed
from tests.web.test_acknowledgements import registered


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as installation:
        yield installation


@pytest.fixture
def devices(house: Installation) -> dict[str, Device]:
    return {name: enrol(house, name) for name in ("an.nguyen", "binh", "chien", "dung")}


def in_hand(devices: dict[str, Device]) -> str:
    """Bring one item into the courier's hands."""
    item = registered(devices)
    offer = devices["an.nguyen"].offer(item, to="24.P01")
    devices["an.nguyen"].send(offer)
    devices["chien"].send(devices["chien"].take(item, nonce=offer.nonce, place="24.H01"))
    return item


def open_shift(browser: Browser) -> str:
    answer = browser.post("/shifts", page="/shifts")
    assert answer.status_code == 303
    return str(answer.headers["Location"]).rpartition("/")[2]


def count(device: Device, shift: str, *codes: str) -> None:
    lines = [ActLine(code=code, entry=EntryMode.SCAN) for code in codes]
    said = device.act(EvidenceKind.COUNT, shift, *lines, facts={"part": 1, "last": "yes"})
    assert device.send(said).status_code == 200


def test_while_counting_the_first_page_says_that_it_hides_what_is_held(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = in_hand(devices)
    browser = house.browser("chien")
    shift = open_shift(browser)
    assert code in browser.get("/").text
    assert browser.post(f"/shifts/{shift}/count", page=f"/shifts/{shift}").status_code == 303
    home = browser.get("/").text
    assert "Tôi đang giữ: đang che" in home
    assert not re.search(r"<b>\d+</b><span>Tôi đang giữ", home)
    assert 'id="in_hand"' not in home
    assert code not in home
    count(devices["chien"], shift, code)
    assert "đang che" not in browser.get("/").text
    assert code in browser.get("/").text


def test_a_courier_finds_their_shift_on_the_first_page(house: Installation) -> None:
    home = house.browser("chien").get("/").text
    assert re.search(r'id="my-shift" href="/shifts"', home)
    assert 'id="my-shift"' not in house.browser("binh").get("/").text


def test_an_auditor_is_told_the_office_of_every_shift_and_who_cannot_open_the_next(
    house: Installation, devices: dict[str, Device]
) -> None:
    in_hand(devices)
    shift = open_shift(house.browser("chien"))
    assert "chưa mở được ca kế tiếp" not in house.browser("giang").get("/shifts").text
    count(devices["chien"], shift)
    listed = house.browser("giang").get("/shifts").text
    assert 'data-label="Bưu cục"' in listed
    (blocked,) = re.findall(r'id="blocked".*?</div>', listed, flags=re.DOTALL)
    assert "24.P01" in blocked
    assert "Lê Đức Chiến" in blocked
    assert 'data-label="Bưu cục"' not in house.browser("dung").get("/shifts").text


def test_the_yearly_inventory_opens_a_muster_of_every_place_once(house: Installation) -> None:
    auditor = house.browser("giang")
    assert 'action="/musters/open/all"' in auditor.get("/musters").text
    assert auditor.post("/musters/open/all", page="/musters").status_code == 303
    listed = auditor.get("/musters").text
    assert "Đã mở 1 cuộc kiểm kê: KK-24.P01-2026-1." in listed
    assert auditor.post("/musters/open/all", page="/musters").status_code == 303
    assert "Không mở cuộc nào" in auditor.get("/musters").text
    assert 'action="/musters/open/all"' not in house.browser("dung").get("/musters").text


def test_a_muster_is_withdrawn_on_its_page_and_whoever_owed_a_count_sees_their_own_again(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = in_hand(devices)
    auditor, courier = house.browser("giang"), house.browser("chien")
    opened = auditor.post("/musters", {"unit": "24.P01", "person": ""}, page="/musters")
    muster = str(opened.headers["Location"])
    assert "đang che" in courier.get("/").text
    assert f'action="{muster}/withdraw"' in auditor.get(muster).text
    # Neither the place that is mustered nor its clerk has the button.
    assert "/withdraw" not in courier.get(muster).text
    assert "/withdraw" not in house.browser("dung").get(muster).text
    assert auditor.get(f"{muster}/minutes.pdf").status_code == 404
    empty = auditor.post(f"{muster}/withdraw", {"reason": ""}, page=muster)
    assert (empty.status_code, "Chọn lý do hủy kiểm kê." in empty.text) == (422, True)
    refused = house.browser("dung").post(f"{muster}/withdraw", {"reason": "mistake"}, page=muster)
    assert refused.status_code == 409
    assert auditor.post(f"{muster}/withdraw", {"reason": "mistake"}, page=muster).status_code == 303
    shown = auditor.get(muster).text
    assert "Cuộc kiểm kê đã hủy, không có kết quả." in shown
    assert "Mở nhầm" in shown
    assert "/withdraw" not in shown
    assert "Phải có" not in shown
    assert "Đã hủy" in auditor.get("/musters").text
    assert auditor.get(f"{muster}/minutes.pdf").data[:5] == b"%PDF-"
    assert code in courier.get("/").text
    assert courier.get(f"{muster}/count").status_code == 303


def test_pages_of_earlier_counts_are_shut_for_whoever_counts(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = in_hand(devices)
    browser, auditor = house.browser("chien"), house.browser("giang")
    shift = open_shift(browser)
    count(devices["chien"], shift)
    assert code in browser.get(f"/shifts/{shift}").text
    assert "thiếu 1" in browser.get("/shifts").text
    auditor.post("/musters", {"unit": "24.P01", "person": ""}, page="/musters")
    hidden = browser.get(f"/shifts/{shift}").text
    assert code not in hidden
    assert 'id="hidden"' in hidden
    assert "thiếu 1" not in browser.get("/shifts").text
    assert browser.get("/pouches").status_code == 409
    assert code in auditor.get(f"/shifts/{shift}").text


def test_a_relief_is_made_out_on_its_page_and_shown_to_both(
    house: Installation, devices: dict[str, Device]
) -> None:
    code = in_hand(devices)
    leaver, successor = house.browser("chien"), house.browser("dung")
    shift = open_shift(leaver)
    assert "hand-over" not in leaver.get(f"/shifts/{shift}").text
    count(devices["chien"], shift, code)
    assert f'href="/shifts/{shift}/relief/new"' in leaver.get(f"/shifts/{shift}").text
    form = leaver.get(f"/shifts/{shift}/relief/new").text
    assert 'value="dung"' in form
    assert 'value="chien"' not in form
    refused = leaver.post(f"/shifts/{shift}/relief", {"successor": "giang"}, page="/shifts")
    assert refused.status_code == 409
    assert "Chọn một người khác" in refused.text
    answer = leaver.post(f"/shifts/{shift}/relief", {"successor": "dung"}, page="/shifts")
    assert answer.status_code == 303
    mine = leaver.get(f"/shifts/{shift}/relief").text
    assert "Ký giao 1 dòng cho Phạm Thị Dung" in mine
    assert "Lê Đức Chiến bàn giao ca" in successor.get("/shifts").text
    theirs = successor.get(f"/shifts/{shift}/relief").text
    assert code in theirs
    assert 'id="commit"' not in theirs
    # There are no minutes before the leaver's shift is closed.
    assert leaver.get(f"/shifts/{shift}/relief.pdf").status_code == 404
    assert house.browser("binh").get(f"/shifts/{shift}/relief").status_code in {403, 404}
