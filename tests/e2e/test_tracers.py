"""An acknowledgement that does not come back, in a browser: reminded of, asked after by letter, answered.

The server is the real one in this process, because days must pass: its clock is the test's.
"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.http.surface import Surface
from tests.e2e.stage import Site, at_browser
from tests.support.device import enrol
from tests.support.installation import PASSWORD, Installation, installed
from tests.web.test_acknowledgements import delivered


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "house") as installation:
        yield installation


@pytest.fixture
def served(house: Installation, tmp_path: Path) -> Iterator[Site]:
    server = make_server("127.0.0.1", 0, house.app(Surface.PEOPLE), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(url=f"http://127.0.0.1:{server.server_port}", folder=tmp_path, environment={})
    server.shutdown()
    thread.join()
    server.server_close()


def log_in(page: Page, site: Site, username: str) -> None:
    page.goto(f"{site.url}/login")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("h1")).to_have_text("Việc của tôi")


def test_an_overdue_acknowledgement_is_reminded_of_asked_after_and_answered(
    chromium: Browser, house: Installation, served: Site
) -> None:
    code = delivered({name: enrol(house, name) for name in ("an.nguyen", "binh", "chien")})
    house.clock.forward(timedelta(days=6, minutes=5))
    with (
        at_browser(chromium, served, "an.nguyen") as sender,
        at_browser(chromium, served, "binh") as receiver,
    ):
        log_in(sender.page, served, "an.nguyen")
        # The reminder is on the first page, with the item in its queue.
        expect(sender.page.locator("main")).to_contain_text("Quá hạn phiếu báo phát")
        sender.page.goto(f"{served.url}/acknowledgements")
        expect(sender.page.locator("main")).to_contain_text(code)
        sender.page.goto(f"{served.url}/tracers")
        sender.page.locator("form[action$='/tracers/due'] button").click()
        expect(sender.page.locator("main")).to_contain_text("01/24.H01-TC")
        letter = sender.context.request.get(f"{served.url}/tracers/1.pdf")
        assert (letter.status, letter.body()[:5]) == (200, b"%PDF-")
        sender.page.screenshot(path=served.folder / "tracers.png", full_page=True)
        log_in(receiver.page, served, "binh")
        receiver.page.goto(f"{served.url}/tracers")
        receiver.page.locator("select[name=answer]").select_option("slip_sent")
        receiver.page.locator("form[action$='/tracers/1/answer'] button").click()
        expect(receiver.page.locator("main")).to_contain_text("Đã gửi phiếu, đang trên đường về")
        sender.page.reload()
        expect(sender.page.locator("main")).to_contain_text("Đã gửi phiếu, đang trên đường về")
