"""The browser's cookie: an unguessable id, a CSRF token bound to it, and nothing else."""

import re

import pytest
from flask import Flask, flash, get_flashed_messages, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

from app.http.session_cookie import BrowserSession, BrowserSessions, id_hash

SECRET = b"s" * 32
GOOD_ID = "A" * 43


def _app(*, https: bool = True) -> Flask:
    app = Flask(__name__)
    app.secret_key = SECRET
    app.session_interface = BrowserSessions(secret=SECRET, https=https)

    @app.get("/quiet")
    def quiet() -> str:
        return "nothing"

    @app.get("/form")
    def form() -> str:
        generate_csrf()
        return str(session["csrf_token"])

    @app.get("/renew")
    def renew() -> str:
        assert isinstance(session._get_current_object(), BrowserSession)  # type: ignore[attr-defined]
        return session.renew()  # type: ignore[attr-defined,no-any-return]

    @app.get("/end")
    def end() -> str:
        session.end()  # type: ignore[attr-defined]
        return "ended"

    @app.get("/note")
    def note() -> str:
        flash("Đã lưu", "success")
        return "noted"

    @app.get("/read")
    def read() -> str:
        return "|".join(str(message) for message in get_flashed_messages())

    @app.get("/store")
    def store() -> str:
        session["role"] = "administrator"
        return "stored"

    return app


def _client(*, https: bool = True) -> FlaskClient:
    return _app(https=https).test_client()


def test_a_page_that_needs_no_session_sets_no_cookie() -> None:
    assert "Set-Cookie" not in _client().get("/quiet").headers


def test_the_cookie_is_bound_to_host_and_tls() -> None:
    cookie = _client().get("/form").headers["Set-Cookie"]
    assert re.match(r"__Host-kt1=[A-Za-z0-9_-]{43}; Secure; HttpOnly; Path=/; SameSite=Strict$", cookie)


def test_without_tls_the_name_does_not_claim_it() -> None:
    cookie = _client(https=False).get("/form").headers["Set-Cookie"]
    assert re.match(r"kt1=[A-Za-z0-9_-]{43}; HttpOnly; Path=/; SameSite=Strict$", cookie)


def test_the_same_browser_keeps_its_id_and_its_token() -> None:
    client = _client()
    first = client.get("/form", base_url="https://localhost")
    second = client.get("/form", base_url="https://localhost")
    assert "Set-Cookie" not in second.headers
    assert first.text == second.text


def test_login_gives_a_new_id_and_another_token() -> None:
    client = _client()
    planted = client.get("/form", base_url="https://localhost").text
    renewed = client.get("/renew", base_url="https://localhost")
    assert renewed.text in renewed.headers["Set-Cookie"]
    assert client.get("/form", base_url="https://localhost").text != planted


def test_logout_takes_the_cookie_back() -> None:
    client = _client()
    client.get("/form", base_url="https://localhost")
    assert (
        "__Host-kt1=; Expires=Thu, 01 Jan 1970"
        in client.get("/end", base_url="https://localhost").headers["Set-Cookie"]
    )


@pytest.mark.parametrize(
    "bad", ["", "short", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "é", "A" * 42 + " "]
)
def test_what_is_not_an_id_counts_as_absent(bad: str) -> None:
    app = _app(https=False)
    with app.test_request_context("/", headers={"Cookie": f"kt1={bad}"}):
        assert session.session_id is None  # type: ignore[attr-defined]


def test_a_note_is_shown_once_and_only_to_its_session() -> None:
    client = _client()
    client.get("/form", base_url="https://localhost")
    client.get("/note", base_url="https://localhost")
    stolen = client.get_cookie("__Host-kt1-notes", domain="localhost")
    assert client.get("/read", base_url="https://localhost").text == "Đã lưu"
    assert client.get("/read", base_url="https://localhost").text == ""
    other = _client()
    other.get("/form", base_url="https://localhost")
    assert stolen is not None
    other.set_cookie("__Host-kt1-notes", stolen.value, domain="localhost", secure=True)
    assert other.get("/read", base_url="https://localhost").text == ""


def test_a_forged_note_is_not_shown() -> None:
    client = _client(https=False)
    client.set_cookie("kt1", GOOD_ID, domain="localhost")
    client.set_cookie("kt1-notes", "WyJhIiwiYiJd.forged", domain="localhost")
    assert client.get("/read").text == ""


def test_nothing_else_can_be_kept_in_the_browser() -> None:
    assert _client().get("/store").status_code == 500


def test_only_the_digest_of_an_id_is_stored() -> None:
    assert id_hash(GOOD_ID) == "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a"
