"""Withdraw a muster: it ends without a result, and whoever owed it a count is shown again what they hold.

Its opener may, with a reason; once it has been open for longer than the table of the day allows, another
auditor too. What was frozen is shown to nobody even then: the next muster may freeze the same. Rules:
:mod:`app.domain.muster`.

For the surfaces (raise NotPermitted, NotFound, Conflict, InvalidInput):
    withdraw(uow, WithdrawMuster, *, actor, now, tools) -> Muster
    find_terms(uow, code, *, actor, now, tools) -> WithdrawalTerms     for the page's button
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain import muster as rules
from app.domain.access import Actor, Permission, Role
from app.domain.errors import Conflict, InvalidInput, NotFound, ProblemCode
from app.domain.muster import Muster, MusterStep, Withdrawal, WithdrawalReason
from app.services.people.permissions import require
from app.services.tools import Tools
from app.storage.uow import UnitOfWork
from audit.entry import EntryDraft
from audit.kinds import EntryKind
from crypto.timestamps import format_at


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawMuster:
    """An untrusted form: the muster's code, and why it ends."""

    untrusted_muster: str
    untrusted_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalTerms:
    """Whether this person may withdraw it now, and from when another auditor may than its opener.

    `is_sample`: nobody ordered the days.
    """

    may_withdraw: bool
    others_from_at: datetime
    is_sample: bool


def withdraw(
    uow: UnitOfWork, command: WithdrawMuster, *, actor: Actor, now: datetime, tools: Tools
) -> Muster:
    """End a muster without a result."""
    require(actor, Permission.OPEN_MUSTER)
    # A closing and a count take the same lock, so that one of them comes first and the others learn of it.
    muster = uow.musters.lock(command.untrusted_muster[:64])
    if muster is None or not _may_know(muster, actor):
        raise NotFound
    rules.check_withdrawal(muster, actor, now=now, after=tools.incident_standards.at(now).muster_open)
    reason = next((one for one in WithdrawalReason if one.value == command.untrusted_reason), None)
    if reason is None:
        raise InvalidInput("reason", ProblemCode.NOT_A_CHOICE)
    return record(uow, muster, Withdrawal(by=actor.user, at=now, reason=reason))


def record(uow: UnitOfWork, muster: Muster, withdrawal: Withdrawal) -> Muster:
    """Write a withdrawal of a locked muster that was decided, and its entry."""
    withdrawn = rules.withdraw(muster, withdrawal)
    uow.musters.save(withdrawn)
    entry = uow.audit.append(
        EntryDraft(
            kind=EntryKind.MUSTER_WITHDRAWN,
            facts={
                "actor": int(withdrawal.by),
                "muster": muster.code,
                "reason": withdrawal.reason.value,
                "withdrawn_at": format_at(withdrawal.at),
            },
        )
    )
    uow.musters.bind(withdrawn, MusterStep.WITHDRAWN, entry, user=withdrawal.by)
    return withdrawn


def find_terms(uow: UnitOfWork, code: str, *, actor: Actor, now: datetime, tools: Tools) -> WithdrawalTerms:
    """Tell whether this person may withdraw it now, and from when an auditor may."""
    require(actor, Permission.VIEW_MUSTER)
    muster = uow.musters.find(code[:64])
    if muster is None or not _may_know(muster, actor):
        raise NotFound
    standard = tools.incident_standards.at(now)
    try:
        rules.check_withdrawal(muster, actor, now=now, after=standard.muster_open)
    except Conflict:
        may_withdraw = False
    else:
        may_withdraw = True
    return WithdrawalTerms(
        may_withdraw=may_withdraw,
        others_from_at=muster.opened_at + standard.muster_open,
        is_sample=standard.sample,
    )


def _may_know(muster: Muster, actor: Actor) -> bool:
    return actor.role is Role.AUDITOR or muster.unit == actor.unit
