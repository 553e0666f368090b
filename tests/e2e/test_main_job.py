"""The main job in real browsers: register, label, hand over, take, deliver, look at the timeline."""

import re

from playwright.sync_api import Browser, expect

from tests.e2e.stage import Site, Station, at_browser

CODE = re.compile(r"/consignments/([A-Z]{2}\d{9}VN)$")


def register(
    focal: Station,
    *,
    recipient: str = "phuong kinh bac",
    secrecy: str = "C",
    weight: str = "350",
    seal: str = "",
) -> str:
    page = focal.page
    page.goto(f"{focal.site.url}/consignments/new")
    focal.choose("recipient_unit", recipient)
    page.check(f"input[name=secrecy][value={secrecy}]", force=True)
    page.fill("#weight_g", weight)
    page.fill("#document_numbers", f"{page.evaluate('Date.now()')}/SKHCN")
    page.fill("#seal", seal)
    page.check("#inner_envelope")
    page.check("#outer_envelope")
    page.click("#register button.btn-primary")
    focal.arrive(CODE)
    found = CODE.search(page.url)
    assert found
    return found[1]


def hand_over(giver: Station, codes: list[str], *, to: str) -> None:
    giver.open_station("offer")
    giver.choose("to-unit", to)
    for code in codes:
        giver.scan(code)
    expect(giver.page.locator("#count-done")).to_have_text(str(len(codes)))
    giver.sign()


def take(taker: Station, codes: list[str]) -> None:
    taker.open_station("take")
    for code in codes:
        taker.scan(code)
        expect(taker.tile()).to_have_class(re.compile("ok"))
        tick_off(taker, code)
    taker.sign()


def tick_off(taker: Station, code: str) -> None:
    """Look at an item at its last door and find it as it was registered; on its way nothing is asked."""
    row = taker.page.locator(f"#lines .line[data-code={code}]")
    expect(row).to_be_visible()
    if row.locator("[data-slot=checklist]").count() == 0:
        return
    for name, value in (("mark", "intact"), ("pieces", "1"), ("addressee", "ours")):
        row.locator(f"input[data-check={name}][value='{value}']").click(force=True)


def deliver(courier: Station, codes: list[str], *, at: str) -> None:
    courier.open_station("offer")
    courier.page.check("input[name=purpose][value=delivery]", force=True)
    courier.choose("place", at)
    for code in codes:
        courier.scan(code)
    courier.sign()


def test_a_consignment_travels_from_one_agency_to_another(chromium: Browser, site: Site) -> None:
    with (
        at_browser(chromium, site, "nguyet") as sender,
        at_browser(chromium, site, "binh") as courier,
        at_browser(chromium, site, "anh") as receiver,
    ):
        for person in (sender, courier, receiver):
            person.log_in()
            person.enrol()
        code = register(sender)
        sender.page.goto(f"{site.url}/consignments/{code}/label")
        with sender.page.expect_response(re.compile(r"label\.pdf$")) as answer:
            sender.page.locator("form[action$='label.pdf'] button").click()
        assert answer.value.headers["content-type"] == "application/pdf"

        hand_over(sender, [code], to="kinh bac bc")
        take(courier, [code])
        deliver(courier, [code], at="09187")
        take(receiver, [code])

        receiver.page.goto(f"{site.url}/consignments/{code}")
        expect(receiver.page.locator(".codehead")).to_contain_text("Đã phát")
        expect(receiver.page.locator(".holder")).to_have_text("Phạm Thị Ánh")
        titles = receiver.page.locator(".event:not(.planned) .what").all_inner_texts()
        assert [title.removesuffix("gõ tay").strip() for title in titles] == [
            "Bên nhận đã quét nhận Đã kiểm tận tay",
            "Bên giao đã quét giao",
            "Bên nhận đã quét nhận Đã kiểm tận tay",
            "Bên giao đã quét giao",
            "In nhãn",
            "Đăng ký bưu gửi",
        ]
        expect(receiver.page.locator("#planned .event")).to_have_count(1)
        expect(receiver.page.locator(".verify:not(.bad)")).to_have_count(6)
        slip = receiver.context.request.get(f"{site.url}/consignments/{code}/slip.pdf")
        assert slip.body().startswith(b"%PDF-")
