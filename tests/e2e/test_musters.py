"""A muster at real browsers: opened by an auditor, counted blind by the place, closed by two, printed."""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.stage import PASSWORD, Site, Station, at_browser
from tests.e2e.test_bag_station import bring_in
from tests.e2e.test_shifts import others


def scan_all(clerk: Station, codes: list[str]) -> None:
    """Scan what is there, the first by its typed code: its label cannot be read."""
    expect(clerk.page.locator("#countstation[data-ready]")).to_be_attached()
    clerk.key_in(codes[0])
    expect(clerk.page.locator("#count-done")).to_have_text("1")
    for number, code in enumerate(codes[1:], start=2):
        clerk.scan(code)
        expect(clerk.page.locator("#count-done")).to_have_text(str(number))
    clerk.page.click("#commit")
    clerk.arrive(re.compile(r"/musters/[^/]+$"))


def test_a_muster_is_counted_blind_and_closed_by_auditor_and_clerk(chromium: Browser, site: Site) -> None:
    with (
        at_browser(chromium, site, "nguyet") as sender,
        at_browser(chromium, site, "binh") as courier,
        at_browser(chromium, site, "hoa") as clerk,
        at_browser(chromium, site, "duc") as auditor,
    ):
        for person in (sender, courier, clerk):
            person.log_in()
            person.enrol()
        auditor.log_in()
        codes = bring_in(sender, courier, clerk)
        held = [*codes, *others(clerk, codes)]
        auditor.page.goto(f"{site.url}/musters")
        auditor.page.select_option("#person", "hoa")
        auditor.page.select_option("#unit", "24-BC-KINHBAC")
        auditor.page.click("#open button")
        auditor.arrive(re.compile(r"/musters/KK-[^/]+$"))
        # The frozen list is shown to nobody: not to the auditor, not to the clerk whose things it names.
        assert not any(code in auditor.page.content() for code in held)
        for address in ("", "scan/offers", "search", "musters"):
            clerk.page.goto(f"{site.url}/{address}")
            assert not any(code in clerk.page.content() for code in held), address
        clerk.page.goto(f"{site.url}/")
        clerk.page.click("#counting a")
        scan_all(clerk, held[1:])
        auditor.page.reload()
        expect(auditor.page.locator("#result")).to_contain_text(f"Đã quét được {len(held) - 1} mã")
        auditor.page.fill("#username", "hoa")
        auditor.page.fill("#password", PASSWORD)
        auditor.page.click("#close button")
        expect(auditor.page.locator("#result")).to_contain_text("CÓ SAI LỆCH")
        expect(auditor.page.locator("#result")).to_contain_text("Thiếu 1, thừa 0")
        expect(auditor.page.locator("#lines tr").first).to_contain_text(held[0])
        paper = auditor.page.request.get(f"{auditor.page.url}/minutes.pdf")
        assert (paper.status, paper.body()[:5]) == (200, b"%PDF-")
        auditor.page.goto(f"{site.url}/incidents")
        expect(auditor.page.locator("main")).to_contain_text("Số lượng không khớp")


def test_a_muster_that_was_opened_by_mistake_is_withdrawn_and_the_clerk_goes_on(
    chromium: Browser, site: Site
) -> None:
    with at_browser(chromium, site, "hoa") as clerk, at_browser(chromium, site, "duc") as auditor:
        for person in (clerk, auditor):
            person.log_in()
        auditor.page.goto(f"{site.url}/musters")
        auditor.page.select_option("#unit", "24-BC-KINHBAC")
        auditor.page.click("#open button")
        auditor.arrive(re.compile(r"/musters/KK-[^/]+$"))
        clerk.page.goto(f"{site.url}/")
        expect(clerk.page.locator("#counting")).to_be_visible()
        auditor.page.click("#withdraw summary")
        auditor.page.select_option("#reason", "mistake")
        auditor.page.click("#withdraw button")
        expect(auditor.page.locator("#withdrawn")).to_contain_text("không có kết quả")
        expect(auditor.page.locator("main")).to_contain_text("Mở nhầm")
        clerk.page.reload()
        expect(clerk.page.locator("#counting")).to_have_count(0)
