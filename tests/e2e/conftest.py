"""A real Chromium and a real server for the browser tests; nothing of ours is replaced by a stand-in."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.e2e.stage import Site, running_site

STATIC = Path(__file__).resolve().parents[2] / "app" / "web" / "static"


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is missing: apt-get install chromium"
    browser = playwright.chromium.launch(executable_path=path)
    yield browser
    browser.close()


class _Files(SimpleHTTPRequestHandler):
    """Our own static files under the page's own policy, so that modules run as they do in the product."""

    def end_headers(self) -> None:
        self.send_header(
            "Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'"
        )
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name in the standard library
        """Stay quiet."""


@pytest.fixture(scope="session")
def module_host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(STATIC))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve an installation of its own for each file: a person may enrol only so many devices."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def workbench(chromium: Browser, module_host: str) -> Iterator[Page]:
    """Give a blank page of our origin, in which single browser modules are tried."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{module_host}/vendor/README.md")
    yield page
    context.close()
