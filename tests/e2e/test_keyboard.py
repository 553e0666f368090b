"""Everything by keyboard alone: log in, register, walk a list, ask for the shortcuts, leave a dialog."""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.stage import Site, at_browser


def test_logging_in_and_registering_need_no_mouse(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "nguyet") as person:
        page = person.page
        person.log_in()
        page.keyboard.press("n")
        person.arrive(re.compile(r"/consignments/new$"))
        page.locator("#recipient_unit-text").focus()
        page.keyboard.type("phuong kinh bac")
        page.keyboard.press("Enter")
        expect(page.locator("#recipient_unit")).to_have_value("09187")
        # From the recipient to the weight only by Tab, choosing on the way by space and arrows.
        for _ in range(40):
            if page.evaluate("document.activeElement.id") == "weight_g":
                break
            if page.evaluate("document.activeElement.name") == "secrecy":
                page.keyboard.press("ArrowRight")
            page.keyboard.press("Tab")
        page.keyboard.type("120")
        page.keyboard.press("Enter")
        person.arrive(re.compile(r"/consignments/[A-Z]{2}\d{9}VN$"))
        page.keyboard.press("Escape")
        expect(page).to_have_url(re.compile(r"/consignments$"))


def test_rows_search_and_shortcuts_answer_to_their_keys(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "quan") as person:
        page = person.page
        person.log_in()
        page.goto(f"{site.url}/admin/users")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(page.locator("tr.at")).to_have_count(1)
        page.keyboard.press("Enter")
        person.arrive(re.compile(r"/admin/users/\d+$"))
        page.keyboard.press("?")
        expect(page.locator("#shortcuts")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#shortcuts")).to_be_hidden()


def test_slash_goes_to_the_search_box(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "duc") as person:
        person.log_in()
        person.page.keyboard.press("/")
        expect(person.page.locator("#quick")).to_be_focused()
        person.page.keyboard.type("kinh bac")
        person.page.keyboard.press("Enter")
        expect(person.page).to_have_url(re.compile(r"/consignments\?q=kinh\+bac$"))


def test_a_form_with_errors_keeps_what_was_typed_and_says_where(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "nguyet") as person:
        page = person.page
        person.log_in()
        page.goto(f"{site.url}/consignments/new")
        page.fill("#receiver_name", "Phạm Thị Ánh")
        page.fill("#pieces", "0")
        page.fill("#abstract", "Về việc thử")
        page.check("input[name=secrecy][value=A]", force=True)
        expect(page.locator("#abstract")).to_be_hidden()
        page.click("#register button.btn-primary")
        expect(page.locator("#error-summary")).to_be_focused()
        expect(page.locator("#pieces-field .field-error")).to_be_visible()
        expect(page.locator("#receiver_name")).to_have_value("Phạm Thị Ánh")
        expect(page.locator("#abstract")).to_have_value("")
