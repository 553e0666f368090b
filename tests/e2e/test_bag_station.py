"""Bags at real browsers: packed and closed, the seal compared blind, opened before a witness, answered."""

import re

from playwright.sync_api import Browser, Locator, expect

from tests.e2e.stage import PASSWORD, Site, Station, at_browser
from tests.e2e.test_main_job import hand_over, register, take

SEAL = "NP-1001"
BAG = re.compile(r"/bags/([A-Z]{2}[0-9]{9}[A-Z]{2})$")


def bring_in(sender: Station, courier: Station, clerk: Station) -> list[str]:
    """Let two items come from an agency into the hands of a clerk."""
    codes = [register(sender) for _ in range(2)]
    hand_over(sender, codes, to="kinh bac bc")
    take(courier, codes)
    pass_on(courier, codes, at="kinh bac bc", to="kinh bac bc")
    take(clerk, codes)
    return codes


def pass_on(courier: Station, codes: list[str], *, at: str, to: str) -> None:
    courier.open_station("offer")
    courier.choose("place", at)
    courier.choose("to-unit", to)
    for code in codes:
        courier.scan(code)
    courier.sign()


def start_bag(clerk: Station, *, to: str, asset: str) -> str:
    clerk.page.goto(f"{clerk.site.url}/bags/new")
    clerk.choose("destination", to)
    clerk.page.fill("#asset", asset)
    clerk.page.click("main form button.btn-primary")
    clerk.arrive(BAG)
    found = BAG.search(clerk.page.url)
    assert found
    return found[1]


def open_bag_station(person: Station, task: str) -> None:
    person.page.goto(f"{person.site.url}/bags/station?task={task}")
    expect(person.page.locator("#bagstation[data-ready]")).to_be_attached()


def choose_bag(person: Station, bag: str) -> None:
    person.scan(bag)
    expect(person.page.locator("#bag-code")).to_have_text(bag)


def pack(clerk: Station, bag: str, codes: list[str]) -> None:
    open_bag_station(clerk, "pack")
    choose_bag(clerk, bag)
    for number, code in enumerate(codes, start=1):
        clerk.scan(code)
        expect(clerk.page.locator("#count-done")).to_have_text(str(number))
    clerk.sign()


def fill_closing(clerk: Station, bag: str) -> None:
    open_bag_station(clerk, "close")
    choose_bag(clerk, bag)
    # A scanner reads the seal's barcode and ends with Enter: it leads on and signs nothing.
    expect(clerk.page.locator("#seal")).to_be_focused()
    clerk.scan(SEAL)
    expect(clerk.page.locator("#weight_g")).to_be_focused()
    clerk.page.keyboard.type("1500")
    clerk.page.keyboard.press("Enter")
    clerk.page.locator("#last").select_option("yes")


def take_bag(taker: Station, bag: str, *, seal: str) -> None:
    taker.open_station("take")
    taker.scan(bag)
    box = taker.page.locator(f".line[data-code={bag}] input")
    expect(box).to_have_value("")
    box.fill(seal)
    box.press("Tab")
    taker.sign()


def read_seal(person: Station, seal: str) -> None:
    box = person.page.locator("#seal")
    expect(box).to_have_value("")
    box.fill(seal)
    person.sign()


def witness(person: Station, name: str, password: str) -> Locator:
    person.page.fill("#witness-name", name)
    person.page.fill("#witness-password", password)
    person.page.click("#witness-ok")
    return person.page.locator("#witness-fault")


def fill_opening(clerk: Station, bag: str) -> None:
    open_bag_station(clerk, "open")
    choose_bag(clerk, bag)
    clerk.page.fill("#seal", SEAL)
    clerk.page.fill("#weight_g", "1500")
    clerk.page.locator("#found").select_option("intact")


def test_a_bag_is_packed_closed_compared_blind_opened_before_a_witness_and_answered(
    chromium: Browser, site: Site
) -> None:
    with (
        at_browser(chromium, site, "nguyet") as sender,
        at_browser(chromium, site, "binh") as courier,
        at_browser(chromium, site, "hoa") as packer,
        at_browser(chromium, site, "tuan") as receiver,
    ):
        for person in (sender, courier, packer, receiver):
            person.log_in()
            person.enrol()
        codes = bring_in(sender, courier, packer)
        bag = start_bag(packer, to="tu son", asset="TUI-001")
        pack(packer, bag, codes)
        fill_closing(packer, bag)
        packer.sign()
        expect(packer.tile()).to_have_class(re.compile("ok"))
        expect(packer.page.locator("#seal")).to_have_value("")
        hand_over(packer, [bag], to="kinh bac bc")

        take_bag(courier, bag, seal="NP-1002")
        expect(courier.page.locator(".receipt[data-status=refused]")).to_have_count(1)
        expect(courier.tile()).to_have_class(re.compile("stop"))
        take_bag(courier, bag, seal=SEAL)
        expect(courier.page.locator(".receipt[data-status=accepted]")).to_have_count(1)
        courier.page.goto(f"{site.url}/bags/{bag}")
        expect(courier.page.locator("#contents")).not_to_contain_text(codes[0])
        assert SEAL not in courier.page.content()
        pass_on(courier, [bag], at="tu son bc", to="tu son bc")
        take_bag(receiver, bag, seal=SEAL)

        open_bag_station(receiver, "check_seal")
        choose_bag(receiver, bag)
        assert SEAL not in receiver.page.content()
        read_seal(receiver, "NP-9999")
        expect(receiver.tile()).to_have_class(re.compile("stop"))
        expect(receiver.page.locator("#tile-word")).to_have_text("Không khớp")
        receiver.page.keyboard.press("Escape")
        read_seal(receiver, SEAL)
        expect(receiver.tile()).to_have_class(re.compile("ok"))
        expect(receiver.page.locator("#tile-word")).to_have_text("Khớp")

        fill_opening(receiver, bag)
        receiver.page.click("#commit")
        expect(witness(receiver, "khai", "không phải mật khẩu")).not_to_be_empty()
        expect(receiver.page.locator("#witness-password")).to_have_value("")
        witness(receiver, "khai", PASSWORD)
        expect(receiver.page.locator(".receipt[data-status=accepted]")).to_have_count(1)
        expect(receiver.page.locator("#witness-password")).to_have_value("")
        expect(receiver.page.locator("[data-task=answer]")).to_have_attribute("aria-pressed", "true")

        receiver.scan(codes[0])
        expect(receiver.page.locator("#count-done")).to_have_text("1")
        receiver.page.locator(f"#left-list [data-code={codes[1]}] [data-act=absent]").click()
        expect(receiver.page.locator(f"#lines [data-code={codes[1]}] select")).to_have_value("missing")
        receiver.sign()
        expect(receiver.page.locator("#bag-state")).to_have_text("Đã kiểm xong")
        receiver.page.goto(f"{site.url}/bags/{bag}")
        expect(receiver.page.locator("#verified")).to_have_text("1")
        expect(receiver.page.locator("#inferred")).to_have_text("1")
        expect(receiver.page.locator(f"tr[data-code={codes[1]}]")).to_contain_text("Thiếu")
        expect(receiver.page.locator("ol.timeline").first).to_contain_text("Bùi Quang Khải")


def test_what_is_scanned_into_a_bag_survives_a_reload_and_a_password_does_not(
    chromium: Browser, site: Site
) -> None:
    with (
        at_browser(chromium, site, "nguyet") as sender,
        at_browser(chromium, site, "binh") as courier,
        at_browser(chromium, site, "hoa") as packer,
    ):
        for person in (sender, courier, packer):
            person.log_in()
            person.enrol()
        codes = bring_in(sender, courier, packer)
        bag = start_bag(packer, to="tu son", asset="TUI-002")
        open_bag_station(packer, "pack")
        choose_bag(packer, bag)
        packer.scan(codes[0])
        expect(packer.page.locator("#count-done")).to_have_text("1")
        packer.page.reload()
        expect(packer.page.locator("#bagstation[data-ready]")).to_be_attached()
        expect(packer.page.locator("#count-done")).to_have_text("1")
        packer.scan("ZK123456785VN")
        expect(packer.tile()).to_have_class(re.compile("stop"))
        packer.page.keyboard.press("Escape")
        packer.sign()
        stored = "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])"
        assert PASSWORD not in packer.page.evaluate(stored)
