"""A person changes their own password: the old one proves it is them, the new one must not be guessable.

Both hashes are computed outside the transaction; the change counts only if the stored hash is still the one
that was verified. Every session of the person ends, this one too.

    change_password(read, write, PasswordChange, *, actor) -> None      `runtime.read`, `runtime.write`
Raises InvalidInput: `old_password` wrong_password; `new_password` too_short, too_long, weak_password.
"""

from dataclasses import dataclass, field
from datetime import datetime

from app.domain.access import Actor, Permission
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.services.people import sessions
from app.services.people.login import Write
from app.services.people.password_policy import check_password, normalise_password
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.passwords import hash_password, verify_password


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChange:
    """What the form sent; never shown in a trace."""

    untrusted_old: str = field(repr=False)
    untrusted_new: str = field(repr=False)


def change_password(read: Write, write: Write, change: PasswordChange, *, actor: Actor) -> None:
    """Verify, judge and replace; see the module."""
    user, unit = read(get_own, actor=actor)
    if not verify_password(user.password_hash, normalise_password(change.untrusted_old)):
        raise InvalidInput("old_password", ProblemCode.WRONG_PASSWORD)
    about = (user.username, user.full_name, unit.name, unit.short_name)
    password = check_password(change.untrusted_new, about=about, field="new_password")
    if verify_password(user.password_hash, password):
        raise InvalidInput("new_password", ProblemCode.REPEATED)
    write(replace_hash, old_hash=user.password_hash, new_hash=hash_password(password), actor=actor)


def get_own(
    uow: UnitOfWork, *, actor: Actor, now: datetime | None = None, tools: Tools | None = None
) -> tuple[User, Unit]:
    """Return the person's own account and unit."""
    del now, tools
    require(actor, Permission.OWN_ACCOUNT)
    user = uow.users.find(actor.user)
    if user is None:
        raise NotFound
    return user, uow.units.get(user.unit_id)


def replace_hash(
    uow: UnitOfWork, *, old_hash: str, new_hash: str, actor: Actor, now: datetime, tools: Tools
) -> None:
    """Store the new hash if the old one is still the one that was verified."""
    user, _ = get_own(uow, actor=actor, now=now, tools=tools)
    if user.password_hash != old_hash:
        raise Conflict(ConflictCode.CHANGED_MEANWHILE)
    uow.users.set_password(user.id, new_hash, must_change=False)
    sessions.end_all(uow, user.id)
    facts: dict[str, JsonValue] = {"account": int(user.id), "actor": int(user.id), "change": "own_password"}
    uow.audit.append(EntryDraft(kind=EntryKind.ACCOUNT_CHANGED, facts=facts))
