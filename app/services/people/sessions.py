"""Server-side sessions: who a browser is, asked of the database at every request.

The database keeps only the SHA-256 of the browser's id. A session is ended by deleting its row, and
touching it never brings a deleted one back. Never decides what the person may do.

For the surfaces:
    find(uow, id_hash, *, now, limits=None, tools=None) -> LiveSession | None   read; None: not logged in
    touch(uow, id_hash, *, now, tools=None) -> bool                write; only when `LiveSession.is_stale`
    end(uow, id_hash, *, now=None, tools=None) -> None             write; logout
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.access import Actor, Role
from app.domain.ids import UserId
from app.services.tools import Tools
from app.storage.records import Session, Unit, User
from app.storage.uow import UnitOfWork

_STALE_AFTER = timedelta(minutes=1)
_ADMINISTRATOR_IDLE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How long a session lives unused, and at most; administrators at most 15 minutes unused."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)

    def idle_for(self, role: Role) -> timedelta:
        """Return the idle time of a role."""
        return min(self.idle, _ADMINISTRATOR_IDLE) if role is Role.ADMINISTRATOR else self.idle


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSession:
    """A session that counts now, and whose it is. `is_stale`: `seen_at` should be written again."""

    actor: Actor
    user: User
    unit: Unit
    created_at: datetime
    expires_at: datetime
    is_stale: bool


def actor_of(user: User) -> Actor:
    """Return the person as the rules know them."""
    return Actor(
        user=user.id, unit=user.unit_id, role=Role(user.role), active=user.active, name_key=user.name_key
    )


def find(
    uow: UnitOfWork,
    id_hash: str,
    *,
    now: datetime,
    limits: SessionLimits | None = None,
    tools: Tools | None = None,
) -> LiveSession | None:
    """Return the live session with this id; None: ended, expired, idled out, or the person is disabled."""
    del tools
    found = uow.sessions.find_with_user(id_hash)
    if found is None or not found[1].active:
        return None
    session, user = found
    idle = (limits or SessionLimits()).idle_for(Role(user.role))
    if now >= session.expires_at or now >= session.seen_at + idle or now < session.created_at - idle:
        return None
    unit = uow.units.find(user.unit_id)
    if unit is None:
        return None
    return LiveSession(
        actor=actor_of(user),
        user=user,
        unit=unit,
        created_at=session.created_at,
        expires_at=session.expires_at,
        is_stale=now - session.seen_at >= _STALE_AFTER,
    )


def start(uow: UnitOfWork, user: User, id_hash: str, *, now: datetime, limits: SessionLimits) -> Session:
    """Store a new session under the hash of an id that only the browser keeps."""
    session = Session(
        id_hash=id_hash, user_id=user.id, created_at=now, seen_at=now, expires_at=now + limits.absolute
    )
    uow.sessions.delete_expired(now=now)
    uow.sessions.insert(session)
    return session


def touch(uow: UnitOfWork, id_hash: str, *, now: datetime, tools: Tools | None = None) -> bool:
    """Write that the session was used; False when it was ended meanwhile, and then it stays ended."""
    del tools
    return uow.sessions.touch(id_hash, seen_at=now)


def end(uow: UnitOfWork, id_hash: str, *, now: datetime | None = None, tools: Tools | None = None) -> None:
    """End one session; ending one that is gone is fine."""
    del now, tools
    uow.sessions.delete(id_hash)


def end_all(uow: UnitOfWork, user: UserId) -> None:
    """End every session of a person."""
    uow.sessions.delete_of_user(user)
