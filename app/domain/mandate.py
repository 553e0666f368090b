"""Rule on who may receive for a unit besides, or instead of, every focal point: dated lists and delegations.

A unit may keep a list of authorised receivers; then only listed focal points receive. A delegation lets a
colleague of the same unit receive who by role could not. Either holds from a time to a time and may be
revoked. A delegation opens an item for a named person only if that very person gave it and it says so.
Nothing here may look anything up or read a clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.access import Actor, Permission, Role, may
from app.domain.errors import Conflict, ConflictCode, NotFound, Problem, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.validity import Validity, period_problems, validity_of


class MandateKind(StrEnum):
    """A line of the unit's list of receivers, or one person's word for a colleague."""

    RECEIVER = "receiver"
    DELEGATE = "delegate"


class Standing(StrEnum):
    """What the mandates on file say of one person who wants to receive for the unit."""

    BY_ROLE = "by_role"
    VALID = "valid"
    UNLISTED = "unlisted"
    EXPIRED = "expired"
    FUTURE = "future"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """One mandate; `opens_named` lets a delegate take what is for `granted_by` by name."""

    id: int
    unit: UnitId
    user: UserId
    kind: MandateKind
    opens_named: bool
    basis: str
    valid_from_at: datetime
    valid_until_at: datetime
    granted_by: UserId
    granted_at: datetime
    revoked_by: UserId | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> Validity:
        """Tell how it stands; the last moment no longer counts."""
        return validity_of(self.valid_from_at, self.valid_until_at, revoked_at=self.revoked_at, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving:
    """What a take at the last door asks of the mandates: the standing, and whose named items are opened."""

    standing: Standing = Standing.BY_ROLE
    opens_for: frozenset[UserId] = frozenset()


def receiving_of(mandates: Iterable[Mandate], user: UserId, *, now: datetime) -> Receiving:
    """Sum up a unit's mandates for one person: a valid one is enough; then dates, then the unit's list."""
    listed = [one for one in mandates if one.revoked_at is None]
    own = [one for one in listed if one.user == user]
    states = {one.state(now) for one in own}
    if Validity.VALID in states:
        opened = {one.granted_by for one in own if one.opens_named and one.state(now) is Validity.VALID}
        return Receiving(standing=Standing.VALID, opens_for=frozenset(opened))
    if Validity.EXPIRED in states:
        return Receiving(standing=Standing.EXPIRED)
    if Validity.FUTURE in states:
        return Receiving(standing=Standing.FUTURE)
    keeps_list = any(one.kind is MandateKind.RECEIVER for one in listed)
    return Receiving(standing=Standing.UNLISTED if keeps_list else Standing.BY_ROLE)


def grant_problems(
    mandate: Mandate, *, grantor: Actor, role: Role | None, now: datetime
) -> tuple[Problem, ...]:
    """List what is wrong with a new mandate; `role` is the person's, None for nobody of the unit."""
    problems: list[Problem] = []
    is_receiver = mandate.kind is MandateKind.RECEIVER
    if role is None or not may(role, Permission.SCAN) or (is_receiver and role is not Role.FOCAL_POINT):
        problems.append(Problem(field="user", code=ProblemCode.UNKNOWN_USER))
    elif not is_receiver and mandate.user == grantor.user:
        problems.append(Problem(field="user", code=ProblemCode.NOT_A_CHOICE))
    if is_receiver and mandate.opens_named:
        problems.append(Problem(field="opens_named", code=ProblemCode.NOT_A_CHOICE))
    problems += period_problems(mandate.valid_from_at, mandate.valid_until_at, now=now)
    return tuple(problems)


def check_revocable(mandate: Mandate, *, actor: Actor) -> None:
    """Allow a revocation by the unit; raises NotFound for others, Conflict for what is revoked."""
    if mandate.unit != actor.unit:
        raise NotFound
    if mandate.revoked_at is not None:
        raise Conflict(ConflictCode.MANDATE_REVOKED)


def newest_first(mandates: Sequence[Mandate]) -> tuple[Mandate, ...]:
    """Order a unit's mandates for its page."""
    return tuple(sorted(mandates, key=lambda one: one.id, reverse=True))
