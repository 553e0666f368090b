"""Erases values of sealed fields: one person proposes, another decides; the log keeps both, and no value.

Salt and value are overwritten; the digests in the log stay, so every proof of the log stays valid and shows
nothing. Never opens a value: whoever decides need not read what must go.

For the surfaces (raise NotPermitted, NotFound, InvalidInput, Conflict):
    propose(uow, ProposeErasure, *, actor, now) -> None             the sending agency
    decide(uow, DecideErasure, *, actor, now) -> Erasure            an auditor who did not propose it
    list_erasures(uow, *, actor, is_open) -> tuple[Proposal, ...]   what waits, or what was decided
    get_proposal(uow, identity, *, actor) -> Proposal
"""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import erasure as rules
from app.domain.access import Actor, Permission
from app.domain.consignment import ConsignmentDetails
from app.domain.erasure import Erasure, ErasureOutcome, SealedField
from app.domain.errors import Conflict, ConflictCode, NotFound
from app.domain.ids import ConsignmentCode, UserId
from app.services.items.registration import lock_own
from app.services.items.registration_record import item_line
from app.services.items.sealed_fields import COLUMNS, list_held
from app.services.people.permissions import require
from app.storage.records import User
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeErasure:
    """An untrusted form: names of fields, a reason's code, number and day of the decision on paper."""

    code: ConsignmentCode
    untrusted_fields: tuple[str, ...]
    untrusted_reason: str
    untrusted_decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideErasure:
    """The second person's word."""

    erasure: int
    approve: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An erasure with what a page says around it; no value of any field."""

    erasure: Erasure
    code: ConsignmentCode
    agency: str
    proposer: User
    decider: User | None


def propose(uow: UnitOfWork, command: ProposeErasure, *, actor: Actor, now: datetime) -> None:
    """Ask that values of an item of the actor's own agency be erased; one proposal at a time."""
    require(actor, Permission.PROPOSE_ERASURE)
    consignment = lock_own(uow, command.code, actor=actor)
    details = uow.consignments.get_details(command.code)
    wish = rules.parse_wish(
        command.untrusted_fields,
        command.untrusted_reason,
        command.untrusted_decision,
        present=list_held(details),
    )
    rules.check_erasable(consignment, wish.fields)
    if any(one.is_open for one in uow.erasures.list(consignment.id)):
        raise Conflict(ConflictCode.ERASURE_PENDING)
    uow.erasures.add(consignment.id, wish, proposed_by=actor.user, now=now)
    uow.audit.append(
        EntryDraft(
            kind=EntryKind.ERASURE_PROPOSED,
            facts={
                "actor": int(actor.user),
                "fields": ",".join(wish.fields),
                "reason": wish.reason.value,
                "decision": wish.decision,
            },
            items=(item_line(command.code),),
        )
    )


def decide(uow: UnitOfWork, command: DecideErasure, *, actor: Actor, now: datetime) -> Erasure:
    """Erase the values, or refuse to; either is written once, and into the log."""
    require(actor, Permission.DECIDE_ERASURE)
    found = uow.erasures.find(command.erasure)
    if found is None:
        raise NotFound
    code = uow.consignments.get_code(found.consignment_id)
    consignment = uow.consignments.lock(code)
    # Read again behind the lock: two auditors may press the button at once.
    erasure = uow.erasures.find(command.erasure)
    if consignment is None or erasure is None:
        raise NotFound
    rules.check_decidable(erasure, actor=actor)
    outcome = ErasureOutcome.ERASED if command.approve else ErasureOutcome.REFUSED
    uow.erasures.decide(erasure.id, outcome, decided_by=actor.user, now=now)
    if command.approve:
        rules.check_erasable(consignment, erasure.fields)
        details = uow.consignments.get_details(code)
        uow.consignments.erase(code, [COLUMNS[field] for field in erasure.fields])
        uow.audit.append(_erased(details, erasure, actor))
    else:
        uow.audit.append(_refused(code, erasure, actor))
    return replace(erasure, outcome=outcome, decided_by=actor.user, decided_at=now)


def list_erasures(uow: UnitOfWork, *, actor: Actor, is_open: bool) -> tuple[Proposal, ...]:
    """Return what waits, oldest first, or what was decided last."""
    require(actor, Permission.DECIDE_ERASURE)
    return tuple(_proposal(uow, erasure) for erasure in uow.erasures.list_latest(is_open=is_open))


def get_proposal(uow: UnitOfWork, identity: int, *, actor: Actor) -> Proposal:
    """Return one proposal for those who decide."""
    require(actor, Permission.DECIDE_ERASURE)
    erasure = uow.erasures.find(identity)
    if erasure is None:
        raise NotFound
    return _proposal(uow, erasure)


def list_erasable(details: ConsignmentDetails) -> tuple[SealedField, ...]:
    """Name the fields that could be proposed now; empty where none can."""
    found = []
    for field in list_held(details):
        try:
            rules.check_erasable(details.consignment, (field,))
        except Conflict:
            continue
        found.append(field)
    return tuple(found)


def _proposal(uow: UnitOfWork, erasure: Erasure) -> Proposal:
    details = uow.consignments.get_details(uow.consignments.get_code(erasure.consignment_id))
    consignment = details.consignment
    persons: set[UserId] = {erasure.proposed_by, erasure.decided_by or erasure.proposed_by}
    users = uow.users.list_by_ids(persons)
    return Proposal(
        erasure=erasure,
        code=consignment.code,
        agency=uow.units.list_by_ids({consignment.sender_unit})[consignment.sender_unit].name,
        proposer=users[erasure.proposed_by],
        decider=None if erasure.decided_by is None else users[erasure.decided_by],
    )


def _erased(details: ConsignmentDetails, erasure: Erasure, actor: Actor) -> EntryDraft:
    return EntryDraft(
        kind=EntryKind.FIELD_ERASED,
        facts={
            "actor": int(actor.user),
            "proposer": int(erasure.proposed_by),
            "fields": ",".join(erasure.fields),
            "reason": erasure.reason.value,
            "decision": erasure.decision,
        },
        items=(item_line(details.consignment.code),),
        commitments={field.value: details.commitments[field.value] for field in erasure.fields},
    )


def _refused(code: ConsignmentCode, erasure: Erasure, actor: Actor) -> EntryDraft:
    return EntryDraft(
        kind=EntryKind.ERASURE_REFUSED,
        facts={
            "actor": int(actor.user),
            "proposer": int(erasure.proposed_by),
            "fields": ",".join(erasure.fields),
        },
        items=(item_line(code),),
    )
