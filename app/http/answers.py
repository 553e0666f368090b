"""Turn every error into its answer: JSON for programs, a plain page for people, in the reader's language.

Nothing here may fail: the page stands alone and asks neither the database nor the session for anything new.
"""

import logging
import secrets
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from app.domain.errors import DomainError, InvalidInput, Problem
from app.http import errors, negotiate
from app.http.access import PasswordIsKnown, Unauthenticated
from app.http.csrf import CrossSite
from app.http.ports import Unavailable
from app.http.texts import text
from audit.errors import AuditError
from crypto.errors import CryptoError

_log: Final = logging.getLogger("kt1.http")
_KEPT_HEADERS: Final = frozenset({"Allow", "Retry-After", "WWW-Authenticate"})


def problem_body(problem: Problem, *, locale: str) -> dict[str, str | int | None]:
    """Describe one wrong field as programs get it: names and numbers, and one sentence for a person."""
    return {
        "field": problem.field,
        "row": problem.row,
        "column": problem.column,
        "code": str(problem.code),
        "message": text(f"problem.{problem.code}", locale=locale, **problem.params),
    }


def error_body(
    code: str, *, locale: str, problems: Iterable[Problem] = (), **params: object
) -> dict[str, object]:
    """Return the one shape of an error: code, message, problems."""
    return {
        "code": code,
        "message": errors.message_of(code, locale=locale, **params),
        "problems": [problem_body(problem, locale=locale) for problem in problems],
    }


def refuse(
    code: str, *, problems: Iterable[Problem] = (), headers: dict[str, str] | None = None, **params: object
) -> Response:
    """Build the answer for an error code."""
    locale = _locale()
    body = error_body(code, locale=locale, problems=problems, **params)
    if negotiate.wants_json():
        response = jsonify(error=body)
    else:
        page = render_template(
            "problem.html",
            error=body,
            locale=locale,
            title=text("page.error_title", locale=locale),
            home=text("page.home", locale=locale),
        )
        response = Response(page, mimetype="text/html")
    response.status_code = errors.status_of(code)
    response.headers.extend(headers or {})
    response.headers["Content-Language"] = locale
    return response


def _locale() -> str:
    try:
        return negotiate.locale()
    except Exception:  # noqa: BLE001  # whatever failed, an answer in some language must still come
        _log.exception("language of an error answer")
        return "vi"


def _incident(error: Exception) -> Response:
    incident = secrets.token_hex(4).upper()
    _log.error("incident %s at %s %s", incident, request.method, request.endpoint, exc_info=error)
    return refuse("internal", incident=incident)


def _http_error(error: HTTPException) -> BaseResponse:
    if isinstance(error, SecurityError):
        return refuse("wrong_host")
    if isinstance(error, CSRFError):
        return refuse("csrf")
    if error.code is not None and 300 <= error.code < 400:
        return error.get_response()
    kept = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
    code = errors.code_of_status(error.code)
    return refuse(code, headers=kept) if code != "internal" else _incident(error)


def _domain_error(error: DomainError) -> Response:
    problems = error.problems if isinstance(error, InvalidInput) else ()
    if str(error.code) not in errors.STATUS:
        return _incident(error)
    return refuse(str(error.code), problems=problems)


def _unauthenticated(_error: Unauthenticated) -> BaseResponse:
    if negotiate.wants_json() or request.method != "GET":
        return refuse("unauthenticated")
    # The question behind the path stays out: it may name a document, and addresses are written to logs.
    wanted = request.path
    return redirect("/login" if wanted == "/" else f"/login?{urlencode({'next': wanted})}", code=303)


def _password_is_known(_error: PasswordIsKnown) -> BaseResponse:
    if negotiate.wants_json() or request.method != "GET":
        return refuse("password_change_required")
    return redirect("/account", code=303)


def install(app: Flask) -> None:
    """Register the handlers; every exception that leaves a view ends in one of them."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(Unauthenticated, _unauthenticated)
    app.register_error_handler(PasswordIsKnown, _password_is_known)
    app.register_error_handler(CrossSite, lambda _error: refuse("cross_site"))
    app.register_error_handler(Unavailable, lambda _error: refuse("unavailable"))
    # What a device signed is checked before it is believed; these mean that it cannot be believed.
    app.register_error_handler(CryptoError, lambda _error: refuse("bad_signature"))
    app.register_error_handler(AuditError, lambda _error: refuse("malformed_evidence"))
    app.register_error_handler(Exception, _incident)
