"""The scan station in a real browser: rhythm, repeats, stops, reloads, a network that fails."""

import json
import re
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Route, expect

from tests.e2e.stage import Site, Station, at_browser
from tests.e2e.test_main_job import hand_over, register

STRANGE = "ZK123456785VN"
KEY_ID = """(async () => {
  const device = await import('/static/js/device.js');
  return (await device.find(Number(document.getElementById('station').dataset.user))).keyId;
})()"""


@pytest.fixture
def codes(chromium: Browser, site: Site) -> list[str]:
    """Three items that the sender holds, none of them offered."""
    with at_browser(chromium, site, "nguyet") as sender:
        sender.log_in()
        return [register(sender) for _ in range(3)]


def _ready(station: Station, mode: str) -> None:
    station.log_in()
    station.enrol()
    station.open_station(mode)


def test_a_slow_hand_is_marked_typed_and_the_button_says_so_too(
    chromium: Browser, site: Site, codes: list[str]
) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.page.keyboard.type(codes[0], delay=140)
        sender.page.keyboard.press("Enter")
        expect(sender.page.locator("#keyin")).to_be_visible()
        sender.page.click("#keyin-cancel")
        expect(sender.page.locator("#count-done")).to_have_text("0")
        sender.page.locator("#box").fill(codes[1])
        sender.page.click("#typed")
        expect(sender.page.locator("#keyin")).to_be_visible()


def test_a_repeat_is_amber_and_never_counted_twice(chromium: Browser, site: Site, codes: list[str]) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(codes[0])
        expect(sender.tile()).to_have_class(re.compile("ok"))
        sender.scan(codes[0])
        expect(sender.tile()).to_have_class(re.compile("warning"))
        expect(sender.page.locator("#tile-word")).to_have_text("Đã quét")
        expect(sender.page.locator("#count-done")).to_have_text("1")


def test_a_stop_locks_the_box_until_it_is_acknowledged(
    chromium: Browser, site: Site, codes: list[str]
) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(STRANGE)
        expect(sender.tile()).to_have_class(re.compile("stop"))
        sender.scan(codes[0])
        expect(sender.page.locator("#count-done")).to_have_text("0")
        expect(sender.page.locator("#commit")).to_be_disabled()
        sender.page.keyboard.press("Escape")
        expect(sender.tile()).to_have_class(re.compile("idle"))
        sender.page.locator(".line.problem [data-act=remove]").click()
        sender.scan(codes[0])
        expect(sender.page.locator("#commit")).to_be_enabled()


def test_a_strange_code_can_be_signed_into_the_log_as_a_refusal(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(STRANGE)
        sender.page.keyboard.press("Escape")
        sender.page.locator(".line.problem [data-act=record]").click()
        expect(sender.page.locator(".receipt[data-status=refused]")).to_have_count(1)


def test_the_list_survives_a_reload(chromium: Browser, site: Site, codes: list[str]) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(codes[0])
        sender.scan(codes[1])
        expect(sender.page.locator("#count-done")).to_have_text("2")
        sender.page.reload()
        expect(sender.page.locator("#count-done")).to_have_text("2")
        expect(sender.page.locator(".holdername")).to_have_text("Nguyễn Thị Minh Nguyệt")


def test_a_signed_list_waits_for_the_network_and_is_sent_once(
    chromium: Browser, site: Site, codes: list[str]
) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(codes[0])
        sender.context.set_offline(offline=True)
        sender.page.click("#commit")
        expect(sender.page.locator("#unsent")).to_be_visible()
        sender.complaints.clear()
        sender.context.set_offline(offline=False)
        expect(sender.page.locator(".receipt[data-status=accepted]")).to_have_count(1)
        expect(sender.page.locator("#unsent")).to_be_hidden()
        sender.complaints.clear()


def test_a_network_that_comes_back_while_a_list_is_being_sent_is_not_missed(
    chromium: Browser, site: Site, codes: list[str]
) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(codes[0])
        sent: list[Route] = []

        def serve(route: Route) -> None:
            sent.append(route)
            if len(sent) > 1:
                route.continue_()
                return
            # The page hears of the network while its list is on the way; only then is the list lost.
            sender.page.evaluate("window.dispatchEvent(new Event('online'))")
            route.abort()

        sender.page.route("**/scan/submit", serve)
        sender.page.click("#commit")
        expect(sender.page.locator(".receipt[data-status=accepted]")).to_have_count(1)
        expect(sender.page.locator("#unsent")).to_be_hidden()
        assert len(sent) == 2
        sender.complaints.clear()


def test_a_list_that_waits_is_sent_again_without_anybody_asking(
    chromium: Browser, site: Site, codes: list[str]
) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        sender.page.clock.install()
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(codes[0])
        sender.page.route("**/scan/submit", lambda route: route.abort())
        sender.page.click("#commit")
        expect(sender.page.locator("#unsent")).to_be_visible()
        expect(sender.tile()).to_have_class(re.compile("stop"))
        sender.page.keyboard.press("Escape")
        sender.page.unroute("**/scan/submit")
        sender.page.clock.fast_forward(25_000)
        expect(sender.page.locator(".receipt[data-status=accepted]")).to_have_count(1)
        expect(sender.page.locator("#unsent")).to_be_hidden()
        sender.complaints.clear()


def test_what_is_half_typed_is_not_wiped_by_fresh_news(
    chromium: Browser, site: Site, codes: list[str]
) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        sender.page.clock.install()
        _ready(sender, "offer")
        sender.page.locator("#to-unit-text").fill("kinh bac bc")
        sender.page.clock.fast_forward(25_000)
        sender.page.evaluate("fetch('/scan/offers').then((answer) => answer.text())")
        expect(sender.page.locator("#to-unit-text")).to_have_value("kinh bac bc")
        sender.page.keyboard.press("Enter")
        sender.scan(codes[0])
        expect(sender.page.locator("#count-done")).to_have_text("1")


def test_every_station_hides_its_list_from_passers_by(chromium: Browser, site: Site) -> None:
    places = {"nguyet": "/scan?mode=offer", "hoa": "/bags/station?task=pack"}
    for who, address in places.items():
        with at_browser(chromium, site, who) as person:
            person.page.clock.install()
            person.log_in()
            person.enrol()
            person.page.goto(f"{site.url}{address}")
            expect(person.page.locator("#station[data-ready], #bagstation[data-ready]")).to_be_attached()
            body = person.page.locator("body")
            expect(body).not_to_have_class(re.compile("blank"))
            person.page.clock.fast_forward(61_000)
            expect(body).to_have_class(re.compile("blank"))
            expect(person.page.locator("#lines")).to_have_css("filter", "blur(14px)")
            person.page.keyboard.press("Shift")
            expect(body).not_to_have_class(re.compile("blank"))


def test_the_list_survives_a_screen_that_crashed(chromium: Browser, site: Site, codes: list[str]) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(codes[0])
        sender.scan(codes[1])
        expect(sender.page.locator("#count-done")).to_have_text("2")
        # Chromium's own address for it: the process that draws the screen dies, and nothing is unloaded.
        with sender.page.expect_event("crash"), suppress(Error):
            sender.page.goto("chrome://crash", wait_until="commit")
        again = sender.context.new_page()
        again.goto(f"{site.url}/scan")
        expect(again.locator("#station[data-ready]")).to_be_attached()
        expect(again.locator("#count-done")).to_have_text("2")
        expect(again.locator("#commit")).to_be_enabled()


def test_the_cards_on_the_desk_undo_and_show_what_is_left(
    chromium: Browser, site: Site, codes: list[str]
) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.scan("24-BC-KINHBAC")
        expect(sender.page.locator("#to-unit")).to_have_value("24-BC-KINHBAC")
        sender.scan(codes[0])
        sender.scan(codes[1])
        expect(sender.page.locator("#count-done")).to_have_text("2")
        sender.scan("KT1:UNDO")
        expect(sender.tile()).to_have_class(re.compile("warning"))
        expect(sender.page.locator("#count-done")).to_have_text("1")
        sender.scan("KT1:LEFT")
        expect(sender.page.locator(f"#left-list [data-code={codes[1]}]")).to_be_visible()


def test_a_refused_line_stays_with_the_giver(chromium: Browser, site: Site, codes: list[str]) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "binh") as courier:
        sender.log_in()
        sender.enrol()
        hand_over(sender, codes[:2], to="kinh bac bc")
        _ready(courier, "take")
        courier.scan(codes[0])
        courier.scan(codes[1])
        courier.page.locator(f".line[data-code={codes[1]}] select").select_option("damaged")
        courier.sign()
        sender.page.goto(f"{site.url}/consignments/{codes[1]}")
        expect(sender.page.locator(".holder")).to_have_text("Nguyễn Thị Minh Nguyệt")
        expect(sender.page.locator(".event").first).to_contain_text("Bì hư hỏng")


def test_a_barcode_asks_for_the_signature_and_never_gives_it(
    chromium: Browser, site: Site, codes: list[str]
) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(codes[0])
        expect(sender.page.locator("#count-done")).to_have_text("1")
        sender.scan("KT1:DONE")
        expect(sender.tile()).to_have_class(re.compile("warning"))
        expect(sender.page.locator("#count-done")).to_have_text("1")
        expect(sender.page.locator(".receipt")).to_have_count(0)
        sender.page.keyboard.type("X")
        sender.page.keyboard.press("Control+Enter")
        expect(sender.page.locator("#count-done")).to_have_text("1")
        # What a barcode with a control key in it leaves is refused as a whole.
        sender.page.keyboard.press("Enter")
        expect(sender.tile()).to_have_class(re.compile("stop"))
        sender.page.keyboard.press("Escape")
        sender.page.wait_for_timeout(200)
        sender.page.keyboard.press("Control+Enter")
        expect(sender.page.locator(".receipt[data-status=accepted]")).to_have_count(1)


def test_a_sealed_item_is_signed_for_with_its_number_in_plain_letters(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "binh") as courier:
        sender.log_in()
        sender.enrol()
        code = register(sender, seal="NP-01")
        hand_over(sender, [code], to="kinh bac bc")
        _ready(courier, "take")
        courier.scan(code)
        commit = courier.page.locator("#commit")
        expect(commit).to_be_disabled()
        box = courier.page.locator(f".line[data-code={code}] input")
        box.fill("ấn-01")
        box.press("Tab")
        expect(courier.tile()).to_have_class(re.compile("stop"))
        expect(commit).to_be_disabled()
        courier.page.keyboard.press("Escape")
        box.fill("np-01")
        box.press("Tab")
        courier.sign()
        expect(courier.page.locator(".receipt[data-status=accepted]")).to_have_count(1)


def test_what_the_server_will_not_record_is_exported_before_it_may_go(
    chromium: Browser, site: Site, codes: list[str]
) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "quan") as administrator:
        _ready(sender, "offer")
        key = sender.page.evaluate(KEY_ID)
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(codes[0])
        administrator.log_in()
        administrator.page.goto(f"{site.url}/admin/devices")
        row = administrator.page.locator(f"tr[data-key='{key}']")
        row.locator("summary").click()
        row.locator("button.btn-danger").click()
        expect(administrator.page.locator(f"tr[data-key='{key}'][data-state=revoked]")).to_be_attached()
        sender.page.click("#commit")
        expect(sender.page.locator("#rejected")).to_be_visible()
        expect(sender.page.locator("#rejected-drop")).to_be_hidden()
        with sender.page.expect_download() as download:
            sender.page.click("#rejected-export")
        kept = json.loads(download.value.path().read_text(encoding="utf-8"))
        assert [record["envelope"]["signatures"][0]["keyid"] for record in kept["records"]] == [key]
        sender.page.click("#rejected-drop")
        expect(sender.page.locator("#rejected")).to_be_hidden()


def test_logging_out_leaves_no_list_behind(chromium: Browser, site: Site, codes: list[str]) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        _ready(sender, "offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(codes[0])
        expect(sender.page.locator("#count-done")).to_have_text("1")
        lists = "Object.keys(localStorage).filter((name) => name.startsWith('kt1-scan-')).length"
        assert sender.page.evaluate(lists) == 1
        sender.page.goto(f"{site.url}/")
        sender.page.locator("header details.menu:has(form[data-leave])").click()
        sender.page.locator("form[data-leave] button").click()
        expect(sender.page.locator("#username")).to_be_visible()
        assert sender.page.evaluate(lists) == 0
