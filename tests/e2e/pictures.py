"""Take the README's pictures anew: a real server, people at Chromium, the units of the province's sample.

    python -m tests.e2e.pictures docs/images        (make pictures)

A picture is written only when its whole scene went well; the tool asserts what is to be seen on it. It is no
test and proves nothing: it keeps the pictures from showing screens that are gone.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.stage import Site, Station, at_browser, running_site
from tests.e2e.test_bag_station import (
    bring_in,
    choose_bag,
    fill_closing,
    open_bag_station,
    pack,
    read_seal,
    start_bag,
)
from tests.e2e.test_main_job import deliver, hand_over, register, take

_SCREEN = {"width": 1280, "height": 860}


def photograph(browser: Browser, site: Site, folder: Path) -> None:
    """Let an item travel and a list wait, and keep what the sender, the courier and the auditor see."""
    with (
        at_browser(browser, site, "nguyet", viewport=_SCREEN) as sender,
        at_browser(browser, site, "binh", viewport=_SCREEN) as courier,
        at_browser(browser, site, "anh", viewport=_SCREEN) as receiver,
        at_browser(browser, site, "hoa", viewport=_SCREEN) as clerk,
        at_browser(browser, site, "duc", viewport=_SCREEN) as auditor,
    ):
        for person in (sender, courier, receiver, clerk):
            person.log_in()
            person.enrol("Máy quầy 1")
        auditor.log_in()
        _timeline(sender, courier, receiver, folder)
        _bag(sender, courier, clerk, folder)
        # The courier's list stays unsigned on this picture, and nothing else can be taken beside it.
        _scan(sender, courier, folder)
        _evidence(auditor, folder)


def _timeline(sender: Station, courier: Station, receiver: Station, folder: Path) -> None:
    """Show a delivered item to its sender, every line checked."""
    code = register(sender, secrecy="B", seal="")
    hand_over(sender, [code], to="kinh bac bc")
    take(courier, [code])
    deliver(courier, [code], at="09187")
    take(receiver, [code])
    sender.page.goto(f"{sender.site.url}/consignments/{code}")
    expect(sender.page.locator(".codehead")).to_contain_text("Đã phát")
    expect(sender.page.locator(".verify:not(.bad)")).to_have_count(5)
    _keep(sender, folder / "timeline.png", whole=True)


def _scan(sender: Station, courier: Station, folder: Path) -> None:
    """Show a courier two items into a waiting list of three."""
    codes = [register(sender, secrecy=secrecy, weight="120") for secrecy in ("B", "C", "none")]
    hand_over(sender, codes, to="kinh bac bc")
    courier.open_station("take")
    for number, code in enumerate(codes[:2], start=1):
        courier.scan(code)
        expect(courier.page.locator("#count-done")).to_have_text(str(number))
    _keep(courier, folder / "scan.png")


def _evidence(auditor: Station, folder: Path) -> None:
    """Show where the auditor exports evidence of a period or an incident."""
    auditor.page.goto(f"{auditor.site.url}/log/evidence")
    auditor.page.fill("#first_day", "01/11/2026")
    auditor.page.fill("#last_day", "30/11/2026")
    _keep(auditor, folder / "evidence.png", whole=True)


def _bag(sender: Station, courier: Station, clerk: Station, folder: Path) -> None:
    """Show a clerk whose reading of a seal differs from the record."""
    codes = bring_in(sender, courier, clerk)
    bag = start_bag(clerk, to="tu son", asset="TUI-0042")
    pack(clerk, bag, codes)
    fill_closing(clerk, bag)
    clerk.sign()
    open_bag_station(clerk, "check_seal")
    choose_bag(clerk, bag)
    read_seal(clerk, "NP-1010")
    expect(clerk.page.locator("#tile-word")).to_have_text("Không khớp")
    _keep(clerk, folder / "bag.png")


def _keep(person: Station, path: Path, *, whole: bool = False) -> None:
    person.await_scripts()
    person.page.screenshot(path=path, full_page=whole, animations="disabled")


def main() -> int:
    """Photograph into the folder that is named."""
    folder, chromium = Path(sys.argv[1]), shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.stderr.write("Chromium is missing: apt-get install chromium\n")
        return 1
    with (
        tempfile.TemporaryDirectory(prefix="kt1-pictures-") as room,
        tempfile.TemporaryDirectory(prefix="kt1-pictures-") as taken,
        sync_playwright() as playwright,
        running_site(Path(room)) as site,
    ):
        browser = playwright.chromium.launch(executable_path=chromium)
        photograph(browser, site, Path(taken))
        browser.close()
        for picture in sorted(Path(taken).iterdir()):
            shutil.copyfile(picture, folder / picture.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
