"""Accounts: created and changed by an administrator, with every change in the log.

A password is made here, shown once and stored only as an Argon2id hash. Hashing takes 50 ms, so it happens
before the transaction: `issue_password()` first, then the use case. Never logs a name: an entry says only
which account, which role, which unit.

For the surfaces:
    issue_password() -> IssuedPassword                                   outside any transaction
    create_user(uow, CreateUser, *, issued, actor, now, tools) -> UserId  actor None: the operator's console
    change_account(uow, ChangeAccount, *, actor, now, tools) -> None  role, unit, active; ends sessions
    reset_password(uow, user, *, issued, actor, now, tools) -> None
    set_locale(uow, locale, *, actor, now, tools) -> None
    list_users(uow, *, actor, now, tools) -> tuple[User, ...]
    restore_account(uow, RestoreAccount, *, now, tools) -> None  the console only: who came back nameless
Own password: `own_password.py`. Login: `login.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.access import Actor, Permission, Role
from app.domain.errors import Conflict, ConflictCode, InvalidInput, NotFound, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.text import name_key
from app.services.fields import Fields
from app.services.people import sessions
from app.services.people.access_keys import note_departure
from app.services.people.password_policy import generate_password
from app.services.people.permissions import require
from app.services.people.units import find_open_unit
from app.services.tools import Tools
from app.storage.records import User
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.passwords import hash_password

LOCALES = ("vi", "en")
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}", re.ASCII)
_NEW_FIELDS = frozenset({"username", "full_name", "position", "role", "unit", "locale"})
_CHANGE_FIELDS = frozenset({"full_name", "position", "role", "unit"})
_RESTORE_FIELDS = frozenset({"username", "full_name", "position"})
# No password fits it, whatever is typed.
NO_PASSWORD = "!"  # noqa: S105  # the absence of one


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedPassword:
    """A new password and its hash; `text` is shown to the administrator once and kept nowhere.

    `must_change`: whoever issued it has seen it, so the person must replace it before anything else.
    """

    text: str
    hashed: str
    must_change: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUser:
    """An untrusted form: username, full_name, position, role, unit (code), locale."""

    untrusted: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAccount:
    """An untrusted form for an existing account: full_name, position, role, unit (code)."""

    user: UserId
    untrusted: Mapping[str, str]
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreAccount:
    """An untrusted form for whoever came back from the log without a name: username, full_name, position."""

    user: UserId
    untrusted: Mapping[str, str]


def lost_username(user: UserId) -> str:
    """Return the user name of whoever came back from the log, which knows only numbers."""
    return f"lost-{user}"


def issue_password() -> IssuedPassword:
    """Make a password and hash it; takes about 50 ms."""
    text = generate_password()
    return IssuedPassword(text=text, hashed=hash_password(text))


def create_user(
    uow: UnitOfWork,
    command: CreateUser,
    *,
    issued: IssuedPassword,
    actor: Actor | None,
    now: datetime,
    tools: Tools,
) -> UserId:
    """Create an account; raises InvalidInput with every problem, Conflict when the user name is taken."""
    del tools
    if actor is not None:
        require(actor, Permission.MANAGE_USERS)
    fields = Fields(untrusted=command.untrusted)
    fields.refuse_unknown(_NEW_FIELDS)
    full_name = fields.line("full_name", longest=120, required=True)
    user = User(
        id=UserId(0),
        username=_read_username(fields),
        full_name=full_name,
        name_key=name_key(full_name),
        position=fields.line("position", longest=120),
        role=_read_role(fields),
        unit_id=_read_unit(uow, fields),
        password_hash=issued.hashed,
        locale=_read_locale(fields),
        active=True,
        created_at=now,
        must_change_password=issued.must_change,
    )
    fields.raise_problems()
    if uow.users.find_by_username(user.username) is not None:
        raise Conflict(ConflictCode.USERNAME_TAKEN)
    user_id = uow.users.add(user)
    _log(uow, EntryKind.ACCOUNT_CREATED, replace(user, id=user_id), change="created", actor=actor)
    return user_id


def change_account(
    uow: UnitOfWork, command: ChangeAccount, *, actor: Actor | None, now: datetime, tools: Tools
) -> None:
    """Change name, position, role, unit, or close the account; every session of the person ends now."""
    del tools
    before = _get_other(uow, command.user, actor)
    fields = Fields(untrusted=command.untrusted)
    fields.refuse_unknown(_CHANGE_FIELDS)
    full_name = fields.line("full_name", longest=120, required=True)
    after = replace(
        before,
        full_name=full_name,
        name_key=name_key(full_name),
        position=fields.line("position", longest=120),
        role=_read_role(fields),
        unit_id=_read_unit(uow, fields),
        active=command.active,
        closed_at=None if command.active else before.closed_at or now,
    )
    _refuse_stranding(uow, before, after, fields)
    fields.raise_problems()
    uow.users.amend(after)
    note_departure(uow, before, after, now=now)
    sessions.end_all(uow, after.id)
    _log(
        uow, EntryKind.ACCOUNT_CHANGED, after, change="account", actor=actor, changed=_changed(before, after)
    )


def restore_account(uow: UnitOfWork, command: RestoreAccount, *, now: datetime, tools: Tools) -> None:
    """Give a person back the names that the log does not hold; only the operator's console may.

    Raises NotFound for whoever has a user name, Conflict when the new one is taken.
    """
    del now, tools
    before = uow.users.find(command.user)
    if before is None or before.username != lost_username(before.id):
        raise NotFound
    fields = Fields(untrusted=command.untrusted)
    fields.refuse_unknown(_RESTORE_FIELDS)
    full_name = fields.line("full_name", longest=120, required=True)
    after = replace(
        before,
        username=_read_username(fields),
        full_name=full_name,
        name_key=name_key(full_name),
        position=fields.line("position", longest=120),
    )
    fields.raise_problems()
    if uow.users.find_by_username(after.username) is not None:
        raise Conflict(ConflictCode.USERNAME_TAKEN)
    uow.users.amend(after)
    changed = tuple(name for name in sorted(_RESTORE_FIELDS) if getattr(before, name) != getattr(after, name))
    _log(uow, EntryKind.ACCOUNT_CHANGED, after, change="restored", actor=None, changed=changed)


def reset_password(
    uow: UnitOfWork, user: UserId, *, issued: IssuedPassword, actor: Actor | None, now: datetime, tools: Tools
) -> None:
    """Replace a forgotten password by a new random one; every session of the person ends now."""
    del now, tools
    before = _get_other(uow, user, actor)
    uow.users.set_password(user, issued.hashed, must_change=issued.must_change)
    sessions.end_all(uow, user)
    _log(uow, EntryKind.ACCOUNT_CHANGED, before, change="password", actor=actor)


def set_locale(uow: UnitOfWork, locale: str, *, actor: Actor, now: datetime, tools: Tools) -> None:
    """Keep the language a person chose."""
    del now, tools
    if locale not in LOCALES:
        raise InvalidInput("locale", ProblemCode.NOT_A_CHOICE)
    uow.users.set_locale(actor.user, locale)


def list_users(uow: UnitOfWork, *, actor: Actor | None, now: datetime, tools: Tools) -> tuple[User, ...]:
    """Return every account, for administrators and the operator's console."""
    del now, tools
    if actor is not None:
        require(actor, Permission.MANAGE_USERS)
    return uow.users.list()


def _get_other(uow: UnitOfWork, user: UserId, actor: Actor | None) -> User:
    """Return somebody else's account: nobody raises their own rights or locks themselves out."""
    if actor is not None:
        require(actor, Permission.MANAGE_USERS)
        if actor.user == user:
            raise Conflict(ConflictCode.OWN_ACCOUNT)
    found = uow.users.find(user)
    if found is None:
        raise NotFound
    return found


def _refuse_stranding(uow: UnitOfWork, before: User, after: User, fields: Fields) -> None:
    """Refuse to take somebody out of the place in which they answer for items: nobody could move those."""
    changed = [
        field
        for field, differs in (
            ("active", before.active and not after.active),
            ("role", before.role != after.role),
            ("unit", before.unit_id != after.unit_id),
        )
        if differs
    ]
    count = uow.consignments.count_held(before.id) + uow.bags.count_held(before.id) if changed else 0
    if count:
        fields.refuse(changed[0], ProblemCode.HOLDS_ITEMS, count=count)


def _changed(before: User, after: User) -> tuple[str, ...]:
    """Name what an administrator changed of an account, in the words of the form; the values stay outside."""
    fields = ("full_name", "position", "role", "unit_id", "active")
    differing = (name for name in fields if getattr(before, name) != getattr(after, name))
    return tuple(name.removesuffix("_id") for name in differing)


def _log(
    uow: UnitOfWork,
    kind: EntryKind,
    user: User,
    *,
    change: str,
    actor: Actor | None,
    changed: tuple[str, ...] = (),
) -> None:
    facts: dict[str, JsonValue] = {
        "account": int(user.id),
        "role": user.role,
        "unit": uow.units.get(user.unit_id).code,
        "active": user.active,
        "change": change,
    }
    if changed:
        facts["changed"] = list(changed)
    uow.audit.append(
        EntryDraft(kind=kind, facts=facts if actor is None else {**facts, "actor": int(actor.user)})
    )


def _read_username(fields: Fields) -> str:
    text = fields.untrusted.get("username", "").strip().casefold()
    if not _USERNAME.fullmatch(text):
        fields.refuse("username", ProblemCode.MALFORMED if text else ProblemCode.REQUIRED)
    return text


def _read_role(fields: Fields) -> str:
    try:
        return Role(fields.untrusted.get("role", "")).value
    except ValueError:
        fields.refuse("role", ProblemCode.NOT_A_CHOICE)
        return Role.MINISTRY_READER.value


def _read_unit(uow: UnitOfWork, fields: Fields) -> UnitId:
    unit = find_open_unit(uow, fields.untrusted.get("unit", ""))
    if unit is None:
        fields.refuse("unit", ProblemCode.UNKNOWN_UNIT)
    return unit or UnitId(0)


def _read_locale(fields: Fields) -> str:
    locale = fields.untrusted.get("locale", "") or "vi"
    if locale not in LOCALES:
        fields.refuse("locale", ProblemCode.NOT_A_CHOICE)
    return locale
