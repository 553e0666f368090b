"""A browser without a screen: cookies, forms with their CSRF token, redirects. Standard library only.

It must know nothing that a real browser does not: what it needs, it reads from the pages it is given.
"""

import http.client
import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

MOST_REDIRECTS = 5
SECONDS = 30
_TOKEN = re.compile(r'data-csrf="([^"]+)"')
_TAGS = re.compile(r"<[^>]+>")


class UnexpectedAnswer(Exception):  # noqa: N818  # named after what it says
    """The server answered otherwise than the story expects; the message holds what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer: where it came from in the end, its status, its bytes."""

    path: str
    status: int
    content_type: str
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def words(self) -> str:
        """What a person would read of an HTML page, on one line."""
        return " ".join(unescape(_TAGS.sub(" ", self.text)).split())

    def json(self) -> Any:  # noqa: ANN401  # the parser's own type: callers read known fields from it
        """Parse the body as JSON; raises UnexpectedAnswer when it is not."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise UnexpectedAnswer(f"{self.path} did not answer JSON: {self.words[:300]}") from None


class Browser:
    """One person's browser at one server. Not for use by two threads."""

    def __init__(self, *, host: str, port: int) -> None:
        self._address = (host, port)
        self._origin = f"http://{host}:{port}"
        self._cookies: dict[str, str] = {}
        self._token = ""

    def url(self, path: str) -> str:
        """Return the address a person would open."""
        return self._origin + path

    def get(self, path: str, *, accept: str = "text/html") -> Page:
        """Open a page, following redirects."""
        return self._follow("GET", path, b"", {"Accept": accept})

    def post(self, path: str, fields: Mapping[str, str]) -> Page:
        """Send a form with the token of the page seen last, following redirects."""
        body = urlencode({**fields, "csrf_token": self._token}).encode()
        headers = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
        return self._follow("POST", path, body, headers)

    def post_json(self, path: str, body: bytes) -> Page:
        """Send JSON the way our pages do, with the token in a header."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return self._follow("POST", path, body, {**headers, "X-CSRFToken": self._token})

    def _follow(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        for _ in range(MOST_REDIRECTS):
            page, location = self._ask(method, path, body, headers)
            if location is None:
                return page
            parts = urlsplit(urljoin(self._origin + path, location))
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            method, body, headers = "GET", b"", {"Accept": headers["Accept"]}
        raise UnexpectedAnswer(f"{path} redirects in circles")

    def _ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[Page, str | None]:
        sent = {**headers, "Sec-Fetch-Site": "same-origin", "Origin": self._origin}
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        # A connection for each request: the server closes idle ones, and a person is idle most of the time.
        connection = http.client.HTTPConnection(*self._address, timeout=SECONDS)
        with closing(connection):
            connection.request(method, path, body=body or None, headers=sent)
            answer = connection.getresponse()
            content = answer.read()
        self._keep_cookies(answer.headers.get_all("Set-Cookie") or [])
        page = Page(
            path=path,
            status=answer.status,
            content_type=answer.headers.get_content_type(),
            body=content,
        )
        found = _TOKEN.search(page.text) if page.content_type == "text/html" else None
        if found:
            self._token = unescape(found[1])
        redirected = answer.status in {301, 302, 303, 307, 308}
        return page, answer.headers["Location"] if redirected else None

    def _keep_cookies(self, untrusted: list[str]) -> None:
        for line in untrusted:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self._cookies.pop(name, None)
                else:
                    self._cookies[name] = morsel.value


def expect(page: Page, *statuses: int) -> Page:
    """Return the page, or raise UnexpectedAnswer with what it says instead."""
    if page.status not in (statuses or (200,)):
        raise UnexpectedAnswer(f"{page.path} answered {page.status}: {page.words[-600:]}")
    return page
