"""The same security headers on every kind of answer, hosts and sizes refused early, no trace of a fault."""

import logging
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort, redirect, request
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from app.domain.errors import InvalidInput, LogHalted, ProblemCode
from app.factory import combined_app, create_app
from app.http import access
from app.http.headers import CONTENT_SECURITY_POLICY, HEADERS, STRICT_TRANSPORT
from app.http.ports import Unavailable
from app.http.surface import Surface
from tests.support.installation import Browser, Installation, installed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("headers")
    with installed(
        folder, https=True, proxy_hops=1, trusted_hosts=("localhost", "kt1.example")
    ) as installation:
        yield installation


@pytest.fixture(scope="module")
def client(house: Installation) -> FlaskClient:
    """Build a people surface with a few views that go wrong in every way."""
    app = create_app(house.config, Surface.PEOPLE, house.runtime)
    _add(app, "crash", lambda: 1 / 0)
    _add(app, "teapot", lambda: abort(418))
    _add(app, "elsewhere", lambda: redirect("/login"))
    _add(app, "halted", _raise(LogHalted()))
    _add(app, "busy", _raise(Unavailable()))
    _add(app, "wrong", _raise(InvalidInput("weight_g", ProblemCode.OUT_OF_RANGE, row=3, column="K")))
    return app.test_client()


def _add(app: Flask, name: str, view: Callable[[], Any]) -> None:
    app.add_url_rule(f"/test/{name}", name, access.public(view))


def _raise(error: Exception) -> Callable[[], object]:
    def view() -> object:
        raise error

    return view


def get(client: FlaskClient, path: str, method: str = "GET", **headers: str) -> TestResponse:
    """Ask over TLS as the proxy would pass it on."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.1.1", **named}
    return client.open(path, method=method, base_url="http://localhost", headers=sent, buffered=True)


def check(answer: TestResponse) -> None:
    """See that nothing is missing."""
    for name, value in HEADERS.items():
        assert answer.headers.getlist(name) == [value], name
    assert answer.headers["Strict-Transport-Security"] == STRICT_TRANSPORT
    assert "Server" not in answer.headers
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/healthz", "GET", 200),
        ("/login", "GET", 200),
        ("/login", "HEAD", 200),
        ("/login", "OPTIONS", 200),
        ("/", "GET", 303),
        ("/test/elsewhere", "GET", 302),
        ("/nothing", "GET", 404),
        ("/healthz", "DELETE", 405),
        ("/login", "POST", 403),
        ("/test/teapot", "GET", 400),
        ("/test/wrong", "GET", 422),
        ("/test/crash", "GET", 500),
        ("/test/halted", "GET", 503),
        ("/test/busy", "GET", 503),
        ("/static/css/app.css", "GET", 200),
        ("/static/nothing.css", "GET", 404),
    ],
)
def test_every_answer_carries_them(client: FlaskClient, path: str, method: str, status: int) -> None:
    for accept in ("text/html", "application/json"):
        answer = get(client, path, method, Accept=accept)
        # A program is told that it is a stranger; a person is shown the way to the login page.
        assert answer.status_code == (401 if (path, accept) == ("/", "application/json") else status)
        check(answer)


def test_not_modified_carries_them_too(client: FlaskClient) -> None:
    first = get(client, "/static/css/app.css")
    again = get(client, "/static/css/app.css", If_None_Match=first.headers["ETag"])
    assert again.status_code == 304
    check(again)


def test_pages_are_never_cached_and_static_files_are_asked_for_again(client: FlaskClient) -> None:
    for path in ("/login", "/", "/nothing", "/test/crash", "/static/nothing.css"):
        assert get(client, path).headers["Cache-Control"] == "no-store", path
    assert get(client, "/static/css/app.css").headers["Cache-Control"] == "no-cache"


def test_the_policy_allows_our_own_files_and_nothing_inline() -> None:
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY.replace("https", "")


def test_logout_clears_the_browser_but_keeps_its_signing_key(house: Installation) -> None:
    browser = _tls_browser(house)
    answer = browser.post("/logout", X_Forwarded_Proto="https")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def _tls_browser(house: Installation) -> Browser:
    """Log a browser in behind the proxy of this installation."""
    client = house.app(Surface.PEOPLE).test_client()
    client.environ_base["HTTP_X_FORWARDED_PROTO"] = "https"
    browser = Browser(client=client, config=house.config)
    assert browser.log_in("an.nguyen").status_code == 303
    return browser


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "kt1.example:1@evil.example", ""])
def test_another_host_is_refused_in_words(client: FlaskClient, host: str) -> None:
    answer = get(client, "/login", Host=host, Accept="application/json")
    assert answer.status_code == 400
    check(answer)
    assert answer.json is not None
    assert answer.json["error"]["code"] == "wrong_host"


def test_one_proxy_is_believed_and_a_forged_second_is_not(house: Installation) -> None:
    app = create_app(house.config, Surface.PEOPLE, house.runtime)
    seen: list[str | None] = []

    def look() -> str:
        seen.append(request.remote_addr)
        return request.scheme

    _add(app, "look", look)
    client = app.test_client()
    forged = {"X-Forwarded-For": "6.6.6.6, 10.1.1.1", "X-Forwarded-Proto": "http, https"}
    assert client.get("/test/look", headers=forged).text == "https"
    assert seen == ["10.1.1.1"]


def test_without_a_proxy_nothing_forwarded_is_believed(tmp_path: Path) -> None:
    with installed(tmp_path) as plain:
        answer = (
            plain.app(Surface.PEOPLE)
            .test_client()
            .get("/login", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"})
        )
        assert answer.status_code == 200
        assert "Strict-Transport-Security" not in answer.headers
        assert "__Host-" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize(
    ("path", "size"), [("/login", 300_000), ("/login", 10_000_000), ("/locale", 10_000_000)]
)
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
)
def test_a_large_body_is_refused_unread_in_words(
    client: FlaskClient, path: str, size: int, kind: str
) -> None:
    answer = client.post(
        path, data=b"a=" + b"x" * size, content_type=kind, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 413
    check(answer)
    assert "quá lớn" in answer.text


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_body_of_unknown_length_is_refused_in_words(client: FlaskClient, size: int) -> None:
    """The library would cut it off at the limit, and half a form would look like a whole one."""
    answer = client.post(
        "/login",
        input_stream=BytesIO(b"a=" + b"x" * size),
        content_type="application/x-www-form-urlencoded",
        headers={"Sec-Fetch-Site": "same-origin", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 411
    check(answer)
    assert "Content-Length" in answer.text


def test_a_fault_shows_an_incident_number_that_stands_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="kt1.http"):
        answer = get(client, "/test/crash", Accept="application/json")
    assert answer.json is not None
    incident = caplog.messages[-1].split()[1]
    assert incident in answer.json["error"]["message"]
    assert "division" not in answer.text
    assert "ZeroDivisionError" in caplog.text


def test_the_language_of_an_error_follows_the_cookie(client: FlaskClient) -> None:
    assert "Không tìm thấy" in get(client, "/nothing").text
    client.set_cookie("kt1-lang", "en", domain="localhost")
    english = get(client, "/nothing")
    assert "Not found" in english.text
    assert '<html lang="en">' in english.text
    client.set_cookie("kt1-lang", "klingon", domain="localhost")
    assert "Không tìm thấy" in get(client, "/nothing").text
    client.delete_cookie("kt1-lang", domain="localhost")


def test_one_process_serves_both_surfaces(house: Installation) -> None:
    client = Client(combined_app(house.config, house.runtime))
    for path, found in (
        ("/healthz", "ok"),
        ("/api/v1/health", "now"),
        ("/login", "KT1"),
        ("/api/nothing", "not_found"),
    ):
        answer = client.get(path, headers={"X-Forwarded-Proto": "https"})
        assert found in answer.text, path
        check(answer)
    assert "error" not in client.get("/apidocs").text[:20]
