"""The last door in a browser: the receiving checklist before the signature, and a refusal with its reason."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.stage import Site, Station, at_browser
from tests.e2e.test_main_job import deliver, hand_over, register, take, tick_off

SCREENS = pytest.mark.parametrize("screen", [{"width": 1366, "height": 768}, {"width": 390, "height": 844}])


@pytest.fixture
def crew(chromium: Browser, site: Site) -> Iterator[tuple[Station, Station]]:
    """Sit a sender and a courier at their browsers, each with a key."""
    with at_browser(chromium, site, "nguyet") as sender, at_browser(chromium, site, "binh") as courier:
        for person in (sender, courier):
            person.log_in()
            person.enrol()
        yield sender, courier


def bring(crew: tuple[Station, Station], **form: str) -> str:
    """Let an item come to the door of the receiver's agency."""
    sender, courier = crew
    code = register(sender, **form)
    hand_over(sender, [code], to="kinh bac bc")
    take(courier, [code])
    deliver(courier, [code], at="09187")
    return code


def line(person: Station, code: str) -> Locator:
    return person.page.locator(f"#lines .line[data-code={code}]")


@SCREENS
def test_the_receiver_of_a_secret_item_goes_through_the_checklist_before_signing(
    chromium: Browser, site: Site, crew: tuple[Station, Station], screen: dict[str, int]
) -> None:
    code = bring(crew, secrecy="B")
    with at_browser(chromium, site, "anh", viewport=screen) as receiver:
        receiver.log_in()
        receiver.enrol()
        receiver.open_station("take")
        receiver.scan(code)
        expect(receiver.tile()).to_have_class(re.compile("ok"))
        commit = receiver.page.locator("#commit")
        # Nothing is chosen before a hand has.
        expect(line(receiver, code).locator("input:checked")).to_have_count(0)
        expect(commit).to_be_disabled()
        expect(receiver.page.locator("#commit-why")).to_be_visible()
        receiver.page.screenshot(path=site.folder / f"checklist-{screen['width']}.png", full_page=True)
        line(receiver, code).locator("input[data-check=mark][value=intact]").click(force=True)
        line(receiver, code).locator("input[data-check=pieces][value='1']").click(force=True)
        expect(commit).to_be_disabled()
        line(receiver, code).locator("input[data-check=addressee][value=other]").click(force=True)
        expect(line(receiver, code).locator("[data-slot=check-fault]")).to_contain_text("Từ chối")
        expect(commit).to_be_disabled()
        line(receiver, code).locator("input[data-check=addressee][value=ours]").click(force=True)
        receiver.sign()
        expect(receiver.page.locator(".receipt[data-status=accepted]")).to_have_count(1)
        receiver.page.goto(f"{site.url}/consignments/{code}")
        expect(receiver.page.locator("main")).to_contain_text("số bì: 1")
        slip = receiver.context.request.get(f"{site.url}/consignments/{code}/slip.pdf")
        (site.folder / f"slip-{screen['width']}.pdf").write_bytes(slip.body())
        assert slip.body().startswith(b"%PDF-")


def test_what_is_turned_down_at_the_door_goes_back_and_its_sender_is_told(
    chromium: Browser, site: Site, crew: tuple[Station, Station]
) -> None:
    sender, courier = crew
    code = bring(crew, secrecy="C")
    with at_browser(chromium, site, "anh") as receiver:
        receiver.log_in()
        receiver.enrol()
        receiver.open_station("take")
        receiver.scan(code)
        line(receiver, code).locator("input[data-check=mark][value=missing]").click(force=True)
        expect(receiver.page.locator("#commit")).to_be_disabled()
        line(receiver, code).locator("select").select_option("mark_unreadable")
        receiver.sign()
        expect(receiver.page.locator(".receipt[data-status=accepted]")).to_have_count(1)
    sender.page.goto(f"{site.url}/incidents")
    expect(sender.page.locator("table")).to_contain_text(code)
    courier.open_station("offer")
    courier.page.check("input[name=purpose][value=return]", force=True)
    courier.choose("place", "24-SKHCN")
    courier.scan(code)
    courier.sign()
    sender.open_station("take")
    sender.scan(code)
    tick_off(sender, code)
    sender.sign()
    sender.page.goto(f"{site.url}/consignments/{code}")
    expect(sender.page.locator(".codehead")).to_contain_text("Đã chuyển hoàn")


def introduce(person: Station, number: str) -> None:
    """Let a focal point write out a letter of introduction for their own errand."""
    page = person.page
    page.goto(f"{person.site.url}/authorities")
    person.await_scripts()
    person.choose("holder", "pham thi anh")
    page.fill("input[name=number]", number)
    until = datetime.now(UTC) + timedelta(days=30)
    page.fill("input[name=valid_until]", f"{until:%d/%m/%Y %H:%M}")
    page.click("form[action$=authorities] button.btn-primary")
    expect(page.locator("#papers")).to_contain_text(number)


def test_an_agency_fetches_its_item_at_the_counter_with_a_letter_and_not_without(
    chromium: Browser, site: Site, crew: tuple[Station, Station]
) -> None:
    sender, courier = crew
    code = register(sender, secrecy="C")
    hand_over(sender, [code], to="kinh bac bc")
    take(courier, [code])
    courier.open_station("offer")
    courier.choose("place", "24-BC-KINHBAC")
    courier.choose("to-unit", "24-BC-KINHBAC")
    courier.scan(code)
    courier.sign()
    with (
        at_browser(chromium, site, "hoa") as clerk,
        at_browser(chromium, site, "anh") as receiver,
    ):
        for person in (clerk, receiver):
            person.log_in()
            person.enrol()
        take(clerk, [code])
        clerk.open_station("offer")
        clerk.page.check("input[name=purpose][value=delivery]", force=True)
        expect(clerk.page.locator("#counter-note")).to_be_visible()
        expect(clerk.page.locator("#to-user-field")).to_be_hidden()
        clerk.scan(code)
        expect(clerk.tile()).to_contain_text("cơ quan đến nhận")
        clerk.page.keyboard.press("Escape")
        clerk.choose("to-unit", "09187")
        clerk.scan(code)
        expect(clerk.tile()).to_have_class(re.compile("ok"))
        clerk.page.screenshot(path=site.folder / "counter.png", full_page=True)
        clerk.sign()
        expect(clerk.page.locator(".receipt[data-status=accepted]")).to_have_count(1)

        receiver.open_station("take")
        expect(receiver.page.locator("#offers")).to_contain_text("tại quầy")
        receiver.scan(code)
        tick_off(receiver, code)
        receiver.page.screenshot(path=site.folder / "counter-take.png", full_page=True)
        receiver.sign()
        expect(receiver.page.locator(".receipt[data-status=refused]")).to_contain_text("giấy giới thiệu")
        introduce(receiver, "15/GGT")
        receiver.open_station("take")
        receiver.scan(code)
        tick_off(receiver, code)
        receiver.sign()
        expect(receiver.page.locator(".receipt[data-status=accepted]")).to_have_count(1)
        receiver.page.goto(f"{site.url}/consignments/{code}")
        expect(receiver.page.locator(".codehead")).to_contain_text("Đã phát")
        slip = receiver.context.request.get(f"{site.url}/consignments/{code}/slip.pdf")
        (site.folder / "counter-slip.pdf").write_bytes(slip.body())
        assert slip.body().startswith(b"%PDF-")
