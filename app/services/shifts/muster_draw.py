"""Let the system draw whom to muster, so that nobody can choose, or warn, or be blamed for having chosen.

The seed is the hash of the log's last entry at that moment: fixed before, known to nobody before, and the
same for whoever draws again. The entry of the draw names it, what was drawn from, and what came out.

For the surfaces (raise NotPermitted, InvalidInput):
    draw(uow, DrawMusters, *, actor, now, tools) -> tuple[Muster, ...]
    list_places(uow, *, actor) -> tuple[Unit, ...]       each place that can be mustered
    list_people(uow, *, actor) -> tuple[User, ...]       each person
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain import muster as rules
from app.domain.access import POST, Actor, Permission, Role
from app.domain.bag import contents_digest
from app.domain.errors import InvalidInput, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.muster import DrawOf, Muster
from app.services.people.permissions import require
from app.services.shifts.musters import freeze
from app.services.tools import Tools
from app.storage.records import Unit, User
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind

MOST_DRAWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawMusters:
    """An untrusted form: among what (`places`, `people`), and how many."""

    untrusted_of: str
    untrusted_count: str


def draw(
    uow: UnitOfWork, command: DrawMusters, *, actor: Actor, now: datetime, tools: Tools
) -> tuple[Muster, ...]:
    """Draw places or people that no open muster concerns, and open a muster of each."""
    del tools
    require(actor, Permission.DRAW_MUSTER)
    of = next((one for one in DrawOf if one.value == command.untrusted_of), None)
    if of is None:
        raise InvalidInput("of", ProblemCode.NOT_A_CHOICE)
    typed = command.untrusted_count
    count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    if not 1 <= count <= MOST_DRAWN:
        raise InvalidInput("count", ProblemCode.NOT_A_NUMBER)
    pool = _pool(uow, of)
    head = uow.audit.head()
    drawn = rules.draw(pool, count, seed=head.leaf)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.MUSTER_DRAWN,
            facts={
                "actor": int(actor.user),
                "of": of.value,
                "seed": head.leaf.hex(),
                "size": head.size,
                "pool": len(pool),
                "digest": contents_digest(pool),
                "drawn": ",".join(drawn),
            },
        )
    )
    return tuple(
        freeze(uow, unit, user, by=actor.user, now=now, is_drawn=True)
        for unit, user in (pool[name] for name in drawn)
    )


def list_places(uow: UnitOfWork, *, actor: Actor) -> tuple[Unit, ...]:
    """Return the places that can be mustered by this person: those with people of the post."""
    require(actor, Permission.OPEN_MUSTER)
    units = {user.unit_id for user in _people(uow)}
    found = sorted(uow.units.list_by_ids(units).values(), key=lambda unit: unit.code) if units else []
    return tuple(
        unit for unit in found if unit.active and (actor.role is Role.AUDITOR or unit.id == actor.unit)
    )


def list_people(uow: UnitOfWork, *, actor: Actor) -> tuple[User, ...]:
    """Return the people who can be mustered by this person."""
    require(actor, Permission.OPEN_MUSTER)
    return tuple(user for user in _people(uow) if actor.role is Role.AUDITOR or user.unit_id == actor.unit)


def _pool(uow: UnitOfWork, of: DrawOf) -> dict[str, tuple[UnitId, UserId | None]]:
    """Return what can be drawn, by the name that stands in the log: a unit's code, a person's number."""
    people = _people(uow)
    units = uow.units.list_by_ids({user.unit_id for user in people}) if people else {}
    busy = {(muster.unit, muster.user) for muster in uow.musters.list_open()}
    found: dict[str, tuple[UnitId, UserId | None]]
    if of is DrawOf.PLACES:
        found = {unit.code: (unit.id, None) for unit in units.values() if unit.active}
    else:
        found = {str(int(user.id)): (user.unit_id, user.id) for user in people if units[user.unit_id].active}
    return {name: place for name, place in found.items() if place not in busy}


def _people(uow: UnitOfWork) -> tuple[User, ...]:
    return tuple(user for role in POST for user in uow.users.list(role=role.value) if user.active)
