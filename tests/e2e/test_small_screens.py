"""Every page fits a screen of 360 pixels, and one of 1280 at 200 % zoom, without scrolling sideways."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.stage import Site, at_browser

PAGES = {
    "nguyet": (
        "/",
        "/consignments",
        "/consignments/new",
        "/consignments/import",
        "/scan",
        "/devices",
        "/account",
    ),
    "binh": ("/", "/scan?mode=offer", "/scan?mode=attempt", "/bags"),
    "hoa": (
        "/bags",
        "/bags/new",
        "/bags/station",
        "/bags/station?task=change_seal",
        "/seals",
        "/legs",
        "/legs/new",
        "/legs/vehicles",
    ),
    "duc": ("/", "/log", "/log/evidence", "/entries/1", "/consignments?q=kinh", "/seals"),
    "lan": ("/",),
    "quan": ("/", "/admin/users", "/admin/users/1", "/admin/units", "/admin/devices", "/seals"),
}


@pytest.mark.parametrize("username", PAGES)
@pytest.mark.parametrize("width", [360, 640])
def test_no_page_scrolls_sideways(chromium: Browser, site: Site, username: str, width: int) -> None:
    with at_browser(chromium, site, username, viewport={"width": width, "height": 740}) as person:
        person.log_in()
        for path in PAGES[username]:
            person.page.goto(site.url + path)
            person.page.wait_for_load_state("networkidle")
            wide = person.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, path
