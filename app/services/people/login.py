"""Logs a person in: throttled, hashed outside any transaction, and the same answer for every failure.

Three steps, because a password hash takes 50 ms and no lock may be held so long: note the attempt (as failed,
before the password is looked at, so that a thousand parallel guesses count as a thousand), verify, then
note the success and start the session. Never says whether the account exists, and never stores the password.

    login(write, attempt, limits=...) -> LoggedIn | LoginRefused        `write` is `runtime.write`
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from app.services.people import sessions, throttle
from app.services.people.password_policy import normalise_password
from app.services.people.sessions import SessionLimits
from app.services.tools import Tools
from app.storage.records import User
from app.storage.uow import UnitOfWork
from crypto.passwords import hash_password, needs_rehash, verify_password

_LONGEST_USERNAME = 64
_LONGEST_ADDRESS = 64
T = TypeVar("T")


class Write(Protocol):
    """`runtime.write`: runs a use case in its own durable transaction, adding `now` and `tools`."""

    def __call__(self, use_case: Callable[..., T], *args: object, **kwargs: object) -> T:
        """Run it and return after the commit."""
        ...


class LoginRefusal(StrEnum):
    """Why nobody was logged in. `wrong` covers every reason that concerns account and password."""

    WRONG = "login_failed"
    TOO_MANY = "too_many_attempts"
    # Of a witness alone, and only after the right password: nobody logs in with it.
    OFF_DUTY = "witness_off_duty"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempt:
    """What the login form sent. `session_hash` is the SHA-256 of a new id that the browser will keep."""

    username: str
    password: str
    address: str
    session_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused:
    """`retry_at` is given with TOO_MANY: when the next attempt will be read."""

    reason: LoginRefusal
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """The session is stored; the surface now gives the browser its id."""

    user: User
    expires_at: datetime


def login(
    write: Write, attempt: LoginAttempt, *, limits: SessionLimits | None = None
) -> LoggedIn | LoginRefused:
    """Run the three steps."""
    noted = write(note_attempt, attempt)
    if isinstance(noted, LoginRefused):
        return noted
    password = normalise_password(attempt.password)
    if not verify_password(noted.stored_hash, password):
        return LoginRefused(reason=LoginRefusal.WRONG)
    fresh = hash_password(password) if needs_rehash(noted.stored_hash or "") else None
    return write(finish_login, attempt, noted, fresh_hash=fresh, limits=limits or SessionLimits())


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """An attempt that may be tried; `stored_hash` is None for unknown and disabled accounts."""

    attempt_id: int
    stored_hash: str | None


def note_attempt(
    uow: UnitOfWork, attempt: LoginAttempt, *, now: datetime, tools: Tools | None = None
) -> Noted | LoginRefused:
    """Refuse when it is too early; else count this attempt as failed until it succeeds."""
    del tools
    username, address = attempt.username[:_LONGEST_USERNAME].casefold(), attempt.address[:_LONGEST_ADDRESS]
    uow.throttle.forget(before=now - throttle.WINDOW)
    failures = uow.throttle.count_failures(username, address, since=now - throttle.WINDOW, until=now)
    retry_at = throttle.retry_at(
        account=throttle.Failures(count=failures.account, last_at=failures.account_latest_at),
        address=throttle.Failures(count=failures.address, last_at=failures.address_latest_at),
        overall=throttle.Failures(count=failures.overall, last_at=failures.overall_latest_at),
    )
    if retry_at is not None and now < retry_at:
        return LoginRefused(reason=LoginRefusal.TOO_MANY, retry_at=retry_at)
    user = uow.users.find_by_username(username)
    attempt_id = uow.throttle.record(username, address, succeeded=False, tried_at=now)
    return Noted(
        attempt_id=attempt_id, stored_hash=user.password_hash if user is not None and user.active else None
    )


def finish_login(
    uow: UnitOfWork,
    attempt: LoginAttempt,
    noted: Noted,
    *,
    fresh_hash: str | None,
    limits: SessionLimits,
    now: datetime,
    tools: Tools | None = None,
) -> LoggedIn | LoginRefused:
    """Start the session, unless the account changed while the password was being verified."""
    del tools
    user = uow.users.find_by_username(attempt.username[:_LONGEST_USERNAME].casefold())
    if user is None or not user.active or user.password_hash != noted.stored_hash:
        return LoginRefused(reason=LoginRefusal.WRONG)
    uow.throttle.mark_succeeded(noted.attempt_id)
    if fresh_hash is not None:
        uow.users.set_password(user.id, fresh_hash, must_change=user.must_change_password)
    session = sessions.start(uow, user, attempt.session_hash, now=now, limits=limits)
    return LoggedIn(user=user, expires_at=session.expires_at)
