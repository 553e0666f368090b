"""A real installation served by the real command on a free loopback port, and people at real browsers."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from app.cli.serving import server_command
from app.domain.access import Actor, Role
from app.factory import build_runtime
from app.services.bags import seals
from app.services.bags.seals import IssueSeals
from app.services.people import accounts
from app.services.people.accounts import CreateUser, IssuedPassword
from app.services.people.sessions import actor_of
from app.storage.uow import UnitOfWork
from config import Config
from crypto.label_mac import LabelKeys
from crypto.passwords import hash_password
from tests.support.cards import issue_cards

ROOT = Path(__file__).resolve().parents[2]
# Of an installation whose labels nobody reads.
NO_LABELS = LabelKeys({"none": bytes(32)}, "none")
_CODE = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
PASSWORD = "đường làng quanh co mười hai bến nước"
_HASHED = hash_password(PASSWORD)
# Tests share two cores with everything else; waiting longer costs nothing where the answer comes.
PATIENCE_MS = 90_000
START_SECONDS = 180
expect.set_options(timeout=PATIENCE_MS)
PEOPLE = {
    "nguyet": ("Nguyễn Thị Minh Nguyệt", Role.FOCAL_POINT, "24-SKHCN"),
    "binh": ("Trần Văn Bình", Role.COURIER, "24-BC-KINHBAC"),
    "hoa": ("Lê Thị Hoa", Role.CLERK, "24-BC-KINHBAC"),
    "anh": ("Phạm Thị Ánh", Role.FOCAL_POINT, "09187"),
    "duc": ("Hoàng Minh Đức", Role.AUDITOR, "24-SKHCN"),
    "lan": ("Vũ Thị Lan", Role.MINISTRY_READER, "01-BKHCN"),
    "quan": ("Đỗ Quân", Role.ADMINISTRATOR, "24-SKHCN"),
    "thao": ("Cao Thị Thảo", Role.CLERK, "24-BC-KINHBAC"),
    "tuan": ("Ngô Minh Tuấn", Role.CLERK, "24-BC-TUSON"),
    "khai": ("Bùi Quang Khải", Role.COURIER, "24-BC-TUSON"),
}
# What each post office has in its drawer: a bag is closed with a number of its own office alone.
SEALS = {"24-BC-KINHBAC": ("NP-1000", "NP-1999"), "24-BC-TUSON": ("NP-2000", "NP-2999")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One installation: its address, its folder, and the command that looks after it."""

    url: str
    folder: Path
    environment: dict[str, str]
    labels: LabelKeys = field(default=NO_LABELS, repr=False)

    def label(self, text: str) -> str:
        """Return what a scanner reads off the label of a code; anything else is read as it stands."""
        return self.labels.qr_text(text) if _CODE.fullmatch(text) else text

    def kt1(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `kt1` command on this installation."""
        program = "import sys; from app.factory import main; sys.exit(main())"
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=600
        )


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Make an installation in `folder` with people and seals, serve it, and stop it at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KT1_")}
    environment["KT1_DATA_DIR"] = str(folder / "data")
    site = Site(url="", folder=folder, environment=environment, labels=NO_LABELS)
    for arguments in (("init",), ("agency", "load", "deploy/province-24")):
        done = site.kt1(*arguments)
        assert done.returncode == 0, done.stderr
    labels = _add_people(folder)
    with (folder / "server.log").open("w") as log:
        server, url = _serve(environment, log)
        try:
            yield replace(site, url=url, labels=labels)
        finally:
            server.terminate()
            server.wait(timeout=START_SECONDS)


def _serve(environment: dict[str, str], log: TextIO) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server; a port that somebody else took in between is tried again as another one."""
    for _ in range(5):
        port = _free_port()
        command = server_command(host="127.0.0.1", port=port, threads=8)
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}"
        if _answers(url + "/healthz", server):
            return server, url
    raise ChildProcessError(Path(log.name).read_text(encoding="utf-8"))


def _add_people(folder: Path) -> LabelKeys:
    """Make accounts and seals, and return the keys that the installation prints its labels with."""
    runtime = build_runtime(Config(data_dir=folder / "data"))
    issued = IssuedPassword(text=PASSWORD, hashed=_HASHED, must_change=False)
    for username, (full_name, role, unit) in PEOPLE.items():
        form = {"username": username, "full_name": full_name, "role": role.value, "unit": unit}
        runtime.write(accounts.create_user, CreateUser(untrusted=form), issued=issued, actor=None)
    administrator = runtime.read(_administrator)
    issue_cards(runtime, administrator)
    for office, (first, last) in SEALS.items():
        stock = IssueSeals(untrusted_office=office, untrusted_first=first, untrusted_last=last)
        runtime.write(seals.issue, stock, actor=administrator)
    runtime.close()
    return runtime.tools.label_keys


def _administrator(uow: UnitOfWork) -> Actor:
    found = uow.users.find_by_username("quan")
    assert found is not None
    return actor_of(found)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(url: str, server: subprocess.Popen[bytes]) -> bool:
    """Wait until the server answers; False when it has ended instead."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(url, timeout=20):  # noqa: S310  # our own loopback address
                return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    server.kill()
    raise TimeoutError(url)


@dataclass(slots=True)
class Station:
    """One person at one browser, watched: its complaints and every foreign request are kept."""

    site: Site
    username: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    key_id: str = ""

    def log_in(self) -> None:
        """Log in by keyboard alone: the cursor is already in the first field."""
        self.page.goto(f"{self.site.url}/login")
        expect(self.page.locator("#username")).to_be_focused()
        self.page.keyboard.type(self.username)
        self.page.keyboard.press("Tab")
        self.page.keyboard.insert_text(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("h1")).to_have_text("Việc của tôi")
        self.await_scripts()

    def arrive(self, address: re.Pattern[str]) -> None:
        """Wait until a key or a click has led to this address and the page there answers to keys.

        The address changes before the new page's scripts run: a key pressed in between reaches nobody.
        """
        expect(self.page).to_have_url(address)
        self.await_scripts()

    def await_scripts(self) -> None:
        """Wait until every script of the page has run."""
        expect(self.page.locator("html[data-ready]")).to_be_attached()

    def enrol(self, name: str = "Máy thử") -> None:
        """Make this browser's key."""
        self.page.goto(f"{self.site.url}/devices")
        expect(self.page.locator("#enrol[data-ready]")).to_be_attached()
        self.page.fill("#name", name)
        self.page.click("#enrol-form button")
        this = self.page.locator("tr:has([data-this]:visible)")
        expect(this).to_have_count(1)
        expect(self.page.locator("#enrol[data-ready]")).to_be_attached()
        self.key_id = this.get_attribute("data-key") or ""

    def retire(self) -> None:
        """Revoke this browser's key: a person may have ten, and each test brings a browser of its own."""
        if not self.key_id:
            return
        request, site = self.context.request, self.site.url
        token = re.search(r'data-csrf="([^"]+)"', request.get(f"{site}/devices").text())
        # Whoever has logged out leaves the key where it is.
        if token is not None:
            request.post(f"{site}/devices/{self.key_id}/revoke", form={"csrf_token": token[1]})

    def open_station(self, mode: str) -> None:
        """Open the scan station on one job and wait until it knows its desk."""
        self.page.goto(f"{self.site.url}/scan?mode={mode}")
        expect(self.page.locator("#station[data-ready]")).to_be_attached()

    def scan(self, text: str) -> None:
        """Read a label as a keyboard-wedge scanner does: fast keys and Enter, wherever the focus is.

        A code comes framed by its AIM id, as scanners send it: a busy machine blurs the rhythm.
        """
        read = self.site.label(text)
        self.page.keyboard.type(f"]C0{read}" if _CODE.match(read) else read)
        self.page.keyboard.press("Enter")

    def key_in(
        self,
        code: str,
        *,
        again: str = "",
        reason: str = "label_damaged",
        reader: str = "",
        password: str = PASSWORD,
    ) -> None:
        """Type a code at a slow hand's pace, say why, read it again; `reader` is the second person."""
        self.page.keyboard.type(code, delay=140)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#keyin")).to_be_visible()
        self.page.locator(f"#keyin-{reason}").check()
        self.page.fill("#keyin-again", again or code)
        if reader:
            self.page.locator("#keyin-second summary").click()
            self.page.fill("#keyin-name", reader)
            self.page.fill("#keyin-password", password)
        self.page.locator("#keyin-again").press("Enter")

    def key(self, text: str) -> None:
        """Key a code by hand, and say so."""
        self.page.fill("#box", text)
        self.page.click("#typed")

    def choose(self, select: str, words: str) -> None:
        """Choose from a searchable list by typing without tone marks."""
        box = self.page.locator(f"#{select}-text")
        box.fill(words)
        box.press("Enter")

    def tile(self) -> Locator:
        """Return the big tile."""
        return self.page.locator("#tile")

    def sign(self) -> None:
        """Sign the list and wait for the server's receipt."""
        before = self.page.locator(".receipt").count()
        self.page.click("#commit")
        expect(self.page.locator(".receipt")).to_have_count(before + 1)


@contextmanager
def at_browser(browser: Browser, site: Site, username: str, **options: object) -> Iterator[Station]:
    """Sit a person at a fresh browser; at the end nothing may have been complained about."""
    context = browser.new_context(locale="vi-VN", **options)  # type: ignore[arg-type]  # passed through
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    station = Station(site=site, username=username, context=context, page=page)
    page.on("console", lambda message: _note_console(station, message))
    page.on("pageerror", lambda error: station.complaints.append(str(error)))
    context.on("request", lambda request: _note_request(station, request))
    page.on("dialog", lambda dialog: dialog.accept())
    try:
        yield station
    except BaseException:
        # What the person saw when it went wrong; the folder's path is in the failure's own report.
        page.screenshot(path=site.folder / f"{username}.png", full_page=True)
        raise
    else:
        assert station.complaints == []
        assert station.foreign == []
        station.retire()
    finally:
        context.close()


def _note_console(station: Station, message: ConsoleMessage) -> None:
    # A refused form answers 4xx, which Chromium reports as a failed load; that is the product's answer.
    expected = re.search(r"status of (401|404|409|422|429)", message.text)
    if message.type in {"error", "warning"} and not expected:
        station.complaints.append(message.text)


def _note_request(station: Station, request: Request) -> None:
    if not request.url.startswith((station.site.url, "data:", "blob:", "chrome")):
        station.foreign.append(request.url)
