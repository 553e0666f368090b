"""Who calls the device surface: a token of 256 bits, whose device and person are looked up at every request.

A revoked device and a disabled owner are strangers from the next request on. A device that brings scans is
let in as it was known last; the transaction that records its scans looks it up again. Every
route's declaration is enforced here; nothing a stranger sent is written to a log.
"""

import re
from typing import Final, cast

from flask import Flask, Response, current_app, g, request

from app.domain.access import Actor, Permission, may
from app.domain.errors import NotPermitted
from app.http.access import PUBLIC, rule_of
from app.http.answers import refuse
from app.http.ports import runtime
from app.http.security_log import report
from app.services.people import devices
from app.services.scans.scan_batch import Caller
from crypto.digest import sha256_hex

_BEARER: Final = re.compile(r"Bearer ([A-Za-z0-9_-]{43})", re.ASCII)
# Routes whose transaction asks again whether the caller is still what it was let in as.
RECHECKED: Final = frozenset({"api_scans.submit_scans"})
_MOST_RECENT: Final = 10_000
# Devices that called this process before, by the digest of their token: never an authority, only a shortcut.
_recent: Final[dict[str, Caller]] = {}
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="kt1"'}


class UnknownDevice(Exception):  # noqa: N818  # named after what it says
    """No live device has this token."""


def install(app: Flask) -> None:
    """Refuse each request of the device surface that its route's declaration does not allow."""
    app.register_error_handler(UnknownDevice, _refuse)

    @app.before_request
    def guard() -> None:
        rule = rule_of(current_app.view_functions[request.endpoint or ""])
        if rule == PUBLIC:
            return
        match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
        caller = None
        if match is not None and request.endpoint in RECHECKED:
            caller = _recent.get(sha256_hex(match[1].encode()))
        g.kt1_token = match[1] if match is not None else ""
        g.kt1_caller = caller or look_up()
        if not may(g.kt1_caller.actor.role, Permission(str(rule))):
            raise NotPermitted


def current_actor() -> Actor:
    """Return the owner of the calling device; only routes that are not public may ask."""
    return current_caller().actor


def current_caller() -> Caller:
    """Return the calling device; only routes that are not public may ask."""
    return cast("Caller", g.kt1_caller)


def look_up() -> Caller:
    """Look the calling device up in the database; raises UnknownDevice."""
    token: str = g.kt1_token
    digest = sha256_hex(token.encode())
    found = runtime().read(devices.authenticate, token) if token else None
    if found is None:
        _recent.pop(digest, None)
        report("unknown_device_token")
        raise UnknownDevice
    caller = Caller(actor=found.actor, key_id=found.device.key_id, token_hash=digest)
    while len(_recent) >= _MOST_RECENT:
        _recent.pop(next(iter(_recent)), None)
    _recent[digest] = caller
    return caller


def _refuse(_error: UnknownDevice) -> Response:
    return refuse("unknown_device_token", headers=_CHALLENGE)
