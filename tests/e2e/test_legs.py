"""A courier's leg at real browsers: planned, left with an escort who is there, closed at its end."""

import re
from datetime import datetime, timedelta, timezone

from playwright.sync_api import Browser, expect

from tests.e2e.stage import PASSWORD, Site, Station, at_browser
from tests.e2e.test_bag_station import bring_in, pass_on
from tests.e2e.test_main_job import take

VIETNAM = timezone(timedelta(hours=7))
PLATE = "99A-123.45"


def add_vehicle(clerk: Station) -> None:
    clerk.page.goto(f"{clerk.site.url}/legs/vehicles")
    clerk.page.fill("#plate", PLATE)
    clerk.page.check("#dedicated")
    clerk.page.click("form[action$='/legs/vehicles'] button")
    expect(clerk.page.locator("#vehicles")).to_contain_text(PLATE)


def plan(clerk: Station, codes: list[str]) -> None:
    now = datetime.now(VIETNAM)
    clerk.page.goto(f"{clerk.site.url}/legs/new")
    clerk.choose("to_office", "tu son")
    clerk.page.select_option("#vehicle", PLATE)
    clerk.page.select_option("#courier", label="Trần Văn Bình")
    clerk.page.select_option("#escort", label="Cao Thị Thảo")
    clerk.page.fill("#departs_at", f"{now:%d/%m/%Y %H:%M}")
    clerk.page.fill("#arrives_at", f"{now + timedelta(hours=2):%d/%m/%Y %H:%M}")
    clerk.page.fill("#codes", "\n".join(codes))
    clerk.page.click("main form button.btn-primary")
    clerk.arrive(re.compile(r"/legs/HT-[^/]+$"))


def open_station(courier: Station, leg: str) -> None:
    courier.page.goto(f"{courier.site.url}/legs/{leg}")
    courier.page.click("#go")
    expect(courier.page.locator("#legstation[data-ready]")).to_be_attached()


def test_a_leg_is_planned_left_with_its_escort_and_closed_line_by_line(chromium: Browser, site: Site) -> None:
    with (
        at_browser(chromium, site, "nguyet") as sender,
        at_browser(chromium, site, "binh") as courier,
        at_browser(chromium, site, "hoa") as clerk,
        at_browser(chromium, site, "tuan") as receiver,
    ):
        for person in (sender, courier, clerk, receiver):
            person.log_in()
            person.enrol()
        codes = bring_in(sender, courier, clerk)
        clerk.open_station("offer")
        clerk.choose("to-unit", "kinh bac bc")
        for code in codes:
            clerk.scan(code)
        clerk.sign()
        take(courier, codes)
        add_vehicle(clerk)
        plan(clerk, codes)
        leg = clerk.page.url.rpartition("/")[2]

        open_station(courier, leg)
        commit = courier.page.locator("#commit")
        courier.scan(codes[0])
        expect(courier.page.locator("#count-left")).to_have_text("1")
        expect(commit).to_be_disabled()
        # A label that cannot be read keeps no courier from leaving.
        courier.key_in(codes[1], reader="thao")
        expect(courier.page.locator("#count-left")).to_have_text("0")
        commit.click()
        courier.page.fill("#witness-name", "thao")
        courier.page.fill("#witness-password", "không phải mật khẩu")
        courier.page.click("#witness-ok")
        expect(courier.page.locator("#witness-fault")).not_to_be_empty()
        courier.page.fill("#witness-password", PASSWORD)
        courier.page.click("#witness-ok")
        courier.arrive(re.compile(r"/legs/HT-[^/]+$"))
        expect(courier.page.locator(".codehead")).to_contain_text("Đang đi")

        pass_on(courier, codes[:1], at="tu son", to="tu son")
        take(receiver, codes[:1])
        open_station(courier, leg)
        expect(courier.page.locator("#count-left")).to_have_text("1")
        courier.scan(codes[1])
        courier.page.click("#commit")
        courier.arrive(re.compile(r"/legs/HT-[^/]+$"))
        expect(courier.page.locator(".codehead")).to_contain_text("Đã đến")
        aboard = courier.page.locator("#aboard")
        expect(aboard).to_contain_text("Đã giao")
        expect(aboard).to_contain_text("Còn giữ")
