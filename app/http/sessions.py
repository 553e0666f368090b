"""Server-side sessions: a browser holds a random id, the database says what it is worth at this very request.

Nothing about a session is kept in memory between requests, so logout, a change of role and a disabled account
take effect at the next one.
"""

from typing import cast

from flask import Flask, Request, g, request, session
from flask_login import LoginManager

from app.http.person import Person
from app.http.ports import runtime
from app.http.session_cookie import BrowserSession, BrowserSessions, id_hash, new_id
from app.http.settings import Settings
from app.services.people import login, sessions
from app.services.people.login import LoginAttempt, LoginRefused
from app.services.people.sessions import LiveSession, SessionLimits


def install(app: Flask, settings: Settings, *, secret: bytes) -> None:
    """Put our sessions under Flask's and Flask-Login's."""
    app.secret_key = secret
    app.session_interface = BrowserSessions(secret=secret, https=settings.https)
    manager = LoginManager()
    # Our own rows say whether a session lives; Flask-Login's marks in a cookie would be a second truth.
    manager.session_protection = None
    manager.request_loader(_load_person)
    manager.init_app(app)


def log_in(*, untrusted_username: str, untrusted_password: str) -> LoginRefused | None:
    """Log this browser in under a new id; returns why not, or None when it is done."""
    browser, port = _browser(), runtime()
    session_id = new_id()
    attempt = LoginAttempt(
        username=untrusted_username,
        password=untrusted_password,
        address=request.remote_addr or "",
        session_hash=id_hash(session_id),
    )
    outcome = login.login(port.write, attempt, limits=_limits(port.settings))
    if isinstance(outcome, LoginRefused):
        return outcome
    if browser.session_id is not None:
        # Whoever logs in again on the same browser leaves no second session behind.
        port.write(sessions.end, id_hash(browser.session_id))
    browser.adopt(session_id)
    _forget_loaded()
    return None


def log_out() -> None:
    """End this browser's session, in the database first; the view adds `headers.clear_site_data`."""
    browser = _browser()
    if browser.session_id is not None:
        runtime().write(sessions.end, id_hash(browser.session_id))
    browser.end()
    _forget_loaded()


def _load_person(_request: Request) -> Person | None:
    browser, port = _browser(), runtime()
    if browser.session_id is None:
        return None
    hashed = id_hash(browser.session_id)
    live = port.read(sessions.find, hashed, limits=_limits(port.settings))
    if live is None or (live.is_stale and not port.write(sessions.touch, hashed)):
        return None
    return _person_of(live)


def _person_of(live: LiveSession) -> Person:
    return Person(
        actor=live.actor,
        username=live.user.username,
        full_name=live.user.full_name,
        position=live.user.position,
        locale=live.user.locale,
        unit_code=live.unit.code,
        unit_name=live.unit.name,
        must_change_password=live.user.must_change_password,
    )


def _limits(settings: Settings) -> SessionLimits:
    return SessionLimits(idle=settings.session_idle, absolute=settings.session_absolute)


def _browser() -> BrowserSession:
    return cast("BrowserSession", session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001  # a proxy


def _forget_loaded() -> None:
    # Flask-Login remembers within a request whom it loaded, Flask-WTF which token it made.
    for name in ("_login_user", "csrf_token"):
        g.pop(name, None)
