"""Which language and which form an answer takes.

Choices only: it must never decide whether somebody may have the answer.
"""

from typing import Final

from flask import current_app, has_request_context, request

from app.http.person import current_person
from app.http.surface import Surface, surface_of
from app.http.texts import DEFAULT_LOCALE, LOCALES

LOCALE_COOKIE: Final = "kt1-lang"


def locale() -> str:
    """Give the language: a device's Accept-Language; a person's stored choice, the cookie, Vietnamese."""
    if not has_request_context():
        return DEFAULT_LOCALE
    if surface_of(current_app) is Surface.DEVICES:
        return request.accept_languages.best_match(LOCALES) or DEFAULT_LOCALE
    person = current_person()
    chosen = person.locale if person is not None else request.cookies.get(LOCALE_COOKIE, "")
    return chosen if chosen in LOCALES else DEFAULT_LOCALE


def wants_json() -> bool:
    """Tell whether the caller is a program: a device, a script's fetch, or JSON asked for by name."""
    if surface_of(current_app) is Surface.DEVICES or request.headers.get("Sec-Fetch-Dest") == "empty":
        return True
    accept = request.accept_mimetypes
    return accept["application/json"] > accept["text/html"]


def safe_next(untrusted: str | None) -> str:
    """Accept a local path to go to after login; what could leave this origin becomes the home page."""
    if not untrusted or not untrusted.startswith("/") or untrusted.startswith(("//", "/\\")):
        return "/"
    if any(ord(letter) < 0x21 or letter == "\\" for letter in untrusted):
        return "/"
    return untrusted
