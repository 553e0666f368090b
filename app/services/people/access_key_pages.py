"""Show the register of keys and codes: an office its own, an auditor every office's. Reads only.

For the surfaces (raise NotPermitted, NotFound):
    list_access_keys(uow, *, actor, now, due_only, office) -> AccessKeyList
    get_access_key(uow, identity, *, actor, now) -> AccessKeyPage
    count_due(uow, *, actor, now) -> int
    get_office(uow, code, *, actor) -> Unit                the actor's own where no code is given
    list_seconds(uow, *, actor) -> tuple[User, ...]        who may stand by, or take over
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.access import POST, Actor, Permission
from app.domain.access_key import AccessKey, AccessKeyState, StepTaken
from app.domain.errors import NotFound
from app.domain.ids import UnitId, UserId
from app.services.people.permissions import require
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork

_DUE = frozenset({AccessKeyState.OVERDUE, AccessKeyState.STAFF_LEFT})
# What calls for an act stands first, what is gone last.
_ORDER = (
    AccessKeyState.STAFF_LEFT,
    AccessKeyState.OVERDUE,
    AccessKeyState.IN_ORDER,
    AccessKeyState.RETIRED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAccessKey:
    """One key or code with how it stands and whose it is."""

    key: AccessKey
    state: AccessKeyState
    unit: Unit
    holder: User


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKeyList:
    """The register; `due` counts what is to be changed, also where only that is listed."""

    rows: tuple[ShownAccessKey, ...]
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKeyPage:
    """One of them with every step, the newest first."""

    shown: ShownAccessKey
    steps: tuple[StepTaken, ...]
    people: Mapping[UserId, User]


def list_access_keys(
    uow: UnitOfWork, *, actor: Actor, now: datetime, due_only: bool = False, office: str = ""
) -> AccessKeyList:
    """Return the register of the actor's office; an auditor may ask for one office, or all."""
    require(actor, Permission.VIEW_ACCESS_KEY)
    unit = _scope(actor)
    if office:
        unit = get_office(uow, office, actor=actor).id
    rows = _shown(uow, uow.access_keys.list(unit), now=now)
    due = tuple(one for one in rows if one.state in _DUE)
    return AccessKeyList(rows=due if due_only else rows, due=len(due))


def get_access_key(uow: UnitOfWork, identity: int, *, actor: Actor, now: datetime) -> AccessKeyPage:
    """Return one to whoever may list it; raises NotFound."""
    require(actor, Permission.VIEW_ACCESS_KEY)
    key = uow.access_keys.find(identity)
    if key is None or _scope(actor) not in {None, key.unit}:
        raise NotFound
    steps = tuple(reversed(uow.access_keys.list_steps([key.id])[key.id]))
    people = {one for step in steps for one in (step.user, step.partner) if one is not None}
    return AccessKeyPage(
        shown=_shown(uow, (key,), now=now)[0], steps=steps, people=uow.users.list_by_ids(people)
    )


def count_due(uow: UnitOfWork, *, actor: Actor, now: datetime) -> int:
    """Return how many are to be changed, of the actor's office or of all."""
    require(actor, Permission.VIEW_ACCESS_KEY)
    return uow.access_keys.count_due(_scope(actor), now=now)


def get_office(uow: UnitOfWork, code: str, *, actor: Actor) -> Unit:
    """Return an office whose register this person may read; raises NotFound."""
    require(actor, Permission.VIEW_ACCESS_KEY)
    office = uow.units.find_by_code(code) if code else uow.units.get(actor.unit)
    if office is None or _scope(actor) not in {None, office.id}:
        raise NotFound
    return office


def list_seconds(uow: UnitOfWork, *, actor: Actor) -> tuple[User, ...]:
    """Return the other people of the office who carry for the post."""
    require(actor, Permission.KEEP_ACCESS_KEY)
    people = (one for role in sorted(POST) for one in uow.users.list(unit=actor.unit, role=role))
    return tuple(one for one in people if one.active and one.id != actor.user)


def _scope(actor: Actor) -> UnitId | None:
    return actor.unit if actor.role in POST else None


def _shown(uow: UnitOfWork, keys: tuple[AccessKey, ...], *, now: datetime) -> tuple[ShownAccessKey, ...]:
    if not keys:
        return ()
    units = uow.units.list_by_ids({key.unit for key in keys})
    people = uow.users.list_by_ids({key.holder for key in keys})
    rows = [
        ShownAccessKey(key=key, state=key.state(now), unit=units[key.unit], holder=people[key.holder])
        for key in keys
    ]
    rows.sort(key=lambda one: (_ORDER.index(one.state), one.unit.code, one.key.name, one.key.id))
    return tuple(rows)
