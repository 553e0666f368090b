"""A shift at real browsers: counted blind, open while something is missing, closed before a colleague."""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.stage import PASSWORD, Site, Station, at_browser
from tests.e2e.test_bag_station import bring_in


def open_shift(clerk: Station) -> None:
    clerk.page.goto(f"{clerk.site.url}/shifts")
    clerk.page.click("form[action$='/shifts'] button")
    clerk.arrive(re.compile(r"/shifts/[^/]+$"))


def count(clerk: Station, codes: list[str]) -> None:
    """Scan what lies on the desk; nothing on the page may say what should lie there."""
    clerk.page.click("form[action$='/count'] button")
    expect(clerk.page.locator("#countstation[data-ready]")).to_be_attached()
    for number, code in enumerate(codes, start=1):
        clerk.scan(code)
        expect(clerk.page.locator("#count-done")).to_have_text(str(number))
    clerk.page.click("#commit")
    clerk.arrive(re.compile(r"/shifts/[^/]+$"))


def test_a_shift_is_counted_blind_and_closed_only_when_it_balances(chromium: Browser, site: Site) -> None:
    with (
        at_browser(chromium, site, "nguyet") as sender,
        at_browser(chromium, site, "binh") as courier,
        at_browser(chromium, site, "hoa") as clerk,
    ):
        for person in (sender, courier, clerk):
            person.log_in()
            person.enrol()
        codes = bring_in(sender, courier, clerk)
        earlier = others(clerk, codes)
        open_shift(clerk)
        result = clerk.page.locator("#result")
        expect(result).to_contain_text("Chưa kiểm đếm")
        assert not any(code in clerk.page.content() for code in codes)
        shift = clerk.page.url
        clerk.page.click("form[action$='/count'] button")
        expect(clerk.page.locator("#countstation[data-ready]")).to_be_attached()
        # While the count is open, no page tells what must be there.
        for address in ("", "scan", "scan/offers", "search", "shifts", "bags"):
            clerk.page.goto(f"{clerk.site.url}/{address}")
            assert not any(code in clerk.page.content() for code in codes), address
        clerk.page.goto(f"{clerk.site.url}/")
        expect(clerk.page.locator("#counting")).to_be_visible()
        clerk.page.goto(shift)

        held = [*codes, *earlier]
        count(clerk, held[1:])
        expect(result).to_contain_text("CHƯA CÂN")
        expect(result).to_contain_text("Thiếu 1, thừa 0")
        expect(clerk.page.locator("#close")).to_have_count(0)

        count(clerk, held)
        expect(result).to_contain_text("CÂN")
        expect(result).to_contain_text("Thiếu 0, thừa 0")
        clerk.page.fill("#username", "thao")
        clerk.page.fill("#password", "không phải mật khẩu")
        clerk.page.click("#close button")
        expect(clerk.page.locator(".note.bad")).to_contain_text("nhập sai")
        clerk.page.fill("#username", "thao")
        clerk.page.fill("#password", PASSWORD)
        clerk.page.click("#close button")
        expect(clerk.page.locator("main")).to_contain_text("Cao Thị Thảo")
        expect(clerk.page.locator("h1 ~ .tag, .codehead .tag")).to_contain_text("Đã đóng")


def others(clerk: Station, codes: list[str]) -> list[str]:
    """Read from the desk what earlier tests of this site left in the clerk's hands."""
    desk = clerk.page.request.get(f"{clerk.site.url}/scan/offers").json()
    held = [str(item["code"]) for item in desk["held"]]
    return [code for code in held if code not in codes]
