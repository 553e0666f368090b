"""A closed section at real browsers: closed by its clerk, refused at the scan station, reopened, taken."""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.stage import Site, Station, at_browser
from tests.e2e.test_bag_station import pass_on
from tests.e2e.test_main_job import hand_over, register, take

CLOSING = re.compile(r"/sections/DQ-24-BC-TUSON-\d+-\d+$")


def close_section(clerk: Station, *, until: str, seal: str) -> None:
    """Close with what is left in the safe, if anything is."""
    page = clerk.page
    page.goto(f"{clerk.site.url}/access-keys")
    page.fill("#name", "Két sắt kho KT1")
    page.select_option("#kind", "combination")
    page.click("main form .btn-primary")
    clerk.arrive(re.compile(r"/access-keys/\d+$"))
    page.goto(f"{clerk.site.url}/sections")
    page.locator("#close").evaluate("panel => { panel.open = true; }")
    page.select_option("#reason", "errand")
    page.fill("#expected", until)
    page.fill("#note", "Giao tại trụ sở Ủy ban")
    clerk.choose("instead", "kinh bac bc")
    if page.locator("#safe").count():
        page.select_option("#access_key", label="Két sắt kho KT1")
        page.fill("#seal", seal)
    page.click("#close .btn-primary")
    clerk.arrive(CLOSING)


def soon(clerk: Station, *, hours: int) -> str:
    """Return a time some hours ahead as a person writes it."""
    return str(
        clerk.page.evaluate(
            "hours => { const at = new Date(Date.now() + (7 + hours) * 3600e3).toISOString();"
            " return `${at.slice(8, 10)}/${at.slice(5, 7)}/${at.slice(0, 4)} ${at.slice(11, 16)}`; }",
            hours,
        )
    )


def test_control_8_a_closed_section_turns_a_courier_away_and_takes_the_item_when_somebody_is_back(
    chromium: Browser, site: Site
) -> None:
    with (
        at_browser(chromium, site, "nguyet") as sender,
        at_browser(chromium, site, "khai") as courier,
        at_browser(chromium, site, "tuan") as clerk,
    ):
        for person in (sender, courier, clerk):
            person.log_in()
            person.enrol()
        first, second = register(sender), register(sender)
        hand_over(sender, [first, second], to="tu son bc")
        take(courier, [first, second])
        pass_on(courier, [first], at="tu son bc", to="tu son bc")
        take(clerk, [first])

        close_section(clerk, until=soon(clerk, hours=2), seal="NP-2901")
        expect(clerk.page.locator(".codehead .tag")).to_contain_text("Đang đóng")
        closing = clerk.page.url
        paper = clerk.page.request.get(f"{closing}/notice.pdf")
        assert paper.body().startswith(b"%PDF")

        # The courier is told as soon as the place is chosen, and again with what was signed there.
        courier.open_station("offer")
        courier.choose("place", "kinh bac bc")
        expect(courier.page.locator("#closed-here")).to_be_hidden()
        courier.choose("place", "tu son bc")
        expect(courier.page.locator("#closed-here")).to_contain_text("QUẦY ĐANG ĐÓNG")
        expect(courier.page.locator("#closed-here")).to_contain_text("đi giao, nhận ngoài quầy")
        courier.choose("to-unit", "tu son bc")
        courier.scan(second)
        courier.sign()
        expect(courier.tile()).to_have_class(re.compile("stop"))
        expect(courier.tile()).to_contain_text("hẹn mở lại")
        expect(courier.tile()).to_contain_text("Kinh Bắc")
        courier.page.click("#tile-ack")

        # The clerk's own station says it too.
        clerk.open_station("take")
        expect(clerk.page.locator("#closed-here")).to_be_visible()

        clerk.page.goto(closing)
        clerk.page.fill("#seal", "NP-2901")
        clerk.page.click("#reopen .btn-primary")
        expect(clerk.page.locator(".codehead .tag")).to_contain_text("Đã mở lại")
        expect(clerk.page.locator("#facts")).to_contain_text("Niêm phong két còn nguyên")
        pass_on(courier, [second], at="tu son bc", to="tu son bc")
        take(clerk, [second])
        expect(clerk.tile()).to_have_class(re.compile("ok"))
