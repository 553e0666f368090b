"""What is secret is scanned or keyed with its label's tail; what is top secret is taken before a witness."""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.stage import PASSWORD, Site, at_browser
from tests.e2e.test_main_job import hand_over, register


def test_a_secret_item_is_keyed_only_with_the_tail_of_its_label(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "binh") as courier:
        for person in (sender, courier):
            person.log_in()
            person.enrol()
        code = register(sender)
        hand_over(sender, [code], to="kinh bac bc")
        courier.open_station("take")
        courier.key(code)
        expect(courier.tile()).to_have_class(re.compile("stop"))
        expect(courier.page.locator("#tile-next")).to_contain_text("gõ mã kèm các ký tự in dưới mã vạch")
        expect(courier.page.locator("#count-done")).to_have_text("0")
        courier.page.screenshot(path=site.folder / "keyed-without-tail.png", full_page=True)
        courier.page.click("#tile-ack")
        courier.key_in(f"{code}-{site.labels.tail(code).lower()}")
        expect(courier.tile()).to_have_class(re.compile("ok"))
        courier.sign()
        expect(courier.page.locator(".receipt").first).to_contain_text(f"{code} · Chấp nhận")


def test_a_wrong_tail_is_refused_by_the_server_with_what_to_do(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "binh") as courier:
        for person in (sender, courier):
            person.log_in()
            person.enrol()
        code = register(sender)
        hand_over(sender, [code], to="kinh bac bc")
        courier.open_station("take")
        wrong = "00000" if site.labels.tail(code) != "00000" else "11111"
        courier.key_in(f"{code}-{wrong}", again=code)
        expect(courier.page.locator("#keyin-fault")).to_contain_text("không khớp với nhãn")
        expect(courier.page.locator("#keyin-fault")).to_contain_text("quét nhãn")
        courier.page.click("#keyin-cancel")
        expect(courier.page.locator("#count-done")).to_have_text("0")


def test_a_top_secret_item_is_taken_before_a_witness(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "binh") as courier:
        for person in (sender, courier):
            person.log_in()
            person.enrol()
        top, plain = register(sender, secrecy="A"), register(sender, secrecy="none")
        hand_over(sender, [top, plain], to="kinh bac bc")
        courier.open_station("take")
        courier.scan(plain)
        expect(courier.page.locator("#count-done")).to_have_text("1")
        courier.scan(top)
        expect(courier.page.locator(f"#lines [data-code={top}]")).to_contain_text("người chứng kiến")
        expect(courier.page.locator(f"#lines [data-code={plain}]")).not_to_contain_text("người chứng kiến")
        dialog = courier.page.locator("#witness")
        courier.page.click("#commit")
        expect(dialog).to_be_visible()
        courier.page.screenshot(path=site.folder / "witness-at-take.png")
        # Nobody came: nothing was signed, the list is as it was.
        courier.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(courier.page.locator("#count-done")).to_have_text("2")
        expect(courier.page.locator(".receipt")).to_have_count(0)
        courier.page.click("#commit")
        courier.page.fill("#witness-name", "thao")
        courier.page.fill("#witness-password", PASSWORD)
        courier.page.click("#witness-ok")
        expect(courier.page.locator(".receipt")).to_have_count(1)
        expect(courier.page.locator(".receipt")).to_contain_text(f"{top} · Chấp nhận")
        expect(courier.page.locator("#witness-password")).to_have_value("")
