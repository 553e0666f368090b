"""A stopped code fills the station's screen, whoever scans it and whether or not an item has it."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.stage import Site, at_browser
from tests.e2e.test_bag_station import choose_bag, open_bag_station, start_bag
from tests.e2e.test_main_job import register

STRANGE = "ZK999999995VN"


@pytest.fixture(scope="module")
def code(chromium: Browser, site: Site) -> str:
    """Register an item, and let a clerk stop its code and one that is nobody's."""
    with at_browser(chromium, site, "nguyet") as sender:
        sender.log_in()
        registered = register(sender)
    with at_browser(chromium, site, "hoa") as clerk:
        clerk.log_in()
        for stopped in (registered, STRANGE):
            clerk.page.goto(f"{site.url}/holds")
            clerk.page.fill("#code", stopped)
            clerk.page.select_option("#hold", "stopped")
            clerk.page.select_option("#reason", "lost")
            clerk.page.fill("#hold-text", "Báo mất lúc giao ca")
            clerk.page.get_by_role("button", name="Giữ lại").click()
            expect(clerk.page.locator("#holds")).to_contain_text(stopped)
    return registered


@pytest.mark.parametrize("screen", [{"width": 1366, "height": 768}, {"width": 360, "height": 740}])
def test_a_stopped_item_fills_the_screen_until_a_hand_says_it_lies_apart(
    chromium: Browser, site: Site, code: str, screen: dict[str, int]
) -> None:
    with at_browser(chromium, site, "nguyet", viewport=screen) as sender:
        sender.log_in()
        sender.enrol()
        sender.open_station("offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.scan(code)
        halt = sender.page.locator("#halt")
        expect(halt).to_be_visible()
        expect(sender.page.locator("#halt-word")).to_have_text("DỪNG LẠI")
        expect(sender.page.locator("#halt-code")).to_have_text(code)
        box = halt.bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (screen["width"], screen["height"])
        # A scanner goes on reading, and Escape is a habit: neither ends it.
        sender.scan(STRANGE)
        sender.page.keyboard.press("Escape")
        expect(halt).to_be_visible()
        sender.page.screenshot(path=site.folder / f"halt-{screen['width']}.png")
        sender.page.click("#halt-ack")
        expect(halt).to_be_hidden()
        # The acknowledged scan is signed and sent: its refusal is in the log.
        expect(sender.page.locator(".receipt .refused")).to_contain_text("DỪNG LẠI")
        expect(sender.page.locator("#count-done")).to_have_text("0")
        expect(halt).to_be_hidden()


def test_a_stopped_code_that_no_item_has_fills_the_screen_too(
    chromium: Browser, site: Site, code: str
) -> None:
    del code
    with at_browser(chromium, site, "binh") as courier:
        courier.log_in()
        courier.enrol()
        courier.open_station("take")
        courier.scan(STRANGE)
        expect(courier.page.locator("#halt")).to_be_visible()
        expect(courier.page.locator("#halt-code")).to_have_text(STRANGE)
        courier.page.click("#halt-ack")
        expect(courier.page.locator("#halt")).to_be_hidden()


def test_a_stopped_code_fills_the_bag_stations_screen_too(chromium: Browser, site: Site, code: str) -> None:
    del code
    with at_browser(chromium, site, "hoa") as clerk:
        clerk.log_in()
        clerk.enrol()
        bag = start_bag(clerk, to="tu son", asset="TUI-901")
        open_bag_station(clerk, "pack")
        choose_bag(clerk, bag)
        clerk.scan(STRANGE)
        halt = clerk.page.locator("#halt")
        expect(halt).to_be_visible()
        expect(clerk.page.locator("#halt-code")).to_have_text(STRANGE)
        # A scanner goes on reading, and Escape is a habit: neither ends it.
        clerk.scan(STRANGE)
        clerk.page.keyboard.press("Escape")
        expect(halt).to_be_visible()
        clerk.page.screenshot(path=site.folder / "halt-bag.png")
        clerk.page.click("#halt-ack")
        expect(halt).to_be_hidden()
        # What was met is signed and sent, so that its refusal is in the log.
        expect(clerk.page.locator(".receipt .refused")).to_contain_text("DỪNG LẠI")
        expect(clerk.page.locator("#count-done")).to_have_text("0")
        expect(halt).to_be_hidden()
