"""Publishes versions of the handover policy: by an administrator, from a paper, from a day still to come.

As with the service standard (ADR 0009), no version is changed or reaches back and each is an entry with its
whole table, so one person is enough: whoever relaxes a demand cannot clean a single past handover, and is
seen by everybody before it counts.

For the surfaces:
    publish(uow, PublishPolicy, *, actor, now) -> HandoverPolicy
    list_policies(uow, *, actor) -> tuple[HandoverPolicy, ...]       newest first, the sample last
    find_in_force(uow, at) -> HandoverPolicy                         for the rules of a handover
    form_of(policy) -> dict[str, str]                                the form that would publish it again
Field names of the untrusted form: `source`, `valid_from`, and one for each cell, `yes` or `no`:
`possession.A`, `witness.none`, ...
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.access import Actor, Permission
from app.domain.errors import Conflict, ConflictCode, ProblemCode
from app.domain.grades import Secrecy
from app.domain.handover_policy import Demand, HandoverPolicy, to_table, with_sample
from app.services.dated_tables import published_facts, read_source, read_valid_from
from app.services.fields import Fields
from app.services.people.permissions import require
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPolicy:
    """An untrusted form of a whole table; see the module."""

    untrusted: Mapping[str, str]


def publish(uow: UnitOfWork, command: PublishPolicy, *, actor: Actor, now: datetime) -> HandoverPolicy:
    """Publish the next version; raises InvalidInput with every cell that is wrong, Conflict for its date."""
    require(actor, Permission.MANAGE_POLICY)
    earlier = uow.policies.list()
    policy = _read(command.untrusted, version=uow.policies.next_version(), now=now)
    if earlier and policy.valid_from_at <= earlier[0].valid_from_at:
        raise Conflict(ConflictCode.POLICY_NOT_LATER)
    uow.policies.add(policy, published_by=actor.user, now=now)
    facts = published_facts(policy, to_table(policy), actor=actor)
    uow.audit.append(EntryDraft(kind=EntryKind.POLICY_PUBLISHED, facts=facts))
    return policy


def list_policies(uow: UnitOfWork, *, actor: Actor) -> tuple[HandoverPolicy, ...]:
    """Return every version, newest first, the sample last."""
    require(actor, Permission.VIEW_POLICY)
    return with_sample(uow.policies.list())


def find_in_force(uow: UnitOfWork, at: datetime) -> HandoverPolicy:
    """Return the version in force at a time of the log, read once for all scans of a transaction."""
    return uow.policies.find_in_force(at)


def form_of(policy: HandoverPolicy) -> dict[str, str]:
    """Fill in the form with the values of a version, for a person who changes a few of them."""
    cells = {
        f"{demand}.{secrecy}": YES if policy.asks(demand, secrecy) else NO
        for secrecy in Secrecy
        for demand in Demand
    }
    return {"source": "", "valid_from": "", **cells}


def _read(untrusted: Mapping[str, str], *, version: int, now: datetime) -> HandoverPolicy:
    fields = Fields(untrusted=untrusted)
    fields.refuse_unknown(_FORM)
    policy = HandoverPolicy(
        version=version,
        valid_from_at=read_valid_from(fields, now),
        source=read_source(fields),
        demands={
            secrecy: frozenset(demand for demand in Demand if _asks(fields, f"{demand}.{secrecy}"))
            for secrecy in Secrecy
        },
    )
    fields.raise_problems()
    return policy


def _asks(fields: Fields, name: str) -> bool:
    """Read one cell: what is left out is a problem, for it would silently mean no."""
    value = fields.untrusted.get(name, "")
    if value not in {YES, NO}:
        fields.refuse(name, ProblemCode.NOT_A_CHOICE if value else ProblemCode.REQUIRED)
    return value == YES


_FORM: Final = frozenset({"source", "valid_from"}).union(
    f"{demand}.{secrecy}" for demand in Demand for secrecy in Secrecy
)
