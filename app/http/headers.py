"""Security headers on every answer: pages, redirects, errors, static files, 304.

A view may add headers of its own; it must never be able to weaken these.
"""

from typing import Final

from flask import Flask, Response, request

_POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
)
CONTENT_SECURITY_POLICY: Final = "; ".join(_POLICY)
_CLOSED_FEATURES: Final = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
HEADERS: Final[dict[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _CLOSED_FEATURES),
}
STRICT_TRANSPORT: Final = "max-age=63072000; includeSubDomains"
_IMMUTABLE: Final = "private, max-age=31536000, immutable"
CLEAR_SITE_DATA: Final = '"cache"'


def install(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer of the application; call it before anything else adds a hook.

    Flask runs these hooks last registered first, so the first registered has the last word.
    """
    fixed = dict(HEADERS)
    if https:
        fixed["Strict-Transport-Security"] = STRICT_TRANSPORT

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers[name] = value
        if request.endpoint != "static" or response.status_code >= 400:
            # Pages, PDFs and answers to devices say where secrets travel: no cache keeps them.
            response.headers["Cache-Control"] = _IMMUTABLE if _may_keep(response) else "no-store"
        response.headers.pop("Server", None)
        return response


def _may_keep(response: Response) -> bool:
    """Tell whether this is a tile of hashes: it names nobody, and its bytes are the same for ever."""
    return request.endpoint == "tiles.tile" and response.status_code == 200


def clear_site_data(response: Response) -> Response:
    """Ask the browser to forget this origin; used by logout.

    `storage` is left out on purpose: it would delete the enrolled, non-extractable signing key of the device.
    `cookies` too: the session's cookie is deleted by name, and the chosen language stays with the machine.
    """
    response.headers["Clear-Site-Data"] = CLEAR_SITE_DATA
    return response
