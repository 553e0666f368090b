"""The cookie of a browser: one random 256-bit id, and nothing that could be read or forged in it.

Flask's `session` object stands here for two things only: the CSRF token, derived from the id, and the notes
to show on the next page. What a session may do lives in the database (`app/http/sessions.py`), never here.
"""

import hashlib
import hmac
import re
import secrets
from typing import Any, Final

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadData, URLSafeSerializer

_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_FLASHES: Final = "_flashes"
_TOKEN: Final = "csrf_token"  # noqa: S105  # the name of a field
_NOTES_BYTES: Final = 3500


def id_hash(session_id: str) -> str:
    """Return what is stored for a session id: its SHA-256, so that a stolen table opens no session."""
    return hashlib.sha256(session_id.encode("ascii")).hexdigest()


def new_id() -> str:
    """Make an id of 256 bits from the operating system's randomness."""
    return secrets.token_urlsafe(32)


class BrowserSession(dict[str, Any], SessionMixin):
    """The session as Flask and Flask-WTF see it; the id is made when something first needs it."""

    def __init__(self, *, session_id: str | None, secret: bytes, notes: list[Any]) -> None:
        super().__init__()
        self._secret = secret
        self.session_id = session_id
        self.must_send = False
        self.ended = False
        self.had_notes = bool(notes)
        if session_id is not None:
            super().__setitem__(_TOKEN, self._token(session_id))
        if notes:
            super().__setitem__(_FLASHES, notes)

    def __setitem__(self, name: str, value: object) -> None:
        """Accept a CSRF token's wish for existence, and notes; refuse to become a store of anything else."""
        if name == _TOKEN:
            self.renew()
        elif name == _FLASHES:
            if self.session_id is None:
                # A note belongs to one browser's id: after a logout it needs a new one to travel with.
                self.renew()
            super().__setitem__(name, value)
        else:
            raise KeyError(f"the browser's session keeps no {name!r}")

    def renew(self) -> str:
        """Give this browser a new id; returns it."""
        return self.adopt(new_id())

    def adopt(self, session_id: str) -> str:
        """Give this browser an id made by `new_id`, as at login; the CSRF token changes with it."""
        self.session_id = session_id
        self.must_send, self.ended = True, False
        super().__setitem__(_TOKEN, self._token(session_id))
        return session_id

    def end(self) -> None:
        """Forget the id, as at logout."""
        self.session_id, self.ended, self.must_send = None, True, False
        self.clear()

    def _token(self, session_id: str) -> str:
        return hmac.digest(self._secret, b"kt1/csrf/v1\n" + session_id.encode("ascii"), "sha256").hex()


class BrowserSessions(SessionInterface):
    """Reads and writes the cookies; `__Host-` and Secure where TLS is on."""

    def __init__(self, *, secret: bytes, https: bool) -> None:
        self._secret = secret
        self._https = https
        prefix = "__Host-" if https else ""
        self.cookie = f"{prefix}kt1"
        self.notes_cookie = f"{prefix}kt1-notes"
        self._serializer = URLSafeSerializer(secret, salt="kt1/notes/v1")

    def open_session(self, app: Flask, request: Request) -> BrowserSession:  # noqa: ARG002  # Flask's signature
        """Read the cookies; anything that is not a well-formed id is treated as absent."""
        untrusted = request.cookies.get(self.cookie, "")
        session_id = untrusted if _ID.fullmatch(untrusted) else None
        notes = self._read_notes(request.cookies.get(self.notes_cookie), session_id)
        return BrowserSession(session_id=session_id, secret=self._secret, notes=notes)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002  # the same
        """Send the id when it is new, forget it when it ended, and carry notes to the next page only."""
        if not isinstance(session, BrowserSession):
            raise TypeError("another session interface made this session")
        if session.accessed:
            response.vary.add("Cookie")
        if session.ended:
            self._forget(response, self.cookie)
        elif session.must_send and session.session_id is not None:
            self._send(response, self.cookie, session.session_id)
        notes = session.get(_FLASHES)
        if notes and session.session_id is not None:
            self._send_notes(response, notes, session.session_id)
        elif session.had_notes:
            self._forget(response, self.notes_cookie)

    def _read_notes(self, untrusted: str | None, session_id: str | None) -> list[Any]:
        if untrusted is None or session_id is None:
            return []
        try:
            owner, notes = self._serializer.loads(untrusted)
        except (BadData, ValueError, TypeError):
            return []
        return [tuple(note) for note in notes] if owner == id_hash(session_id)[:16] else []

    def _send_notes(self, response: Response, notes: list[Any], session_id: str) -> None:
        value = self._serializer.dumps([id_hash(session_id)[:16], notes])
        if len(value) <= _NOTES_BYTES:
            self._send(response, self.notes_cookie, str(value))

    def _send(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, path="/", secure=self._https, httponly=True, samesite="Strict")

    def _forget(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self._https, httponly=True, samesite="Strict")
