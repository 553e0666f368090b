"""Log in, log out, choose a language. It must never tell whether an account exists."""

from typing import Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.domain.access import Permission
from app.http import headers, negotiate, sessions
from app.http.access import access, public
from app.http.i18n import words
from app.http.person import current_person
from app.http.ports import runtime
from app.http.texts import LOCALES
from app.services.people import accounts
from app.services.people.login import LoginRefusal, LoginRefused
from app.web.filters import when

BLUEPRINT: Final = Blueprint("login", __name__)
_YEAR_SECONDS: Final = 365 * 24 * 3600


@BLUEPRINT.get("/login")
@public
def show() -> BaseResponse:
    """Show the form; whoever is logged in goes on."""
    wanted = negotiate.safe_next(request.args.get("next"))
    if current_person() is not None:
        return redirect(wanted, code=303)
    return make_response(_page(wanted))


@BLUEPRINT.post("/login")
@public
def sign_in() -> BaseResponse:
    """Try a user name and a password; every wrong pair gets the same answer."""
    wanted = negotiate.safe_next(request.form.get("next"))
    username = request.form.get("username", "")
    refused = sessions.log_in(
        untrusted_username=username, untrusted_password=request.form.get("password", "")
    )
    if refused is None:
        return redirect(wanted, code=303)
    return _refusal(refused, wanted, username)


@BLUEPRINT.post("/logout")
@access(Permission.OWN_ACCOUNT)
def sign_out() -> BaseResponse:
    """End the session; the browser forgets what it cached, and keeps its signing key."""
    sessions.log_out()
    return headers.clear_site_data(make_response(redirect(url_for("login.show"), code=303)))


@BLUEPRINT.post("/locale")
@public
def set_locale() -> BaseResponse:
    """Change the language: kept with the account, and in a cookie for the login page."""
    chosen = request.form.get("locale", "")
    answer = make_response(redirect(negotiate.safe_next(request.form.get("next")), code=303))
    if chosen not in LOCALES:
        return answer
    person = current_person()
    if person is not None:
        runtime().write(accounts.set_locale, chosen, actor=person.actor)
    https = runtime().settings.https
    answer.set_cookie(
        negotiate.LOCALE_COOKIE, chosen, max_age=_YEAR_SECONDS, secure=https, httponly=True, samesite="Strict"
    )
    return answer


def _page(wanted: str, *, failure: str = "", username: str = "") -> str:
    return render_template("login.html", next=wanted, failure=failure, username=username)


def _refusal(refused: LoginRefused, wanted: str, username: str) -> Response:
    failure = words(f"error.{refused.reason}")
    if refused.reason is LoginRefusal.TOO_MANY:
        failure = f"{failure} ({when(refused.retry_at)})"
    status = 429 if refused.reason is LoginRefusal.TOO_MANY else 401
    return make_response(_page(wanted, failure=failure, username=username), status)
