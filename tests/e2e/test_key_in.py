"""Typing a code at the stations: a reason, a second reading, a second reader where the mark asks for one."""

from playwright.sync_api import Browser, expect

from tests.e2e.stage import PASSWORD, Site, Station, at_browser
from tests.e2e.test_bag_station import bring_in, open_bag_station, start_bag
from tests.e2e.test_main_job import hand_over, register
from tests.e2e.test_shifts import open_shift, others
from tests.e2e.test_station import STRANGE


def fault(person: Station, words: str) -> None:
    """Wait for what the panel says is wrong."""
    expect(person.page.locator("#keyin-fault")).to_contain_text(words)


def test_a_typed_code_needs_a_reason_a_second_reading_and_a_second_reader_by_keyboard_alone(
    chromium: Browser, site: Site
) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "binh") as courier:
        for person in (sender, courier):
            person.log_in()
            person.enrol()
        code = register(sender, secrecy="B")
        hand_over(sender, [code], to="kinh bac bc")
        courier.open_station("take")
        keys = courier.page.keyboard
        # The mark asks for proof that the item is there: the characters below its barcode go with the code.
        keys.type(f"{code}-{site.labels.tail(code)}", delay=140)
        keys.press("Enter")
        expect(courier.page.locator("#keyin-label_damaged")).to_be_focused()
        # The first reading is hidden; nothing was added yet.
        expect(courier.page.locator("#keyin")).not_to_contain_text(code)
        keys.press("Enter")
        fault(courier, "Chọn lý do")
        keys.press("ArrowDown")
        expect(courier.page.locator("#keyin-scanner_failed")).to_be_checked()
        keys.press("Tab")
        keys.type(STRANGE)
        keys.press("Enter")
        expect(courier.page.locator("#keyin-fault")).not_to_be_empty()
        keys.type(code)
        keys.press("Enter")
        fault(courier, "phải có người thứ hai")
        expect(courier.page.locator("#keyin-name")).to_be_focused()
        expect(courier.page.locator("#count-done")).to_have_text("0")
        # The person across the counter reads too, and says so with their own password.
        keys.type("nguyet")
        keys.press("Tab")
        keys.insert_text("không phải mật khẩu")
        keys.press("Enter")
        fault(courier, "không đúng")
        expect(courier.page.locator("#keyin-password")).to_be_focused()
        confirm(courier)
        expect(courier.page.locator("#keyin")).to_be_hidden()
        expect(courier.page.locator(".line [data-slot=entry]").first).to_have_text("gõ tay")
        keys.press("Control+Enter")
        expect(courier.page.locator("#tile-word")).to_have_text("Đạt")
        expect(courier.page.locator(".receipt li.accepted").first).to_contain_text(code)


def confirm(courier: Station) -> None:
    """Give the right password of the second reader."""
    courier.page.keyboard.insert_text(PASSWORD)
    courier.page.keyboard.press("Enter")


def test_a_list_with_a_typed_code_is_signed_after_the_network_came_back(
    chromium: Browser, site: Site
) -> None:
    with at_browser(chromium, site, "nguyet") as sender:
        sender.log_in()
        sender.enrol()
        code = register(sender)
        sender.open_station("offer")
        sender.choose("to-unit", "kinh bac bc")
        sender.context.set_offline(True)
        sender.key_in(code, reason="from_paper")
        expect(sender.page.locator("#count-done")).to_have_text("1")
        sender.page.click("#commit")
        expect(sender.page.locator("#unsent")).to_be_visible()
        sender.page.keyboard.press("Escape")
        sender.context.set_offline(False)
        expect(sender.page.locator(".receipt[data-status=accepted]")).to_have_count(2)
        sender.complaints.clear()


def test_a_bag_and_what_goes_into_it_can_be_keyed_in(chromium: Browser, site: Site) -> None:
    with (
        at_browser(chromium, site, "nguyet") as sender,
        at_browser(chromium, site, "binh") as courier,
        at_browser(chromium, site, "hoa") as clerk,
    ):
        for person in (sender, courier, clerk):
            person.log_in()
            person.enrol()
        codes = bring_in(sender, courier, clerk)
        bag = start_bag(clerk, to="tu son", asset="TUI-0777")
        open_bag_station(clerk, "pack")
        clerk.key_in(bag)
        expect(clerk.page.locator("#bag-code")).to_have_text(bag)
        clerk.key_in(codes[0], reader="thao")
        expect(clerk.page.locator("#count-done")).to_have_text("1")
        expect(clerk.page.locator(".line [data-slot=entry]").first).to_have_text("gõ tay")
        clerk.sign()
        expect(clerk.page.locator(".receipt").first).to_contain_text(bag)
        expect(clerk.page.locator(".receipt").first.locator("li.refused")).to_have_count(0)


def test_a_count_takes_typed_codes_the_same_way(chromium: Browser, site: Site) -> None:
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "binh") as courier:
        for person in (sender, courier):
            person.log_in()
            person.enrol()
        code = register(sender)
        hand_over(sender, [code], to="kinh bac bc")
        courier.open_station("take")
        courier.scan(code)
        courier.sign()
        open_shift(courier)
        # Once the count has begun, no page says what is held.
        held_too = others(courier, [code])
        courier.page.click("form[action$='/count'] button")
        expect(courier.page.locator("#countstation[data-ready]")).to_be_attached()
        courier.key_in(code)
        expect(courier.page.locator(".line [data-slot=entry]").first).to_have_text("gõ tay")
        for number, held in enumerate(held_too, start=2):
            courier.scan(held)
            expect(courier.page.locator("#count-done")).to_have_text(str(number))
        courier.page.click("#commit")
        expect(courier.page.locator("#result")).to_contain_text("Thiếu 0, thừa 0")
