"""Changes must come from our own pages: a token bound to the session, and the browser's own word.

Referrer-Policy is no-referrer, so browsers send `Origin: null` even from our own forms; Sec-Fetch-Site is
asked first, and the token always. This module must never exempt a view: there is no list of exceptions.
"""

from typing import Final
from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN_SECONDS: Final = 12 * 3600


class CrossSite(Exception):  # noqa: N818  # named after what it says
    """The browser says that another site made this request."""


def install(app: Flask, *, https: bool) -> None:
    """Guard every unsafe request of the people surface."""
    app.config.update(
        # The session behind the token ends long before this; the token must not end first and lose a form.
        WTF_CSRF_TIME_LIMIT=_TOKEN_SECONDS,
        # The referrer is never sent by our pages; Sec-Fetch-Site and Origin take its place.
        WTF_CSRF_SSL_STRICT=False,
    )

    @app.before_request
    def refuse_cross_site() -> None:
        if request.method in SAFE_METHODS:
            return
        if not _is_same_origin(https=https):
            raise CrossSite

    CSRFProtect(app)

    @app.before_request
    def refuse_nul() -> None:
        # Read only behind the token's check. What no database takes is refused before one is asked.
        if any("\0" in value for _, value in request.form.items(multi=True)):
            raise BadRequest


def _is_same_origin(*, https: bool) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    if origin is None or origin == "null":
        # Over TLS every browser we support sends Sec-Fetch-Site; over plain HTTP none does off the loopback.
        return origin is None or not https
    parts = urlsplit(origin)
    return (parts.scheme, parts.netloc) == (request.scheme, request.host)
