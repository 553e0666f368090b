"""How much a stranger may send: hosts, proxies, body sizes, refused before any view reads a byte.

It must never have an effect of its own: it runs before anybody is authenticated.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException, LengthRequired, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from app.domain.errors import InvalidInput, NotFound, ProblemCode
from app.http.settings import Settings

View = TypeVar("View", bound=Callable[..., object])
_LIMIT: Final = "kt1_body_bytes"
_HEADROOM: Final = 64 * 1024
FORM_PARTS: Final = 1000


def body_limit(setting: str) -> Callable[[View], View]:
    """Give a view a body limit of its own; `setting` names a Settings field."""

    def mark(view: View) -> View:
        setattr(view, _LIMIT, setting)
        return view

    return mark


def install(app: Flask, settings: Settings, *, body_bytes: int) -> None:
    """Set the limits of one surface and believe exactly as many proxies as there are."""
    app.config.update(
        MAX_CONTENT_LENGTH=body_bytes,
        MAX_FORM_MEMORY_SIZE=body_bytes,
        MAX_FORM_PARTS=FORM_PARTS,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
    )
    hops = settings.proxy_hops
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's way

    @app.before_request
    def refuse_early() -> None:
        # Flask runs these hooks even for a wrong Host; nothing below may then be trusted.
        if isinstance(request.routing_exception, HTTPException):
            raise request.routing_exception
        # No text of ours has a NUL, and PostgreSQL takes none: the question itself would fail there.
        if "\0" in request.path:
            raise NotFound
        if any("\0" in value for _, value in request.args.items(multi=True)):
            raise InvalidInput("query", ProblemCode.CONTROL_CHARACTER)
        view = current_app.view_functions.get(request.endpoint or "")
        setting = getattr(view, _LIMIT, None)
        if setting is not None:
            limit = getattr(settings, setting) + _HEADROOM
            request.max_content_length = limit
            request.max_form_memory_size = limit
        if "Transfer-Encoding" in request.headers:
            # A body of unknown length is cut off at the limit without an error: half a form would look whole.
            raise LengthRequired
        allowed = request.max_content_length
        if allowed is not None and (request.content_length or 0) > allowed:
            raise RequestEntityTooLarge
