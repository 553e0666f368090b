"""Put keys and codes of offices back under their own numbers, step by step, with the seals of envelopes.

That somebody who had one left comes back with the change of that person's account.
"""

from dataclasses import replace
from typing import Final

from app.domain import access_key as rules
from app.domain.access_key import AccessKey, AccessKeyKind, AccessKeyStep, StepTaken
from app.domain.ids import UserId
from app.domain.seal_stock import read_number
from app.services.people.access_keys import KINDS as LOGGED
from app.services.recovery.facts import Said, draft_of, get_person, get_unit
from app.storage.uow import UnitOfWork
from audit.entry import Entry

_STEPS: Final = {kind: step for step, kind in LOGGED.items()}
KINDS: Final = frozenset(_STEPS)


def act_again(uow: UnitOfWork, entry: Entry) -> None:
    """Do again what an entry of these kinds says was done."""
    said, step = Said(entry=entry), _STEPS[entry.kind]
    identity, at = said.number("access_key"), said.moment("acted_at") or entry.at
    if step is AccessKeyStep.REGISTERED:
        after = _register(uow, said, entry)
    else:
        before = uow.access_keys.lock(identity)
        if before is None or before.retired_at is not None:
            raise said.differs("is of a key that the database does not know, or that is retired")
        after = _after(before, step, said, entry)
        uow.access_keys.save(after)
    if step in {AccessKeyStep.REGISTERED, AccessKeyStep.CHANGED}:
        _spend(uow, said, after, entry)
    partner = None
    if step is not AccessKeyStep.REGISTERED:
        partner = get_person(uow, said, UserId(said.number("partner"))).id
    taken = StepTaken(step=step, round=after.round, user=said.actor(), partner=partner, at=at)
    uow.access_keys.add_step(after, taken)
    uow.audit.append(draft_of(entry))


def _register(uow: UnitOfWork, said: Said, entry: Entry) -> AccessKey:
    at, due = said.moment("acted_at") or entry.at, said.moment("due")
    if due is None or uow.access_keys.find(said.number("access_key")) is not None:
        raise said.differs("registers a key without the day it is due, or one that is there already")
    holder = get_person(uow, said, said.actor()).id
    key = AccessKey(
        id=said.number("access_key"),
        unit=get_unit(uow, said, said.text("unit")).id,
        kind=AccessKeyKind(said.text("access_key_kind")),
        name=said.text("name"),
        seal=said.text("seal"),
        holder=holder,
        round=1,
        registered_by=holder,
        registered_at=at,
        changed_at=at,
        due_at=due,
    )
    uow.access_keys.put_back(key)
    return key


def _after(before: AccessKey, step: AccessKeyStep, said: Said, entry: Entry) -> AccessKey:
    at = said.moment("acted_at") or entry.at
    if step is AccessKeyStep.HANDED:
        return replace(before, holder=UserId(said.number("partner")))
    if step is AccessKeyStep.RETIRED:
        return replace(before, retired_at=at)
    # The day that the entry says, whatever the table of periods says today.
    after = rules.changed(before, holder=said.actor(), at=at, seal=said.text("seal"))
    return replace(after, due_at=said.moment("due") or after.due_at)


def _spend(uow: UnitOfWork, said: Said, key: AccessKey, entry: Entry) -> None:
    if not key.seal:
        return
    seal = read_number(key.seal)
    issue = uow.seals.find_issue(seal)
    if seal is None or issue is None:
        raise said.differs("seals a copy with a number that the database does not know")
    if not uow.access_keys.spend_seal(seal, issue, key, now=said.moment("acted_at") or entry.at):
        raise said.differs("seals a copy with a number that was used before")
