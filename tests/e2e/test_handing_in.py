"""Handed in at the counter in a browser: one station, the clerk's key, the messenger's own password."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, expect

from tests.e2e.stage import PASSWORD, Site, Station, at_browser
from tests.e2e.test_main_job import register


def introduce(person: Station, number: str, *, up_to: str) -> None:
    """Let a focal point write out a letter of introduction for their own errand, up to a mark."""
    page = person.page
    page.goto(f"{person.site.url}/authorities")
    person.await_scripts()
    person.choose("holder", "minh nguyet")
    page.fill("input[name=number]", number)
    page.select_option("select[name=up_to]", up_to)
    until = datetime.now(UTC) + timedelta(days=30)
    page.fill("input[name=valid_until]", f"{until:%d/%m/%Y %H:%M}")
    page.screenshot(path=person.site.folder / "letter-form.png", full_page=True)
    page.click("form[action$=authorities] button.btn-primary")
    expect(page.locator("#papers")).to_contain_text(number)


def agree(clerk: Station, *, password: str = PASSWORD) -> None:
    """Let the messenger type their own name and password at the clerk's station."""
    clerk.page.fill("#giver-name", "nguyet")
    clerk.page.fill("#giver-password", password)
    clerk.page.click("#giver-ok")


def test_a_messenger_hands_in_at_the_counter_and_takes_the_receipt_along(
    chromium: Browser, site: Site
) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "hoa") as clerk:
        for person in (sender, clerk):
            person.log_in()
            person.enrol()
        good, torn, secret = (
            register(sender, secrecy="C"),
            register(sender, secrecy="C"),
            register(sender, secrecy="B"),
        )
        introduce(sender, "31/GGT", up_to="C")
        page = clerk.page
        clerk.open_station("handin")
        expect(page.locator("#setup-handin")).to_be_visible()
        clerk.scan(good)
        expect(clerk.tile()).to_contain_text("Chọn cơ quan gửi")
        page.keyboard.press("Escape")
        clerk.choose("from-unit", "24-SKHCN")
        page.screenshot(path=site.folder / "handin-start.png", full_page=True)
        for code in (good, torn, secret):
            clerk.scan(code)
            expect(clerk.tile()).to_have_class(re.compile("ok"))
        page.locator(f"#lines .line[data-code={torn}] select").select_option("damaged")
        page.screenshot(path=site.folder / "handin-list.png", full_page=True)
        page.click("#commit")
        dialog = page.locator("#giver")
        expect(dialog).to_be_visible()
        expect(dialog.locator("#giver-list li")).to_have_count(3)
        expect(dialog.locator("#giver-list .refused")).to_contain_text(torn)
        page.screenshot(path=site.folder / "handin-giver.png")
        agree(clerk, password="sai mật khẩu của người gửi")
        expect(dialog.locator("#giver-fault")).not_to_be_empty()
        agree(clerk)
        receipt = page.locator(".receipt[data-status=partly]")
        expect(receipt).to_contain_text("độ mật thấp hơn")
        page.screenshot(path=site.folder / "handin-done.png", full_page=True)
        link = receipt.locator("a[data-slot=paper]")
        paper = clerk.context.request.get(f"{site.url}{link.get_attribute('href')}")
        (site.folder / "handin.pdf").write_bytes(paper.body())
        assert paper.body().startswith(b"%PDF-")
        # The agency prints the same paper from its own copy of the entry.
        assert sender.context.request.get(f"{site.url}{link.get_attribute('href')}").body() == paper.body()
        sender.page.goto(f"{site.url}/consignments/{good}")
        expect(sender.page.locator("main")).to_contain_text("gửi tại quầy: Nguyễn Thị Minh Nguyệt")
        sender.page.screenshot(path=site.folder / "handin-timeline.png", full_page=True)
        slip = sender.context.request.get(f"{site.url}/consignments/{good}/slip.pdf")
        (site.folder / "handin-slip.pdf").write_bytes(slip.body())
        assert slip.body().startswith(b"%PDF-")
        sender.page.goto(f"{site.url}/consignments/{torn}")
        expect(sender.page.locator(".codehead")).to_contain_text("Đã đăng ký")


def test_what_the_agency_did_not_register_is_set_apart_before_anybody_signs(
    chromium: Browser, site: Site
) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "hoa") as clerk:
        for person in (sender, clerk):
            person.log_in()
            person.enrol()
        code = register(sender, secrecy="C")
        clerk.open_station("handin")
        clerk.choose("from-unit", "09187")
        clerk.scan(code)
        expect(clerk.tile()).to_have_class(re.compile("stop"))
        expect(clerk.tile()).to_contain_text("không có bưu gửi này")
        expect(clerk.page.locator("#commit")).to_be_disabled()
