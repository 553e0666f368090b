"""Rule on keys of rooms, safes and cages and on the codes that open them: who has one, when it is changed.

A key is a thing; a combination or an override is something people know. The house keeps the name of each, its
holder and the seal of the envelope with a copy, and never what opens the lock. It is changed every so many
months, and at once when somebody who had or knew it leaves the office or the post. To hand, change or retire
one takes two persons of the office, both there at that moment. Nothing here may look anything up or read a
clock. A signing key of the log is another thing (`key_rotated`).
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from app.domain.access import POST, Actor, Role
from app.domain.dated import EVER, SAMPLE_VERSION, in_force
from app.domain.errors import Conflict, ConflictCode, NotFound
from app.domain.ids import UnitId, UserId
from app.domain.register import VIETNAM

LONGEST_NAME: Final = 80
# A name of a place has a number or two; four digits together, or three numbers, read like a code.
_READS_LIKE_A_CODE: Final = re.compile(r"(\d[^\w\d]*){4}|\d+\D+\d+\D+\d")


class AccessKeyKind(StrEnum):
    """What it is."""

    KEY = "key"
    COMBINATION = "combination"
    OVERRIDE = "override"


class AccessKeyState(StrEnum):
    """How it stands: in order, to be changed because its time is up or because somebody left, or retired."""

    IN_ORDER = "in_order"
    OVERDUE = "overdue"
    STAFF_LEFT = "staff_left"
    RETIRED = "retired"


class AccessKeyStep(StrEnum):
    """What happened to it; `left` follows from a change of somebody's account and is no entry of its own."""

    REGISTERED = "registered"
    HANDED = "handed"
    CHANGED = "changed"
    LEFT = "left"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTerm:
    """After how many months what opens a lock is changed, from when on, and who says so."""

    version: int
    valid_from_at: datetime
    months: int
    source: str


# No Vietnamese text that is public states the period; this is the practice of registered mail, as a sample.
CHANGE_TERMS: Final = (
    ChangeTerm(
        version=SAMPLE_VERSION,
        valid_from_at=EVER,
        months=6,
        source="mẫu, chưa được cơ quan có thẩm quyền xác nhận",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey:
    """One key or code as it stands. `round` counts its changes: who knew an older one does not matter."""

    id: int
    unit: UnitId
    kind: AccessKeyKind
    name: str
    seal: str
    holder: UserId
    round: int
    registered_by: UserId
    registered_at: datetime
    changed_at: datetime
    due_at: datetime
    staff_left_at: datetime | None = None
    retired_at: datetime | None = None

    def state(self, now: datetime) -> AccessKeyState:
        """Tell how it stands; that somebody left weighs more than a period."""
        if self.retired_at is not None:
            return AccessKeyState.RETIRED
        if self.staff_left_at is not None:
            return AccessKeyState.STAFF_LEFT
        return AccessKeyState.OVERDUE if self.due_at <= now else AccessKeyState.IN_ORDER


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """One step: who did it, with whom, in which round."""

    step: AccessKeyStep
    round: int
    user: UserId
    partner: UserId | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """The second person: their unit and role now, and whether they proved just now that they are there."""

    user: UserId
    unit: UnitId
    role: Role
    active: bool
    present: bool


def due_after(changed_at: datetime) -> datetime:
    """Return when what was changed at a time is to be changed again: the same day so many months later."""
    months = in_force(CHANGE_TERMS, changed_at).months
    local = changed_at.astimezone(VIETNAM)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(changed_at.tzinfo)


def names_a_combination(name: str) -> bool:
    """Tell whether a name reads as if it gave away what opens the lock."""
    return _READS_LIKE_A_CODE.search(name) is not None


def find_knowers(key: AccessKey, steps: Iterable[StepTaken]) -> frozenset[UserId]:
    """Return who had or knows it as it is now: every holder of this round, and of a code who set it too."""
    known: set[UserId] = set()
    for one in steps:
        if one.round != key.round:
            continue
        if one.step in {AccessKeyStep.REGISTERED, AccessKeyStep.CHANGED}:
            known.add(one.user)
        is_told = one.step is AccessKeyStep.HANDED or (
            one.step is AccessKeyStep.CHANGED and key.kind is not AccessKeyKind.KEY
        )
        if is_told and one.partner is not None:
            known.add(one.partner)
    return frozenset(known)


def belongs(*, unit: UnitId, role: Role, active: bool, office: UnitId) -> bool:
    """Tell whether such an account may have a key or code of this office."""
    return active and unit == office and role in POST


def hand(key: AccessKey, *, actor: Actor, second: Second) -> AccessKey:
    """Return it with its taker; raises Conflict where the actor does not hold it or the taker may not."""
    _check(key, actor=actor, second=second)
    if key.holder != actor.user:
        raise Conflict(ConflictCode.ACCESS_KEY_NOT_HELD)
    return replace(key, holder=second.user)


def change(key: AccessKey, *, actor: Actor, second: Second, now: datetime, seal: str) -> AccessKey:
    """Return it changed: the actor has the new one, its copy lies under `seal`, and the period begins anew.

    Any two persons of the office change it: a holder who left cannot be asked.
    """
    _check(key, actor=actor, second=second)
    return changed(key, holder=actor.user, at=now, seal=seal)


def changed(key: AccessKey, *, holder: UserId, at: datetime, seal: str) -> AccessKey:
    """Return it as it stands after a change that was decided."""
    return replace(
        key,
        holder=holder,
        seal=seal,
        round=key.round + 1,
        changed_at=at,
        due_at=due_after(at),
        staff_left_at=None,
    )


def retire(key: AccessKey, *, actor: Actor, second: Second, now: datetime) -> AccessKey:
    """Return it taken out of use for good."""
    _check(key, actor=actor, second=second)
    return replace(key, retired_at=now)


def _check(key: AccessKey, *, actor: Actor, second: Second) -> None:
    if actor.unit != key.unit or actor.role not in POST:
        raise NotFound
    if key.retired_at is not None:
        raise Conflict(ConflictCode.ACCESS_KEY_RETIRED)
    fits = belongs(unit=second.unit, role=second.role, active=second.active, office=key.unit)
    if not fits or second.user == actor.user:
        raise Conflict(ConflictCode.SECOND_NOT_ALLOWED)
    if not second.present:
        raise Conflict(ConflictCode.SECOND_NOT_PRESENT)
