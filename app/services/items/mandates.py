"""Says who receives for a unit, from when until when: the unit's own list, and its people's delegations.

For the surfaces (raise NotPermitted, NotFound, InvalidInput, Conflict):
    grant(uow, GrantMandate, *, actor, now) -> int         a focal point, for the own unit
    revoke(uow, identity, *, actor, now) -> None
    list_mandates(uow, *, actor, now) -> tuple[ShownMandate, ...]
For the scan:
    receiving(uow, unit, user, *, now) -> Receiving
Fields of the untrusted form: `user` (number of the account), `kind`, `opens_named`, `basis`, `valid_from`,
`valid_until`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import mandate as rules
from app.domain.access import Actor, Permission, Role
from app.domain.errors import NotFound, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.mandate import Mandate, MandateKind, Receiving, receiving_of
from app.domain.validity import Validity
from app.services.fields import Fields
from app.services.people.permissions import require
from app.storage.records import User
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.timestamps import format_at

LONGEST_BASIS = 120
FIELDS = frozenset({"user", "kind", "opens_named", "basis", "valid_from", "valid_until"})


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMandate:
    """An untrusted form; see the module."""

    untrusted: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMandate:
    """A mandate with the names around it."""

    mandate: Mandate
    state: Validity
    user: User
    granted_by: User


def grant(uow: UnitOfWork, command: GrantMandate, *, actor: Actor, now: datetime) -> int:
    """Write a mandate for a person of the actor's own unit, and its entry."""
    require(actor, Permission.MANAGE_RECEIVERS)
    mandate = _read(uow, command.untrusted, actor=actor, now=now)
    identity = uow.mandates.add(mandate)
    unit = uow.units.list_by_ids({actor.unit})[actor.unit]
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.MANDATE_GRANTED,
            facts={
                "actor": int(actor.user),
                "mandate": identity,
                "unit": unit.code,
                "user": int(mandate.user),
                "mandate_kind": mandate.kind.value,
                "opens_named": mandate.opens_named,
                "basis": mandate.basis,
                "valid_from": format_at(mandate.valid_from_at),
                "valid_until": format_at(mandate.valid_until_at),
            },
        )
    )
    return identity


def revoke(uow: UnitOfWork, identity: int, *, actor: Actor, now: datetime) -> None:
    """End a mandate of the own unit before its time."""
    require(actor, Permission.MANAGE_RECEIVERS)
    mandate = uow.mandates.find(identity)
    if mandate is None:
        raise NotFound
    rules.check_revocable(mandate, actor=actor)
    uow.mandates.revoke(replace(mandate, revoked_by=actor.user, revoked_at=now))
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.MANDATE_REVOKED, facts={"actor": int(actor.user), "mandate": int(mandate.id)}
        )
    )


def list_mandates(uow: UnitOfWork, *, actor: Actor, now: datetime) -> tuple[ShownMandate, ...]:
    """Return the mandates of the own unit, newest first."""
    require(actor, Permission.MANAGE_RECEIVERS)
    found = rules.newest_first(uow.mandates.list_of_unit(actor.unit))
    people: set[UserId] = {user for one in found for user in (one.user, one.granted_by)}
    users = uow.users.list_by_ids(people) if people else {}
    return tuple(
        ShownMandate(
            mandate=one, state=one.state(now), user=users[one.user], granted_by=users[one.granted_by]
        )
        for one in found
    )


def list_colleagues(uow: UnitOfWork, *, actor: Actor) -> tuple[User, ...]:
    """Return the active people of the own unit, to choose from."""
    require(actor, Permission.MANAGE_RECEIVERS)
    return tuple(user for user in uow.users.list(unit=actor.unit) if user.active)


def receiving(uow: UnitOfWork, unit: UnitId, user: UserId, *, now: datetime) -> Receiving:
    """Return what a unit's mandates say of one person now."""
    return receiving_of(uow.mandates.list_of_unit(unit), user, now=now)


def _read(uow: UnitOfWork, untrusted: Mapping[str, str], *, actor: Actor, now: datetime) -> Mandate:
    fields = Fields(untrusted=untrusted)
    fields.refuse_unknown(FIELDS)
    person = uow.users.find(UserId(fields.count("user", default=0)))
    known = person is not None and person.active and person.unit_id == actor.unit
    kind = next((one for one in MandateKind if one.value == untrusted.get("kind", "")), None)
    if kind is None:
        fields.refuse("kind", ProblemCode.NOT_A_CHOICE)
    since, until = fields.moment("valid_from"), fields.moment("valid_until")
    if until is None and not untrusted.get("valid_until", "").strip():
        fields.refuse("valid_until", ProblemCode.REQUIRED)
    mandate = Mandate(
        id=0,
        unit=actor.unit,
        user=UserId(0) if person is None else person.id,
        kind=kind or MandateKind.RECEIVER,
        opens_named=fields.flag("opens_named"),
        basis=fields.line("basis", longest=LONGEST_BASIS, required=True),
        valid_from_at=since or now,
        valid_until_at=until or now,
        granted_by=actor.user,
        granted_at=now,
    )
    role = Role(person.role) if known and person is not None else None
    named = {problem.field for problem in fields.problems}
    judged = rules.grant_problems(mandate, grantor=actor, role=role, now=now)
    fields.problems.extend(problem for problem in judged if problem.field not in named)
    fields.raise_problems()
    return mandate
