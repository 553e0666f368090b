"""A relief at real browsers: counted, listed, signed by the leaver, taken by the successor, closed."""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.stage import PASSWORD, Site, Station, at_browser
from tests.e2e.test_bag_station import bring_in
from tests.e2e.test_shifts import count, open_shift, others


def take_in_hand(successor: Station, codes: list[str]) -> None:
    """Answer the leaver's offer at the scan station."""
    successor.open_station("take")
    for code in codes:
        successor.scan(code)
        expect(successor.tile()).to_contain_text(code)
    successor.sign()


def test_control_8_relief_is_signed_by_both_at_their_own_browsers(chromium: Browser, site: Site) -> None:
    with (
        at_browser(chromium, site, "nguyet") as sender,
        at_browser(chromium, site, "binh") as courier,
        at_browser(chromium, site, "hoa") as leaver,
        at_browser(chromium, site, "thao") as successor,
    ):
        for person in (sender, courier, leaver, successor):
            person.log_in()
            person.enrol()
        codes = bring_in(sender, courier, leaver)
        held = [*codes, *others(leaver, codes)]
        open_shift(leaver)
        count(leaver, held)
        leaver.page.click("#hand-over")
        leaver.page.select_option("#successor", "thao")
        leaver.page.click("main form .btn-primary")
        leaver.arrive(re.compile(r"/relief$"))
        expect(leaver.page.locator("#relief[data-ready]")).to_be_attached()
        relief = leaver.page.url
        leaver.page.click("#commit")
        expect(leaver.page.locator("#lines-of-relief")).to_contain_text("Chờ người nhận ca")
        expect(leaver.page.locator("#next")).to_contain_text("Chờ người nhận ca ký nhận")
        expect(leaver.page.locator("#commit")).to_have_count(0)

        successor.page.goto(f"{site.url}/shifts")
        expect(successor.page.locator("main")).to_contain_text("Lê Thị Hoa bàn giao ca")
        take_in_hand(successor, held)

        # What was taken is nobody's but the successor's; the leaver goes with empty hands.
        leaver.page.goto(relief)
        expect(leaver.page.locator("#lines-of-relief .tag.ok")).to_have_count(len(held))
        leaver.page.click("#next a")
        leaver.arrive(re.compile(r"/shifts/[^/]+$"))
        leaver.page.fill("#username", "thao")
        leaver.page.fill("#password", PASSWORD)
        leaver.page.click("#close button")
        expect(leaver.page.locator(".codehead .tag")).to_contain_text("Đã đóng")
        paper = leaver.page.request.get(f"{relief}.pdf")
        assert paper.ok
        assert paper.body().startswith(b"%PDF")
        open_shift(successor)
