"""Keep the register of keys and codes of offices: who has which, handed, changed and retired by two persons.

Whoever registers one has it in hand. The second person of each further step proves that they are there by a
ticket (:mod:`app.services.scans.presence`) for :func:`subject_of`. Rules: :mod:`app.domain.access_key`.
Nothing here may be told what opens a lock.

For the surfaces (raise NotPermitted, NotFound, InvalidInput, Conflict):
    register(uow, RegisterAccessKey, *, actor, now) -> AccessKey
    hand(uow, StepAccessKey, *, actor, now) -> AccessKey             to the second person
    change(uow, StepAccessKey, *, actor, now) -> AccessKey           the actor has the new one
    retire(uow, StepAccessKey, *, actor, now) -> AccessKey
For other use cases:
    note_departure(uow, before, after, *, now) -> None               inside the change of an account
Fields of the untrusted form: `name`, `kind`, `seal` (of the envelope with a copy, "" without one).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import access_key as rules
from app.domain.access import Actor, Permission, Role
from app.domain.access_key import LONGEST_NAME, AccessKey, AccessKeyKind, AccessKeyStep, Second, StepTaken
from app.domain.errors import InvalidInput, NotFound, ProblemCode
from app.domain.ids import UnitId, UserId
from app.domain.seal import LONGEST_SEAL
from app.domain.seal_stock import Issue, SealNumber, read_number
from app.services.fields import Fields
from app.services.people.permissions import require
from app.services.scans.presence import use_ticket
from app.storage.records import User
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.canonical import JsonValue
from crypto.timestamps import format_at

_FIELDS = frozenset({"name", "kind", "seal"})
KINDS = {
    AccessKeyStep.REGISTERED: EntryKind.ACCESS_KEY_REGISTERED,
    AccessKeyStep.HANDED: EntryKind.ACCESS_KEY_HANDED,
    AccessKeyStep.CHANGED: EntryKind.ACCESS_KEY_CHANGED,
    AccessKeyStep.RETIRED: EntryKind.ACCESS_KEY_RETIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAccessKey:
    """An untrusted form; see the module."""

    untrusted: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAccessKey:
    """Which key, the second person and the nonce of their ticket; the envelope's new seal, untrusted."""

    access_key: int
    second: UserId
    nonce: str
    untrusted_seal: str = ""


def subject_of(access_key: int) -> str:
    """Return what the ticket of a second person is for."""
    return f"access-key-{access_key}"


def register(uow: UnitOfWork, command: RegisterAccessKey, *, actor: Actor, now: datetime) -> AccessKey:
    """Enter a key or code of the actor's office, which the actor has in hand."""
    require(actor, Permission.KEEP_ACCESS_KEY)
    fields = Fields(untrusted=command.untrusted)
    fields.refuse_unknown(_FIELDS)
    name = fields.line("name", longest=LONGEST_NAME, required=True)
    if rules.names_a_combination(name):
        fields.refuse("name", ProblemCode.SHOWS_COMBINATION)
    kind = _read_kind(fields)
    spent = _read_seal(uow, fields, office=actor.unit)
    fields.raise_problems()
    key = uow.access_keys.add(
        AccessKey(
            id=0,
            unit=actor.unit,
            kind=kind,
            name=name,
            seal="" if spent is None else spent[0].key,
            holder=actor.user,
            round=1,
            registered_by=actor.user,
            registered_at=now,
            changed_at=now,
            due_at=rules.due_after(now),
        )
    )
    _spend(uow, spent, key, now=now)
    step = StepTaken(step=AccessKeyStep.REGISTERED, round=1, user=actor.user, partner=None, at=now)
    uow.access_keys.add_step(key, step)
    _log(
        uow,
        key,
        step,
        {
            "unit": uow.units.get(key.unit).code,
            "access_key_kind": key.kind.value,
            "name": key.name,
            "seal": key.seal,
            "due": format_at(key.due_at),
        },
    )
    return key


def hand(uow: UnitOfWork, command: StepAccessKey, *, actor: Actor, now: datetime) -> AccessKey:
    """Give it to the second person, who is there."""
    before = _lock(uow, command, actor)
    after = rules.hand(before, actor=actor, second=_second(uow, command, actor, now))
    _take(uow, after, AccessKeyStep.HANDED, actor=actor, partner=command.second, now=now)
    return after


def change(uow: UnitOfWork, command: StepAccessKey, *, actor: Actor, now: datetime) -> AccessKey:
    """Record that lock or code was changed before the second person; the period begins anew."""
    before = _lock(uow, command, actor)
    second = _second(uow, command, actor, now)
    fields = Fields(untrusted={"seal": command.untrusted_seal})
    spent = _read_seal(uow, fields, office=before.unit)
    after = rules.change(
        before, actor=actor, second=second, now=now, seal="" if spent is None else spent[0].key
    )
    fields.raise_problems()
    _spend(uow, spent, after, now=now)
    _take(uow, after, AccessKeyStep.CHANGED, actor=actor, partner=command.second, now=now)
    return after


def retire(uow: UnitOfWork, command: StepAccessKey, *, actor: Actor, now: datetime) -> AccessKey:
    """Take it out of use for good, before the second person."""
    before = _lock(uow, command, actor)
    after = rules.retire(before, actor=actor, second=_second(uow, command, actor, now), now=now)
    _take(uow, after, AccessKeyStep.RETIRED, actor=actor, partner=command.second, now=now)
    return after


def note_departure(uow: UnitOfWork, before: User, after: User, *, now: datetime) -> None:
    """Call for a change of every key and code that somebody had or knows who leaves its office."""
    for identity in uow.access_keys.list_touched(before.id):
        key = uow.access_keys.lock(identity)
        if key is None or key.retired_at is not None or not _was_there(before, key):
            continue
        stays = rules.belongs(unit=after.unit_id, role=Role(after.role), active=after.active, office=key.unit)
        if stays or before.id not in rules.find_knowers(key, uow.access_keys.list_steps([key.id])[key.id]):
            continue
        uow.access_keys.save(replace(key, staff_left_at=key.staff_left_at or now))
        step = StepTaken(step=AccessKeyStep.LEFT, round=key.round, user=before.id, partner=None, at=now)
        uow.access_keys.add_step(key, step)


def _was_there(before: User, key: AccessKey) -> bool:
    return rules.belongs(unit=before.unit_id, role=Role(before.role), active=before.active, office=key.unit)


def _lock(uow: UnitOfWork, command: StepAccessKey, actor: Actor) -> AccessKey:
    require(actor, Permission.KEEP_ACCESS_KEY)
    key = uow.access_keys.lock(command.access_key)
    if key is None or key.unit != actor.unit:
        raise NotFound
    return key


def _second(uow: UnitOfWork, command: StepAccessKey, actor: Actor, now: datetime) -> Second:
    user = uow.users.find(command.second)
    if user is None:
        return Second(
            user=command.second, unit=UnitId(0), role=Role.MINISTRY_READER, active=False, present=False
        )
    present = use_ticket(
        uow, command.nonce, subject_of(command.access_key), pair=(actor.user, user.id), now=now
    )
    return Second(user=user.id, unit=user.unit_id, role=Role(user.role), active=user.active, present=present)


def _take(
    uow: UnitOfWork, after: AccessKey, step: AccessKeyStep, *, actor: Actor, partner: UserId, now: datetime
) -> None:
    uow.access_keys.save(after)
    taken = StepTaken(step=step, round=after.round, user=actor.user, partner=partner, at=now)
    uow.access_keys.add_step(after, taken)
    is_change = step is AccessKeyStep.CHANGED
    _log(uow, after, taken, {"seal": after.seal, "due": format_at(after.due_at)} if is_change else {})


def _log(uow: UnitOfWork, key: AccessKey, step: StepTaken, said: Mapping[str, JsonValue]) -> None:
    facts: dict[str, JsonValue] = {
        "actor": int(step.user),
        "access_key": key.id,
        "acted_at": format_at(step.at),
        **said,
    }
    if step.partner is not None:
        facts["partner"] = int(step.partner)
    uow.audit.append(EntryDraft(kind=KINDS[step.step], facts=facts))


def _read_kind(fields: Fields) -> AccessKeyKind:
    try:
        return AccessKeyKind(fields.untrusted.get("kind", ""))
    except ValueError:
        fields.refuse("kind", ProblemCode.NOT_A_CHOICE)
        return AccessKeyKind.KEY


def _read_seal(uow: UnitOfWork, fields: Fields, *, office: UnitId) -> tuple[SealNumber, Issue] | None:
    """Read the seal of an envelope: one of the office's stock, so that nothing else can be written here."""
    text = fields.line("seal", longest=LONGEST_SEAL)
    seal = read_number(text) if text else None
    found = uow.seals.find_issue(seal)
    if seal is None or found is None or found.unit != office:
        if text:
            fields.refuse("seal", ProblemCode.NOT_IN_STOCK)
        return None
    if uow.seals.is_gone(seal.key):
        fields.refuse("seal", ProblemCode.SEAL_GONE)
        return None
    return seal, found


def _spend(uow: UnitOfWork, spent: tuple[SealNumber, Issue] | None, key: AccessKey, *, now: datetime) -> None:
    if spent is not None and not uow.access_keys.spend_seal(*spent, key, now=now):
        raise InvalidInput("seal", ProblemCode.SEAL_GONE)
